using System.Text.Json;

using LiveRobot.Testing;

using WebSockets.Tests;

namespace SocketIO.Tests;

public sealed class NamespaceTests
{
    [Fact]
    public async Task Middleware_refuses_with_a_message_and_data_and_the_socket_never_was()
    {
        await using var server = await TestServer.StartAsync();
        server.Server.Root.Use(socket => ValueTask.FromResult(
            socket.Handshake.Auth is { ValueKind: JsonValueKind.Object } auth && auth.TryGetProperty("token", out _) ? null : new ConnectRefusal("No token", new { code = 7 })));
        using var client = await WebSocketTests.OpenAsync(server, 4);

        await client.SendTextAsync("40");
        Assert.Equal("""44{"message":"No token","data":{"code":7}}""", await client.ReceiveTextAsync());
        Assert.Empty(server.Sockets);
        await client.SendTextAsync("""40{"token":1}""");

        Assert.StartsWith("40{", await client.ReceiveTextAsync());
        Assert.Single(server.Server.Root.Sockets);
    }

    [Fact]
    public async Task Middleware_runs_in_order_and_what_the_client_sends_meanwhile_waits()
    {
        var log = new List<string>();
        var gate = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(onConnection: socket =>
        {
            log.Add("connection");
            socket.On("e", e => log.Add($"event {e[0]}"));
        });
        server.Server.Root.Use(async socket =>
        {
            await gate.Task;
            log.Add("first");
            socket.Emit(EventMessage.Create("from middleware"));
            return null;
        });
        server.Server.Root.Use(_ =>
        {
            log.Add("second");
            return ValueTask.FromResult<ConnectRefusal?>(null);
        });
        using var client = await WebSocketTests.OpenAsync(server, 3);
        await client.SendTextAsync("""42["e",1]""");
        await client.SendTextAsync("""42["e",2]""");
        await client.SendTextAsync("2");
        Assert.Equal("3", await client.ReceiveTextAsync());
        gate.SetResult();

        Assert.Equal("40", await client.ReceiveTextAsync());
        Assert.Equal("""42["from middleware"]""", await client.ReceiveTextAsync());
        await Eventually.TrueAsync(() => log.Count == 5);
        Assert.Equal(["first", "second", "connection", "event 1", "event 2"], log);
    }

    [Fact]
    public async Task Middleware_that_throws_refuses_and_tells_nothing()
    {
        await using var server = await TestServer.StartAsync();
        server.Server.Root.Use(_ => throw new InvalidOperationException("the password of the database"));
        using var client = await WebSocketTests.OpenAsync(server, 4);

        await client.SendTextAsync("40");

        Assert.Equal("""44{"message":"Internal error"}""", await client.ReceiveTextAsync());
    }

    /// <summary>A refusal, or a close packet, would keep the official clients from coming again by themselves.</summary>
    [Fact]
    public async Task Middleware_that_cannot_tell_now_has_the_connection_closed_without_a_word()
    {
        await using var server = await TestServer.StartAsync();
        server.Server.Root.Use(_ => ValueTask.FromResult<ConnectRefusal?>(ConnectRefusal.Later));
        using var client = await WebSocketTests.OpenAsync(server, 4);

        await client.SendTextAsync("40");

        Assert.Equal(1001, await client.ReceiveCloseAsync());
    }

    [Fact]
    public async Task A_client_that_leaves_while_middleware_runs_is_never_connected()
    {
        var gate = new TaskCompletionSource();
        var entered = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync();
        server.Server.Root.Use(async _ =>
        {
            entered.SetResult();
            await gate.Task;
            return null;
        });
        var client = await WebSocketTests.OpenAsync(server, 4);
        await client.SendTextAsync("40");
        await entered.Task;
        client.Dispose();
        await Eventually.TrueAsync(() => server.Server.Sessions.IsEmpty);

        gate.SetResult();

        Assert.Empty(server.Server.Root.Sockets);
        Assert.Empty(server.Sockets);
    }

    [Fact]
    public async Task A_refusal_of_revision_4_is_its_error_packet()
    {
        await using var server = await TestServer.StartAsync();
        server.Server.Of("/closed").Use(_ => ValueTask.FromResult<ConnectRefusal?>(new ConnectRefusal("Geschlossen für heute")));
        using var client = await WebSocketTests.OpenAsync(server, 3);
        Assert.Equal("40", await client.ReceiveTextAsync());

        await client.SendTextAsync("40/closed,");

        Assert.Equal("44/closed,\"Geschlossen f\\u00fcr heute\"", await client.ReceiveTextAsync());
    }

