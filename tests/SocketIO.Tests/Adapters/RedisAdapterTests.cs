using LiveRobot.Testing;

using SocketIO.Adapters;
using SocketIO.Redis;

using StackExchange.Redis;

namespace SocketIO.Tests.Adapters;

/// <summary>Two servers of one process on one Redis.</summary>
public sealed class RedisAdapterOnTwoNodesTests(RedisFixture redis) : RedisAdapterTests(redis)
{
    protected override int Nodes => 2;
}

/// <summary>Three of them.</summary>
public sealed class RedisAdapterOnThreeNodesTests(RedisFixture redis) : RedisAdapterTests(redis)
{
    protected override int Nodes => 3;
}

public abstract class RedisAdapterTests(RedisFixture redis) : AdapterTests, IClassFixture<RedisFixture>, IAsyncDisposable
{
    private readonly RedisNodes _cluster = new(redis.Server);

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    protected override IAdapter CreateAdapter() => _cluster.Create();
}

/// <summary>What comes of a Redis, and of nodes on it, that go and come back.</summary>
public sealed class RedisAwayTests : IAsyncLifetime
{
    private RedisServer _redis = null!;
    private RedisNodes _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _cluster = new RedisNodes(_redis);
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task While_Redis_is_gone_a_node_reaches_its_own_sockets_and_when_it_is_back_all()
    {
        await using var node = await TestServer.StartAsync(adapter: _cluster.Create());
        await using var other = await TestServer.StartAsync(adapter: _cluster.Create());
        using var here = await WebSocketTests.ConnectAsync(node);
        using var there = await WebSocketTests.ConnectAsync(other);
        await Task.WhenAll(node.SocketAsync(), other.SocketAsync());

        await _redis.KillAsync();
        node.Server.Root.Emit(EventMessage.Create("here"));
        Assert.Equal("""42["here"]""", await here.ReceiveTextAsync());
        await _redis.StartAgainAsync();

        await ReachesAsync(node, there);
    }

    [Fact]
    public async Task A_node_that_is_started_without_Redis_reaches_its_own_sockets_and_when_it_comes_all()
    {
        await _redis.KillAsync();
        await using var node = await TestServer.StartAsync(adapter: _cluster.Create(openTimeout: TimeSpan.FromMilliseconds(100)));
        await using var other = await TestServer.StartAsync(adapter: _cluster.Create(openTimeout: TimeSpan.FromMilliseconds(100)));
        using var here = await WebSocketTests.ConnectAsync(node);
        using var there = await WebSocketTests.ConnectAsync(other);
        await Task.WhenAll(node.SocketAsync(), other.SocketAsync());
        node.Server.Root.Emit(EventMessage.Create("here"));
        Assert.Equal("""42["here"]""", await here.ReceiveTextAsync());

        await _redis.StartAgainAsync();

        await ReachesAsync(node, there);
    }

    [Fact]
    public async Task A_Redis_that_hangs_holds_nobody_up_and_the_bytes_that_wait_for_it_are_bounded()
    {
        var adapter = _cluster.Create();
        adapter.MaxWaitingBytes = 1_000;
        await using var node = await TestServer.StartAsync(adapter: adapter);
        await using var other = await TestServer.StartAsync(adapter: _cluster.Create());
        using var there = await WebSocketTests.ConnectAsync(other);
        await other.SocketAsync();
        _redis.Freeze();

        for (var i = 0; i < 100; i++)
        {
            node.Server.Root.Emit(EventMessage.Create("m", i));
        }

        _redis.Thaw();
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal($"42[\"m\",{i}]", await there.ReceiveTextAsync());
        }

