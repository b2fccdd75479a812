using System.Text;

using LiveRobot.Testing;

using WebSockets.Tests;

namespace SocketIO.Tests;

public sealed class BinaryTests
{
    [Fact]
    public async Task A_binary_event_is_handled_when_its_last_attachment_has_come_and_can_be_sent_on_and_acknowledged()
    {
        await using var server = await TestServer.StartAsync(onConnection: socket => socket.On("e", e =>
        {
            Assert.True(e.TryGetBytes(e[0].GetProperty("b"), out var second));
            Assert.Equal([2], second.ToArray());
            Assert.False(e.TryGetBytes(e[1], out _));
            socket.Emit(EventMessage.FromArguments("back", e.Json.Span, e.Attachments));
            e.AcknowledgeJson(e.Json.Span, e.Attachments);
        }));
        using var client = await WebSocketTests.ConnectAsync(server);

        await client.SendTextAsync("""452-7["e",{"a":{"_placeholder":true,"num":0},"b":{"_placeholder":true,"num":1}},"x"]""");
        await client.SendAsync(0x82, [1, 1]);
        await client.SendAsync(0x82, [2]);

        Assert.Equal("""452-["back",{"a":{"_placeholder":true,"num":0},"b":{"_placeholder":true,"num":1}},"x"]""", await client.ReceiveTextAsync());
        Assert.Equal([1, 1], (await client.ReceiveAsync()).Payload);
        Assert.Equal([2], (await client.ReceiveAsync()).Payload);
        Assert.Equal("""462-7[{"a":{"_placeholder":true,"num":0},"b":{"_placeholder":true,"num":1}},"x"]""", await client.ReceiveTextAsync());
        Assert.Equal([1, 1], (await client.ReceiveAsync()).Payload);
        Assert.Equal([2], (await client.ReceiveAsync()).Payload);
    }

    [Fact]
    public async Task CreateBinary_sends_the_bytes_in_an_object_as_attachments_in_each_protocols_way()
    {
        await using var server = await TestServer.StartAsync();
        using var modern = await WebSocketTests.ConnectAsync(server);
        using var old = new RawWebSocketClient();
        await old.ConnectAsync(server.Port, "/socket.io/?EIO=3&transport=websocket");
        await old.ReceiveTextAsync();
        Assert.Equal("40", await old.ReceiveTextAsync());
        using var text = await server.ConnectPollingAsync(3, "&b64=1");
        using var bytes = await server.ConnectPollingAsync(3);
        using var polling = await server.ConnectPollingAsync(4);

        server.Server.Root.Emit(EventMessage.CreateBinary("m", new { first = new byte[] { 1, 2 }, second = (ReadOnlyMemory<byte>)new byte[] { 255 } }));

        const string Packet = """452-["m",{"first":{"_placeholder":true,"num":0},"second":{"_placeholder":true,"num":1}}]""";
        Assert.Equal(Packet, await modern.ReceiveTextAsync());
        Assert.Equal([1, 2], (await modern.ReceiveAsync()).Payload);
        Assert.Equal([255], (await modern.ReceiveAsync()).Payload);
        Assert.Equal(Packet, await old.ReceiveTextAsync());
        Assert.Equal([4, 1, 2], (await old.ReceiveAsync()).Payload);
        Assert.Equal([4, 255], (await old.ReceiveAsync()).Payload);
        Assert.Equal([Packet, "b4AQI=", "b4/w=="], await text.PollAsync());
        Assert.Equal([Packet, "bytes 040102", "bytes 04FF"], await bytes.PollAsync());
        Assert.Equal([Packet, "bAQI=", "b/w=="], await polling.PollAsync());
    }

    [Fact]
    public async Task A_client_that_asked_for_text_gets_text_on_its_WebSocket_too()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new RawWebSocketClient();
        await client.ConnectAsync(server.Port, "/socket.io/?EIO=3&transport=websocket&b64=1");
        await client.ReceiveTextAsync();
        Assert.Equal("40", await client.ReceiveTextAsync());

