using global::SocketIO;

using LiveRobot.Testing;

namespace LiveRobot.Compatibility.SocketIO;

/// <summary>Connection state recovery with npm's socket.io-client 4, whose connection is cut.</summary>
public sealed class RecoveryTests
{
    [Theory]
    [InlineData("polling")]
    [InlineData("websocket")]
    [InlineData("polling,websocket")]
    public async Task A_client_whose_connection_was_cut_gets_what_it_missed_in_order_and_once(string transports)
    {
        await using var host = await StartAsync();
        await using var network = new DeafNetwork(host.Port);
        await using var client = KnownClients.Start("node 4", transports, $"http://127.0.0.1:{network.Port}");
        var connected = await client.SeeAsync("connect");
        Assert.False(connected[2].GetBoolean());
        await client.SeeAsync("hello");
        await client.AskAsync("join", "room");
        await client.AskAsync("echo", "joined");
        await client.SeeAsync("ack");
        var root = host.Server.Root;
        root.To("room").Emit(EventMessage.Create("news", 0));
        Assert.Equal(0, (await client.SeeAsync("news"))[0].GetInt32());

        network.GoDeaf();
        var noticed = client.SeeAsync("disconnect");
        while (!noticed.IsCompleted)
        {
            // Between two polls there is nothing to cut.
            network.Cut();
            await Task.Delay(20);
        }

        for (var i = 1; i <= 50; i++)
        {
            root.To("room").Emit(EventMessage.Create("news", i));
            root.To("elsewhere").Emit(EventMessage.Create("news", "not for it"));
            root.Except("room").Emit(EventMessage.Create("news", "not for it"));
        }

        // In this order: a client that is cut when it has just come back is taken for connected, and then begins anew.
        network.Cut();
        network.HearAgain();

        var again = await client.SeeAsync("connect", args => args[2].GetBoolean());
        Assert.Equal(connected[0].GetString(), again[0].GetString());
        await Eventually.TrueAsync(() => host.Connected.Last() is { IsConnected: true, IsRecovered: true } recovered && recovered.Rooms.SequenceEqual(["room"]));
        root.To("room").Emit(EventMessage.Create("news", 51));
        for (var i = 1; i <= 51; i++)
        {
            Assert.Equal(i, (await client.SeeAsync("news"))[0].GetInt32());
        }
    }

    [Fact]
    public async Task A_client_is_recovered_again_and_again_under_traffic_with_every_event_once()
    {
        const int events = 3000;
        await using var host = await StartAsync();
        await using var network = new DeafNetwork(host.Port);
        await using var client = KnownClients.Start("node 4", "websocket", $"http://127.0.0.1:{network.Port}");
        await client.SeeAsync("hello");
        var id = host.Connected.Single().Id;

        for (var i = 0; i < events; i++)
        {
            host.Server.Root.To(id).Emit(EventMessage.Create("news", i));
            if (i % 500 == 499)
            {
                var connections = host.Connected.Count;
                network.Cut();
                await Eventually.TrueAsync(() => host.Connected.Count > connections);
            }
            else if (i % 10 == 0)
            {
                await Task.Yield();
            }
        }

        for (var i = 0; i < events; i++)
        {
            Assert.Equal(i, (await client.SeeAsync("news"))[0].GetInt32());
        }

        Assert.All(host.Connected.Skip(1), socket => Assert.True(socket.IsRecovered));
    }

    [Fact]
    public async Task A_client_whose_lost_connection_the_server_has_not_noticed_takes_it_over()
    {
        await using var host = await StartAsync();
        await using var network = new DeafNetwork(host.Port);
        await using var client = KnownClients.Start("node 4", "websocket", $"http://127.0.0.1:{network.Port}");
        await client.SeeAsync("hello");
        var socket = host.Connected.Single();

        // Only the client's end is cut: to the server the connection looks alive.
        network.GoDeaf();
        network.Cut(atServer: false);
        await client.SeeAsync("disconnect");
        socket.Emit(EventMessage.Create("news", "missed"));
        network.HearAgain();
        network.Cut(atServer: false);

        await client.SeeAsync("connect", args => args[2].GetBoolean());
        Assert.Equal("missed", (await client.SeeAsync("news"))[0].GetString());
        Assert.Equal(DisconnectReason.TransportClosed, host.Ended[socket]);
    }

    [Fact]
    public async Task A_client_that_leaves_on_purpose_or_meets_a_restarted_server_starts_anew()
    {
        var host = await StartAsync();
        await using var client = KnownClients.Start("node 4", "websocket", host.Url);
        await client.SeeAsync("hello");
        await client.DisconnectAsync();
        await Eventually.TrueAsync(() => host.Ended.Count == 1);
        await client.ConnectAsync();
        await client.SeeAsync("connect", args => !args[2].GetBoolean());
        await client.SeeAsync("hello");
        var port = host.Port;

        await host.DisposeAsync();
        await using var again = await StartAsync(port);

        await client.SeeAsync("connect", args => !args[2].GetBoolean());
        await client.SeeAsync("hello");
    }

    private static Task<SocketIOHost> StartAsync(int port = 0) =>
        SocketIOHost.StartAsync(port, options => options.RecoveryTime = TimeSpan.FromMinutes(2));
}