        // What was beyond the limit is lost, and what comes now is not.
        await ReachesAsync(node, there, skipped: "42[\"m\",");
    }

    [Fact]
    public async Task A_node_that_was_killed_is_waited_for_no_longer_than_some_heartbeats()
    {
        var adapter = _cluster.Create();
        adapter.RequestTimeout = TimeSpan.FromDays(1);
        await using var node = await TestServer.StartAsync(adapter: adapter);
        await using var other = await TestServer.StartAsync(adapter: _cluster.Create());
        await using var killed = await TestServer.StartAsync(adapter: _cluster.Create());
        using var here = await WebSocketTests.ConnectAsync(node);
        using var there = await WebSocketTests.ConnectAsync(other);
        var sockets = await Task.WhenAll(node.SocketAsync(), other.SocketAsync());
        await _cluster.KillLastAsync();
        Assert.Equal(3, await adapter.CountNodesAsync());

        var listing = node.Server.Root.ToAll().FetchSocketsAsync();
        await Eventually.TrueAsync(() =>
        {
            node.Clock.Advance(adapter.HeartbeatInterval);
            other.Clock.Advance(adapter.HeartbeatInterval);
            return listing.IsCompleted;
        });

        Assert.Equal(sockets.Select(socket => socket.Id).Order(), (await listing).Select(socket => socket.Id).Order());
    }

    [Fact]
    public async Task A_broadcast_is_one_publish_and_none_while_there_is_no_other_node()
    {
        await using var node = await TestServer.StartAsync(adapter: _cluster.Create());

        Assert.Equal(0, await PublishesAsync(() => node.Server.Root.To("a").Emit(EventMessage.Create("m"))));

        await using var other = await TestServer.StartAsync(adapter: _cluster.Create());
        using var there = await WebSocketTests.ConnectAsync(other);
        await other.SocketAsync();
        Assert.Equal(1, await PublishesAsync(() => node.Server.Root.Except("a").Emit(EventMessage.Create("m"))));
        Assert.Equal("""42["m"]""", await there.ReceiveTextAsync());
    }

    /// <summary>Counts what Redis was asked to publish. Clocks stand still, so none of it is a heartbeat.</summary>
    private async Task<int> PublishesAsync(Action act)
    {
        var before = await CountAsync();
        act();

        // By the connection that publishes, and so behind it.
        await _cluster.PingAsync();
        return await CountAsync() - before;

        async Task<int> CountAsync() =>
            (await _redis.AskAsync("INFO", "commandstats")).Split('\n').FirstOrDefault(line => line.StartsWith("cmdstat_publish:", StringComparison.Ordinal)) is { } line
                ? int.Parse(line.Split('=', ',')[1], System.Globalization.CultureInfo.InvariantCulture)
                : 0;
    }

    /// <summary>Says something until the client of another node hears it.</summary>
    private static async Task ReachesAsync(TestServer from, WebSockets.Tests.RawWebSocketClient client, string? skipped = null)
    {
        var hearing = HearAsync();
        await Eventually.TrueAsync(() =>
        {
            from.Server.Root.Emit(EventMessage.Create("there"));
            return hearing.IsCompleted;
        });
        Assert.Equal("""42["there"]""", await hearing);

        async Task<string> HearAsync()
        {
            var heard = await client.ReceiveTextAsync();
            while (skipped is not null && heard.StartsWith(skipped, StringComparison.Ordinal))
            {
                heard = await client.ReceiveTextAsync();
            }

            return heard;
        }
    }
}

/// <summary>A Redis for all tests of a class.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    public RedisServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await RedisServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

/// <summary>Adapters on a channel of their own, each with its own connection, as a process has.</summary>
internal sealed class RedisNodes(RedisServer redis) : IAsyncDisposable
{
    private readonly string _channel = $"test-{Guid.NewGuid():N}";
    private readonly List<Task<ConnectionMultiplexer>> _connections = [];

    /// <param name="openTimeout">How long the start waits for Redis, where it does not come.</param>
    public RedisAdapter Create(TimeSpan? openTimeout = null)
    {
        var connecting = ConnectionMultiplexer.ConnectAsync($"{redis.Configuration},abortConnect=false,connectRetry=1,connectTimeout=1000");
        _connections.Add(connecting);
        return new RedisAdapter(() => connecting, _channel) { OpenTimeout = openTimeout ?? TimeSpan.FromSeconds(30) };
    }

    /// <summary>Cuts the node that was made last off, as the death of its process would: it says nothing more.</summary>
    public async Task KillLastAsync()
    {
        var connection = await _connections[^1];
        await Task.Run(() => connection.Close(allowCommandsToComplete: false));
    }

    public async Task PingAsync()
    {
        foreach (var connection in _connections)
        {
            await (await connection).GetDatabase().PingAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
        {
            // Off the library's thread, which its end waits for.
            var connected = await connection;
            await Task.Run(connected.Dispose);
        }
    }
}