        server.Server.Root.Emit(EventMessage.CreateBinary("m", new byte[] { 1, 2 }));

        Assert.StartsWith("451-", await client.ReceiveTextAsync());
        Assert.Equal("b4AQI=", await client.ReceiveTextAsync());
    }

    [Fact]
    public async Task AskAsync_gives_the_bytes_of_the_answer()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectPollingAsync(3);
        var asking = server.Sockets.Single().AskAsync(EventMessage.Create("question"), TimeSpan.FromSeconds(10));
        Assert.Equal(["""420["question"]"""], await client.PollAsync());

        await client.PostAsync("""461-0[{"_placeholder":true,"num":0}]""", "b4AQI=");

        var answer = await asking;
        Assert.Equal("""[{"_placeholder":true,"num":0}]""", Encoding.UTF8.GetString(answer.Json.Span));
        Assert.Equal([1, 2], Assert.Single(answer.Attachments).ToArray());
    }

    [Theory]
    [InlineData("an attachment of nothing", null)]
    [InlineData("a packet among the attachments of another", "42[\"e\"]")]
    [InlineData("a heartbeat's answer is no packet of this layer, but another binary event is", "451-[\"e\"]")]
    public async Task An_attachment_out_of_place_ends_the_session(string rule, string? inBetween)
    {
        await using var server = await TestServer.StartAsync();
        using var client = await WebSocketTests.ConnectAsync(server);

        if (inBetween is not null)
        {
            await client.SendTextAsync("""451-["e",{"_placeholder":true,"num":0}]""");
            await client.SendTextAsync("3");
            await client.SendTextAsync(inBetween);
        }
        else
        {
            await client.SendAsync(0x82, [1]);
        }

        Assert.Equal(1008, await client.ReceiveCloseAsync());
        Assert.True(DisconnectReason.ProtocolError == await server.EndAsync(server.Sockets.Single()), rule);
    }

    [Fact]
    public async Task MaxAttachments_pass_and_one_more_ends_the_session()
    {
        await using var server = await TestServer.StartAsync(
            new SocketIOOptions { MaxAttachments = 2 },
            socket => socket.On("e", e => e.Acknowledge(e.Attachments.Count)));
        using var client = await WebSocketTests.ConnectAsync(server);

        await client.SendTextAsync("""452-1["e"]""");
        await client.SendAsync(0x82, [1]);
        await client.SendAsync(0x82, [1]);
        Assert.Equal("431[2]", await client.ReceiveTextAsync());
        await client.SendTextAsync("""453-["e"]""");

        Assert.Equal(DisconnectReason.LimitExceeded, await server.EndAsync(server.Sockets.Single()));
    }

    [Theory]
    [InlineData(1000, null)]
    [InlineData(1001, DisconnectReason.LimitExceeded)]
    public async Task An_attachment_may_be_MaxAttachmentBytes_long(int bytes, DisconnectReason? end)
    {
        await using var server = await TestServer.StartAsync(
            new SocketIOOptions { MaxAttachmentBytes = 1000 }, socket => socket.On("e", e => e.Acknowledge(e.Attachments[0].Length)));
        using var client = await WebSocketTests.ConnectAsync(server);

        await client.SendTextAsync("""451-1["e",{"_placeholder":true,"num":0}]""");
        await client.SendAsync(0x82, new byte[bytes]);

        if (end is null)
        {
            Assert.Equal($"431[{bytes}]", await client.ReceiveTextAsync());
        }
        else
        {
            Assert.Equal(end, await server.EndAsync(await server.SocketAsync()));
            Assert.Empty(server.Server.Sessions);
        }
    }

    [Fact]
    public async Task Attachments_past_MaxPendingBytes_end_the_session()
    {
        await using var server = await TestServer.StartAsync(new SocketIOOptions { MaxPendingBytes = 1024 });
        using var client = await WebSocketTests.ConnectAsync(server);

        await client.SendTextAsync("""453-["e"]""");
        await client.SendAsync(0x82, new byte[1019]);
        await client.SendTextAsync("3");
        Assert.True(server.Sockets.Single().IsConnected);
        await client.SendAsync(0x82, [1]);

        Assert.Equal(DisconnectReason.LimitExceeded, await server.EndAsync(server.Sockets.Single()));
    }

    [Fact]
    public async Task MaxPacketsPerSecond_pass_and_one_more_ends_the_session()
    {
        await using var server = await TestServer.StartAsync(
            new SocketIOOptions { MaxPacketsPerSecond = 5 },
            socket => socket.On("e", e => e.Acknowledge()));
        using var client = await WebSocketTests.ConnectAsync(server);
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        for (var second = 0; second < 3; second++)
        {
            for (var i = 0; i < 5; i++)
            {
                await client.SendTextAsync($"42{i}[\"e\"]");
                Assert.Equal($"43{i}[]", await client.ReceiveTextAsync());
            }

            server.Clock.Advance(TimeSpan.FromSeconds(second < 2 ? 1 : 0));
        }

        await client.SendTextAsync("429[\"e\"]");

        Assert.Equal(DisconnectReason.LimitExceeded, await server.EndAsync(server.Sockets.Single()));
    }

    [Fact]
    public async Task Past_MaxConnectionsPerAddress_a_client_is_refused_until_another_leaves()
    {
        await using var server = await TestServer.StartAsync(new SocketIOOptions { MaxConnectionsPerAddress = 1 });
        using var first = server.Client(4);
        await first.OpenAsync();
        using var second = server.Client(4);

        Assert.Equal(System.Net.HttpStatusCode.Forbidden, (await second.GetAsync()).Status);
        using var webSocket = new RawWebSocketClient();
        await webSocket.ConnectAsync(server.Port, second.WebSocketPath);
        Assert.Equal(1008, await webSocket.ReceiveCloseAsync());
        await first.PostAsync("1");

        await second.OpenAsync();
    }

    [Fact]
    public async Task EmitVolatile_sends_only_what_can_go_out_at_once()
    {
        await using var server = await TestServer.StartAsync();
        using var polling = await server.ConnectPollingAsync(4);
        var socket = server.Sockets.Single();

        Assert.False(socket.EmitVolatile(EventMessage.Create("m", "dropped")));
        var poll = polling.PollAsync();
        await Eventually.TrueAsync(() => server.Server.Sessions[polling.Sid].IsPolling);
        Assert.True(socket.EmitVolatile(EventMessage.Create("m", "sent")));

        Assert.Equal(["""42["m","sent"]"""], await poll);
        using var client = await WebSocketTests.ConnectAsync(server);
        server.Server.Root.ToAll().EmitVolatile(EventMessage.Create("m", "to the WebSocket"));
        Assert.Equal("""42["m","to the WebSocket"]""", await client.ReceiveTextAsync());
    }

    [Fact]
    public async Task OnAny_gets_every_event_in_turn_with_the_handlers_by_name()
    {
        var log = new List<string>();
        await using var server = await TestServer.StartAsync(onConnection: socket =>
        {
            socket.OnAny(e => log.Add($"any {e.Name}"));
            socket.On("a", e => log.Add($"a {e[0]}"));
        });
        using var client = await WebSocketTests.ConnectAsync(server);

        await client.SendTextAsync("""42["a",1]""");
        await client.SendTextAsync("""42["b"]""");

        await Eventually.TrueAsync(() => log.Count == 3);
        Assert.Equal(["any a", "a 1", "any b"], log);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1")]
    [InlineData("[1] 2")]
    public void FromArguments_refuses_what_is_not_one_array(string json) =>
        Assert.Throws<ArgumentException>(() => EventMessage.FromArguments("m", Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData("[]", """["m"]""")]
    [InlineData(" [ ] ", """["m"]""")]
    [InlineData("""[1,"x"]""", """["m",1,"x"]""")]
    public void FromArguments_puts_the_name_before_the_arguments(string json, string expected) =>
        Assert.Equal(expected, EventMessage.FromArguments("m", Encoding.UTF8.GetBytes(json)).ToString());
}
