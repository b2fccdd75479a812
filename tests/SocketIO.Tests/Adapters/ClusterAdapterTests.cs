using System.Text;

using LiveRobot.Testing;

using SocketIO.Adapters;

namespace SocketIO.Tests.Adapters;

public sealed class ClusterAdapterTests : AdapterTests
{
    private readonly LoopbackCluster _cluster = new();

    protected override int Nodes => 3;

    protected override IAdapter CreateAdapter() => _cluster.CreateNode();

    [Fact]
    public async Task A_node_that_does_not_answer_is_told_by_the_list_of_sockets_and_missing_among_answers()
    {
        var cluster = new LoopbackCluster();
        await using var node = await TestServer.StartAsync(adapter: cluster.CreateNode());
        await using var other = await TestServer.StartAsync(adapter: cluster.CreateNode());
        using var client = await WebSocketTests.ConnectAsync(node);
        var isHeard = false;
        (await node.SocketAsync()).On("heard", _ => Volatile.Write(ref isHeard, true));
        cluster.IsCut = true;

        var listing = node.Server.Root.ToAll().FetchSocketsAsync();
        var asking = node.Server.Root.ToAll().AskAsync(EventMessage.Create("m"), TimeSpan.FromSeconds(1));
        Assert.Equal("""420["m"]""", await client.ReceiveTextAsync());
        await client.SendTextAsync("430[1]");
        await client.SendTextAsync("""42["heard"]""");
        await Eventually.TrueAsync(() => Volatile.Read(ref isHeard));
        node.Clock.Advance(TimeSpan.FromSeconds(6));

        Assert.Contains("1 nodes did not", (await Assert.ThrowsAsync<TimeoutException>(() => listing)).Message, StringComparison.Ordinal);
        Assert.Single(await asking);
    }

    [Fact]
    public async Task A_node_that_has_died_is_waited_for_no_longer_than_some_heartbeats()
    {
        var cluster = new LoopbackCluster();
        var (adapter, dead) = (cluster.CreateNode(), cluster.CreateNode());
        adapter.RequestTimeout = TimeSpan.FromDays(1);
        await using var node = await TestServer.StartAsync(adapter: adapter);
        await using var third = await TestServer.StartAsync(adapter: cluster.CreateNode());
        await using var killed = await TestServer.StartAsync(adapter: dead);
        using var client = await WebSocketTests.ConnectAsync(third);
        var socket = await third.SocketAsync();
        cluster.Kill(dead);

        var listing = node.Server.Root.ToAll().FetchSocketsAsync();
        await Eventually.TrueAsync(() =>
        {
            node.Clock.Advance(adapter.HeartbeatInterval);
            third.Clock.Advance(adapter.HeartbeatInterval);
            return listing.IsCompleted;
        });

        Assert.Equal([socket.Id], (await listing).Select(listed => listed.Id));
    }

    [Fact]
    public async Task A_broadcast_is_one_message_and_none_while_there_is_no_other_node()
    {
        var cluster = new LoopbackCluster();
        await using var node = await TestServer.StartAsync(adapter: cluster.CreateNode());

        Broadcast(node);
        Assert.Equal(0, cluster.Sent);

        await using (var other = await TestServer.StartAsync(adapter: cluster.CreateNode()))
        {
            Broadcast(node);
            Assert.Equal(3, cluster.Sent);
            await Eventually.TrueAsync(async () => await other.Server.Adapter.CountNodesAsync() == 2);
            Broadcast(other);
            Assert.Equal(6, cluster.Sent);
        }

        // The other node has said that it goes; that it is alone the first one knows by its next heartbeat.
        await Eventually.TrueAsync(async () => await node.Server.Adapter.CountNodesAsync() == 1);
        node.Clock.Advance(TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() =>
        {
            var before = cluster.Sent;
            Broadcast(node);
            return cluster.Sent == before;
        });

        static void Broadcast(TestServer from)
        {
            from.Server.Root.To("a").To("b").Except("c").Emit(EventMessage.Create("m"));
            from.Server.Root.To("a").Join("d");
            from.Server.Root.To("a").Disconnect();
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"from":"x","operation":"fly"}""")]
    [InlineData("""{"from":"x","operation":"broadcast","packet":{"no":"array"}}""")]
    [InlineData("""{"from":"x","operation":"broadcast"}""")]
    [InlineData("""{"from":"x","operation":"join"}""")]
    [InlineData("""{"from":"x","operation":"answer","to":"nobody"}""")]
    [InlineData("""{"from":"x","operation":"broadcast","namespace":"/unknown","packet":["m"]}""")]
    public async Task A_message_that_cannot_be_handled_does_not_end_the_subscription(string message)
    {
        var cluster = new LoopbackCluster();
        await using var node = await TestServer.StartAsync(adapter: cluster.CreateNode());
        using var client = await WebSocketTests.ConnectAsync(node);
        await node.SocketAsync();

        cluster.Send(Encoding.UTF8.GetBytes(message));
        cluster.Send("""{"from":"x","operation":"broadcast","packet":["m",1e2,"\u00fc"]}"""u8.ToArray());

        // The very text of the other node.
        Assert.Equal("""42["m",1e2,"\u00fc"]""", await client.ReceiveTextAsync());
    }

    [Fact]
    public async Task An_adapter_serves_one_server_and_not_before_it_was_started()
    {
        var cluster = new LoopbackCluster();
        var adapter = cluster.CreateNode();
        await using var node = await TestServer.StartAsync(adapter: adapter);

        await Assert.ThrowsAsync<InvalidOperationException>(() => new SocketIOServer(adapter: adapter).StartAsync(TestContext.Current.CancellationToken));
    }
}
