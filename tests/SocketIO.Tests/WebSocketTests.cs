using System.Net;
using System.Text.Json;

using LiveRobot.Testing;

using WebSockets.Tests;

namespace SocketIO.Tests;

public sealed class WebSocketTests
{
    [Fact]
    public async Task Protocol_3_that_begins_on_a_WebSocket_is_told_at_once()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new RawWebSocketClient();
        await client.ConnectAsync(server.Port, "/socket.io/?EIO=3&transport=websocket");

        var open = await client.ReceiveTextAsync();

        Assert.Empty(JsonDocument.Parse(open[1..]).RootElement.GetProperty("upgrades").EnumerateArray());
        Assert.Equal("40", await client.ReceiveTextAsync());
    }

    [Fact]
    public async Task During_an_upgrade_only_3probe_is_sent_and_polls_are_released_until_the_5_and_then_comes_what_waited()
    {
        await using var server = await TestServer.StartAsync(onConnection: socket => socket.Emit(EventMessage.Create("hello", 1)));
        using var client = server.Client(3);
        await client.OpenAsync();
        var hanging = client.PollAsync();
        await server.SocketAsync();
        using var webSocket = await BeginUpgradeAsync(server, client);
        for (var i = 0; i < 3; i++)
        {
            await Eventually.TrueAsync(() => server.Server.Sessions[client.Sid].IsPolling);
            server.Clock.Advance(TimeSpan.FromMilliseconds(21));
            Assert.Equal(["6"], await hanging);
            hanging = i < 2 ? client.PollAsync() : hanging;
        }

        server.Sockets.Single().Emit(EventMessage.Create("hello", 2));
        await webSocket.SendTextAsync("5");
        await Eventually.TrueAsync(() => server.Sockets.Single().Transport == "websocket");
        server.Clock.Advance(TimeSpan.FromMilliseconds(99));
        await webSocket.SendTextAsync("2");
        Assert.Equal("3", await webSocket.ReceiveTextAsync());
        server.Clock.Advance(TimeSpan.FromMilliseconds(12));

        Assert.Equal("40", await webSocket.ReceiveTextAsync());
        Assert.Equal("""42["hello",1]""", await webSocket.ReceiveTextAsync());
        Assert.Equal("""42["hello",2]""", await webSocket.ReceiveTextAsync());
    }

    [Fact]
    public async Task From_the_5_on_polls_posts_and_another_WebSocket_are_refused_and_one_that_hangs_too()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectPollingAsync(4);
        using var webSocket = await BeginUpgradeAsync(server, client);
        var hanging = client.GetAsync();
        await Eventually.TrueAsync(() => server.Server.Sessions[client.Sid].IsPolling);
        await webSocket.SendTextAsync("5");

        Assert.Equal(HttpStatusCode.BadRequest, (await hanging).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.GetAsync()).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.TryPostAsync("42[\"a\"]")).Status);
        using var second = new RawWebSocketClient();
        Assert.StartsWith("HTTP/1.1 101", await second.ConnectAsync(server.Port, client.WebSocketPath));
        Assert.Equal(1008, await second.ReceiveCloseAsync());
        await second.SendAsync(0x88, [0x03, 0xF0]);
        Assert.Empty(await second.ReceiveToEndAsync());
        server.Server.Root.Emit(EventMessage.Create("news", 1));
        Assert.Equal("""42["news",1]""", await webSocket.ReceiveTextAsync());
    }

    [Theory]
    [InlineData("2prob")]
    [InlineData("5")]
    [InlineData("42[\"a\"]")]
    public async Task A_WebSocket_that_does_not_play_the_upgrade_is_dropped_and_the_session_goes_on_polling(string first)
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectPollingAsync(4);
        using var webSocket = new RawWebSocketClient();
        await webSocket.ConnectAsync(server.Port, client.WebSocketPath);

        await webSocket.SendTextAsync(first);

        Assert.Empty(await webSocket.ReceiveToEndAsync());
        server.Server.Root.Emit(EventMessage.Create("news", 1));
        Assert.Equal(["""42["news",1]"""], await client.PollAsync());
    }

    [Fact]
    public async Task An_upgrade_may_take_the_UpgradeTimeout()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectPollingAsync(4);
        using var webSocket = await BeginUpgradeAsync(server, client);

        server.Clock.Advance(TimeSpan.FromSeconds(9.9));
        await webSocket.SendTextAsync("5");

        await Eventually.TrueAsync(() => server.Sockets.Single().Transport == "websocket");
    }

    [Fact]
    public async Task An_upgrade_that_takes_too_long_is_given_up_and_the_session_goes_on_polling()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectPollingAsync(4);
        using var webSocket = await BeginUpgradeAsync(server, client);

        server.Clock.Advance(TimeSpan.FromSeconds(10.1));

        Assert.Empty(await webSocket.ReceiveToEndAsync());
        server.Server.Root.Emit(EventMessage.Create("news", 1));
        Assert.Equal(["""42["news",1]"""], await client.PollAsync());
    }

    [Fact]
    public async Task Protocol_3_is_disconnected_without_a_close_frame()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new RawWebSocketClient();
        await client.ConnectAsync(server.Port, "/socket.io/?EIO=3&transport=websocket");
        await client.ReceiveTextAsync();
        Assert.Equal("40", await client.ReceiveTextAsync());

        (await server.SocketAsync()).Disconnect();

        Assert.Equal("41", await client.ReceiveTextAsync());
        Assert.Empty(await client.ReceiveToEndAsync());
    }

    [Fact]
    public async Task Protocol_4_is_disconnected_with_a_close_frame()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await ConnectAsync(server);

        (await server.SocketAsync()).Disconnect();

        Assert.Equal("41", await client.ReceiveTextAsync());
        Assert.Equal(1000, await client.ReceiveCloseAsync());
    }

    [Fact]
    public async Task CloseAsync_of_the_server_looks_like_a_lost_connection_and_refuses_who_comes_after()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await ConnectAsync(server);
        using var polling = await server.ConnectPollingAsync(4);
        var poll = polling.GetAsync();
        await Eventually.TrueAsync(() => server.Server.Sessions[polling.Sid].IsPolling);

        await server.Server.CloseAsync();

        Assert.Equal(1001, await client.ReceiveCloseAsync());
        Assert.Equal(HttpStatusCode.BadRequest, (await poll).Status);
        Assert.All(server.Sockets, socket => Assert.Equal(DisconnectReason.ServerDisconnected, server.Ended[socket]));
        using var late = server.Client(4);
        Assert.Equal(HttpStatusCode.Forbidden, (await late.GetAsync()).Status);
    }

    [Fact]
    public async Task A_silent_WebSocket_of_protocol_4_is_cut()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await ConnectAsync(server);
        var socket = await server.SocketAsync();

        server.Clock.Advance(TimeSpan.FromSeconds(25.1));
        Assert.Equal("2", await client.ReceiveTextAsync());
        await client.SendTextAsync("3");
        await client.SendTextAsync("42[\"a\"]");
        await Eventually.TrueAsync(() => !server.Server.Sessions.Single().Value.IsAwaitingPong);
        server.Clock.Advance(TimeSpan.FromSeconds(25.1));
        Assert.Equal("2", await client.ReceiveTextAsync());
        server.Clock.Advance(TimeSpan.FromSeconds(20.1));

        Assert.Equal(DisconnectReason.HeartbeatTimeout, await server.EndAsync(socket));
        Assert.Empty(await client.ReceiveToEndAsync());
    }

    [Fact]
    public async Task Text_that_is_no_packet_ends_the_session()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await ConnectAsync(server);

        await client.SendTextAsync("abc");

        Assert.Equal(1008, await client.ReceiveCloseAsync());
        Assert.Equal(DisconnectReason.ProtocolError, await server.EndAsync(server.Sockets.Single()));
    }

    [Fact]
    public async Task A_message_at_MaxPayloadBytes_passes_and_one_over_ends_the_session()
    {
        await using var server = await TestServer.StartAsync(
            new SocketIOOptions { MaxPayloadBytes = 1000 }, socket => socket.On("e", e => e.Acknowledge()));
        using var client = await ConnectAsync(server);
        var overhead = """421["e",""]""".Length;

        await client.SendTextAsync($"421[\"e\",\"{new string('x', 1000 - overhead)}\"]");
        Assert.Equal("431[]", await client.ReceiveTextAsync());
        await client.SendTextAsync($"421[\"e\",\"{new string('x', 1001 - overhead)}\"]");

        Assert.Equal(DisconnectReason.LimitExceeded, await server.EndAsync(await server.SocketAsync()));
        Assert.Empty(server.Server.Sessions);
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_disconnected_past_MaxBufferedBytes()
    {
        await using var server = await TestServer.StartAsync(new SocketIOOptions { MaxBufferedBytes = 100_000 });
        using var client = new RawWebSocketClient();
        await client.ConnectAsync(server.Port, "/socket.io/?EIO=4&transport=websocket", receiveBufferBytes: 4096);
        Assert.StartsWith("0{", await client.ReceiveTextAsync());
        await client.SendTextAsync("40");
        Assert.StartsWith("40{", await client.ReceiveTextAsync());
        var socket = await server.SocketAsync();
        var message = EventMessage.Create("news", new string('x', 10_000));

        // The kernel takes some megabytes first.
        while (socket.Emit(message))
        {
            Assert.InRange(socket.BufferedBytes, 0, 100_000);
        }

        Assert.Equal(DisconnectReason.LimitExceeded, await server.EndAsync(socket));
        Assert.Empty(server.Server.Sessions);
        Assert.False(socket.IsConnected);
    }

    [Fact]
    public async Task A_lost_connection_is_told_as_such()
    {
        await using var server = await TestServer.StartAsync();
        var client = await ConnectAsync(server);
        var socket = await server.SocketAsync();

        client.Dispose();

        Assert.Equal(DisconnectReason.TransportClosed, await server.EndAsync(socket));
        Assert.Empty(server.Server.Root.Sockets);
        Assert.False(socket.Emit(EventMessage.Create("news", 1)));
    }

    [Fact]
    public async Task ProbeAsync_is_a_WebSocket_ping_that_goes_behind_what_was_sent()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await ConnectAsync(server);
        var socket = await server.SocketAsync();

        socket.Emit(EventMessage.Create("news", 1));
        var probe = socket.ProbeAsync();
        Assert.Equal("""42["news",1]""", await client.ReceiveTextAsync());
        var (firstByte, payload) = await client.ReceiveAsync();
        Assert.Equal(0x89, firstByte);
        Assert.False(probe.IsCompleted);
        await client.SendAsync(0x8A, payload);

        Assert.True(await probe.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task ProbeAsync_made_while_polling_is_answered_after_the_upgrade()
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.Client(3);
        await client.OpenAsync();
        var hanging = client.PollAsync();
        var probe = (await server.SocketAsync()).ProbeAsync();
        using var webSocket = new RawWebSocketClient();
        await webSocket.ConnectAsync(server.Port, client.WebSocketPath);
        await webSocket.SendTextAsync("2probe");
        await webSocket.ReceiveTextAsync();
        server.Clock.Advance(TimeSpan.FromMilliseconds(21));
        await hanging;
        await webSocket.SendTextAsync("5");
        await Eventually.TrueAsync(() => server.Sockets.Single().Transport == "websocket");
        server.Clock.Advance(TimeSpan.FromMilliseconds(112));

        Assert.Equal("40", await webSocket.ReceiveTextAsync());
        var (firstByte, payload) = await webSocket.ReceiveAsync();
        Assert.Equal(0x89, firstByte);
        Assert.False(probe.IsCompleted);
        await webSocket.SendAsync(0x8A, payload);
        Assert.True(await probe.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    internal static async Task<RawWebSocketClient> ConnectAsync(TestServer server, string query = "")
    {
        var client = await OpenAsync(server, 4, query);
        await client.SendTextAsync("40");
        Assert.StartsWith("40{", await client.ReceiveTextAsync());
        return client;
    }

    /// <summary>Makes the handshake and reads the open packet.</summary>
    internal static async Task<RawWebSocketClient> OpenAsync(TestServer server, int version, string query = "")
    {
        var client = new RawWebSocketClient();
        await client.ConnectAsync(server.Port, $"/socket.io/?EIO={version}&transport=websocket{query}");
        Assert.StartsWith("0{", await client.ReceiveTextAsync());
        return client;
    }

    /// <summary>Opens a WebSocket for a session on polling and plays the upgrade as far as <c>3probe</c>.</summary>
    internal static async Task<RawWebSocketClient> BeginUpgradeAsync(TestServer server, PollingClient polling)
    {
        var client = new RawWebSocketClient();
        await client.ConnectAsync(server.Port, polling.WebSocketPath);
        await client.SendTextAsync("2probe");
        Assert.Equal("3probe", await client.ReceiveTextAsync());
        return client;
    }
}