    [Fact]
    public async Task A_dynamic_namespace_is_made_for_its_first_client_and_goes_with_its_last()
    {
        var made = new List<string>();
        await using var server = await TestServer.StartAsync();
        server.Server.OfDynamic(
            name => name.StartsWith("/room-", StringComparison.Ordinal),
            made =>
            {
                lock (server)
                {
                    made.OnConnection(socket => socket.Emit(EventMessage.Create("welcome", made.Name)));
                }
            });
        server.Server.OfDynamic(_ => false, _ => made.Add("wrong"));
        using var first = await WebSocketTests.OpenAsync(server, 4);
        using var second = await WebSocketTests.OpenAsync(server, 4);

        foreach (var client in (RawWebSocketClient[])[first, second])
        {
            await client.SendTextAsync("40/room-1,");
            Assert.StartsWith("40/room-1,", await client.ReceiveTextAsync());
            Assert.Equal("""42/room-1,["welcome","/room-1"]""", await client.ReceiveTextAsync());
        }

        var room = server.Server.Of("/room-1");
        Assert.Equal(2, room.Sockets.Count);
        await first.SendTextAsync("40/elsewhere,");
        Assert.Equal("""44/elsewhere,{"message":"Invalid namespace"}""", await first.ReceiveTextAsync());
        await first.SendTextAsync("41/room-1,");
        await Eventually.TrueAsync(() => room.Sockets.Count == 1);
        Assert.Same(room, server.Server.Of("/room-1"));
        second.Dispose();
        await Eventually.TrueAsync(() => room.Sockets.Count == 0);
        Assert.Null(server.Server.Find("/room-1"));
        Assert.Empty(made);
    }

    [Fact]
    public async Task Past_MaxNamespacesPerConnection_the_next_is_refused_and_counted()
    {
        using var metrics = new RecordedMetrics(meters: null);
        await using var server = await TestServer.StartAsync(new SocketIOOptions { MaxNamespacesPerConnection = 2 });
        server.Server.OfDynamic(_ => true, _ => { });
        using var client = await WebSocketTests.OpenAsync(server, 4);

        await client.SendTextAsync("40/1,");
        await client.SendTextAsync("40/2,");
        await client.SendTextAsync("40/3,");

        Assert.StartsWith("40/1,", await client.ReceiveTextAsync());
        Assert.StartsWith("40/2,", await client.ReceiveTextAsync());
        Assert.Equal("""44/3,{"message":"Too many namespaces"}""", await client.ReceiveTextAsync());
        Assert.Null(server.Server.Find("/3"));
        Assert.Contains("socketio.sockets.refused 1 reason=too_many_namespaces", metrics.Lines);
    }

    [Fact]
    public async Task What_is_sent_to_a_namespace_before_any_was_joined_ends_the_session()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await WebSocketTests.OpenAsync(server, 4);

        await client.SendTextAsync("""42["e"]""");

        Assert.Equal(1008, await client.ReceiveCloseAsync());
    }

    [Fact]
    public async Task What_crosses_the_servers_disconnect_from_a_namespace_is_ignored()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await WebSocketTests.ConnectAsync(server);
        (await server.SocketAsync()).Disconnect(closeConnection: false);
        Assert.Equal("41", await client.ReceiveTextAsync());

        await client.SendTextAsync("""42["e"]""");
        await client.SendTextAsync("40");

        Assert.StartsWith("40{", await client.ReceiveTextAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("admin")]
    [InlineData("/a,b")]
    [InlineData("/a?b")]
    public void Of_refuses_a_name_that_no_packet_can_carry(string name) =>
        Assert.Throws<ArgumentException>(() => new SocketIOServer().Of(name));

    [Fact]
    public async Task A_broadcast_can_ask_move_list_and_disconnect_its_sockets()
    {
        await using var server = await TestServer.StartAsync(onConnection: socket => socket.Join("all"));
        using var first = await WebSocketTests.ConnectAsync(server);
        using var second = await WebSocketTests.ConnectAsync(server);
        var sockets = server.Sockets.ToArray();
        var root = server.Server.Root;

        var asking = root.To("all").AskAsync(EventMessage.Create("question"), TimeSpan.FromSeconds(3));
        Assert.Equal("""420["question"]""", await first.ReceiveTextAsync());
        Assert.Equal("""420["question"]""", await second.ReceiveTextAsync());
        await first.SendTextAsync("430[\"one\"]");
        await first.SendTextAsync("2");
        await Eventually.TrueAsync(() => !sockets[0].IsConnected); // A ping is the server's in protocol 4.
        server.Clock.Advance(TimeSpan.FromSeconds(4));
        var answers = await asking;
        Assert.Equal([sockets[0].Id], answers.Keys);

        root.To("all").Join("moved");
        Assert.Equal([sockets[1]], root.To("moved").GetSockets());
        root.To("all").Leave("moved");
        Assert.Empty(root.To("moved").GetSockets());
        root.ToAll().Disconnect();
        Assert.Equal("41", await second.ReceiveTextAsync());
    }
}
