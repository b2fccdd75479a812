using global::SocketIO;

using LiveRobot.Testing;

namespace LiveRobot.Compatibility.SocketIO;

/// <summary>What clients of each generation do, and the server for them, when the network or the client itself fails.</summary>
public sealed class BadNetworkTests
{
    [Theory]
    [InlineData("python 0.6.5", "websocket")]
    [InlineData("python 5", "websocket")]
    [InlineData("node 1", "polling,websocket")]
    [InlineData("node 2", "polling,websocket")]
    [InlineData("node 4", "polling,websocket")]
    [InlineData("node 4", "websocket")]
    [InlineData("net EIO3", "websocket")]
    [InlineData("net EIO4", "websocket")]
    public async Task A_client_whose_connection_is_cut_comes_back(string library, string transports)
    {
        await using var host = await SocketIOHost.StartAsync();
        await using var network = new DeafNetwork(host.Port);
        await using var client = KnownClients.Start(library, transports, $"http://127.0.0.1:{network.Port}");
        for (var times = 1; times <= 3; times++)
        {
            await client.SeeAsync("hello");
            var socket = host.Connected.Last();
            await Eventually.TrueAsync(() => socket.Transport == "websocket");
            await client.AskAsync("echo", times);
            await client.SeeAsync("ack");
            Assert.Equal(times, (await client.SeeAsync("echo"))[0][0].GetInt32());

            network.Cut();

            await Eventually.TrueAsync(() => host.Ended.ContainsKey(socket));
            Assert.Equal(DisconnectReason.TransportClosed, host.Ended[socket]);
        }

        await client.SeeAsync("hello");
        Assert.Single(host.Server.Root.Sockets);
    }

    [Theory]
    [InlineData("node 1", "polling")]
    [InlineData("node 1", "websocket")]
    [InlineData("node 2", "websocket")]
    [InlineData("node 4", "polling")]
    [InlineData("node 4", "websocket")]
    [InlineData("python 5", "websocket")]
    public async Task A_connection_that_died_silently_is_noticed_at_both_ends(string library, string transport)
    {
        await using var host = await SocketIOHost.StartAsync(configure: options =>
            (options.PingInterval, options.PingTimeout) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)));
        await using var network = new DeafNetwork(host.Port);
        await using var client = KnownClients.Start(library, transport, $"http://127.0.0.1:{network.Port}");
        await client.SeeAsync("hello");
        var socket = host.Connected.Single();

        network.GoDeaf();

        await Eventually.TrueAsync(() => host.Ended.ContainsKey(socket));
        Assert.Equal(DisconnectReason.HeartbeatTimeout, host.Ended[socket]);
        await client.SeeAsync("disconnect");
        network.HearAgain();
        network.Cut();
        await client.SeeAsync("hello");
    }

    [Theory]
    [InlineData("node 1", "websocket")]
    [InlineData("node 2", "polling")]
    [InlineData("node 4", "websocket")]
    [InlineData("node 4", "polling")]
    [InlineData("python 5", "websocket")]
    public async Task A_client_that_stops_reading_is_let_go_past_its_share_and_holds_up_nobody(string library, string transport)
    {
        const int maxBuffered = 500_000;
        await using var host = await SocketIOHost.StartAsync(configure: options => options.MaxBufferedBytes = maxBuffered);
        await using var reader = KnownClients.Start("node 4", "websocket", host.Url);
        await reader.SeeAsync("hello");
        await using var slow = KnownClients.Start(library, transport, host.Url);
        await slow.SeeAsync("hello");
        var socket = host.Connected.Last();
        await slow.StopAsync();

        var sent = 0;
        var padding = new string('x', 20_000);
        while (socket.IsConnected)
        {
            host.Server.Root.Emit(EventMessage.Create("news", new { number = sent++, padding }));
            Assert.InRange(socket.BufferedBytes, 0, maxBuffered);
            // At the pace of the one who reads.
            Assert.Equal(sent - 1, (await reader.SeeAsync("news"))[0].GetProperty("number").GetInt32());
        }

        await Eventually.TrueAsync(() => host.Ended.ContainsKey(socket));
        Assert.Equal(DisconnectReason.LimitExceeded, host.Ended[socket]);
        await slow.GoOnAsync();
        await slow.SeeAsync("hello");
        Assert.True(host.Connected.Last().IsConnected);
    }

    [Theory]
    [InlineData("node 1", "websocket")]
    [InlineData("node 2", "websocket")]
    [InlineData("node 4", "polling")]
    [InlineData("node 4", "websocket")]
    [InlineData("python 5", "websocket")]
    [InlineData("net EIO3", "websocket")]
    [InlineData("net EIO4", "websocket")]
    public async Task A_client_is_in_a_thousand_rooms(string library, string transport)
    {
        const int rooms = 1000;
        await using var host = await SocketIOHost.StartAsync();
        await using var client = KnownClients.Start(library, transport, host.Url);
        await client.SeeAsync("connect");
        await client.SeeAsync("hello");
        var socket = host.Connected.Single();
        for (var i = 0; i < rooms; i++)
        {
            await client.EmitAsync("join", $"room {i}");
        }

        await Eventually.TrueAsync(() => socket.Rooms.Count == rooms);
        var root = host.Server.Root;
        for (var i = 0; i < rooms; i++)
        {
            root.To($"room {i}").To($"room {rooms - 1 - i}").Emit(EventMessage.Create("news", i));
        }

        var seen = new List<int>();
        while (seen.Count < rooms)
        {
            seen.Add((await client.SeeAsync("news"))[0].GetInt32());
        }

        // python-socketio runs its handlers in threads of their own.
        Assert.Equal(Enumerable.Range(0, rooms), library == "python 5" ? seen.Order() : seen);
        client.Kill();
        await Eventually.TrueAsync(() => host.Ended.ContainsKey(socket) || transport == "polling");
        if (transport != "polling")
        {
            Assert.Empty(Enumerable.Range(0, rooms).SelectMany(i => root.To($"room {i}").GetSockets()));
        }
    }
}
