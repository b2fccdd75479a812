using System.Text.Json;

using LiveRobot.Testing;

using WebSockets.Tests;

namespace SocketIO.Tests;

/// <summary>Connection state recovery, by the bytes.</summary>
public sealed class RecoveryTests
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task It_is_off_by_default()
    {
        await using var server = await TestServer.StartAsync(onConnection: socket => socket.Emit(EventMessage.Create("m", 1)));
        using var client = await WebSocketTests.OpenAsync(server, 4);

        await client.SendTextAsync("""40{"pid":"x","offset":"y"}""");

        Assert.Matches("""^40{"sid":"[^"]+"}$""", await client.ReceiveTextAsync());
        Assert.Equal("""42["m",1]""", await client.ReceiveTextAsync());
        Assert.False((await server.SocketAsync()).IsRecovered);
    }

    [Fact]
    public async Task Clients_of_revision_5_get_a_pid_and_offsets_and_those_of_revision_4_neither()
    {
        await using var server = await StartAsync();
        var (client, _, _) = await ConnectAsync(server);
        using var old = await WebSocketTests.OpenAsync(server, 3);
        Assert.Equal("40", await old.ReceiveTextAsync());
        var sockets = server.Server.Root;

        sockets.Emit(EventMessage.Create("m"));
        (await server.SocketAsync(0)).Emit(EventMessage.Create("m", 2));
        (await server.SocketAsync(1)).Emit(EventMessage.Create("m", 3));
        sockets.ToAll().EmitVolatile(EventMessage.Create("m", 4));

        var offsets = new List<string>();
        foreach (var expected in (string[])["""42["m",""", """42["m",2,""", """42["m",4,"""])
        {
            var text = await client.ReceiveTextAsync();
            Assert.StartsWith(expected, text);
            offsets.Add(JsonDocument.Parse(text[2..]).RootElement.EnumerateArray().Last().GetString()!);
        }

        Assert.NotEqual(offsets[0], offsets[1]);
        Assert.Equal(offsets[1], offsets[2]); // A volatile event is not kept.
        Assert.Equal("""42["m"]""", await old.ReceiveTextAsync());
        Assert.Equal("""42["m",3]""", await old.ReceiveTextAsync());
        Assert.Equal("""42["m",4]""", await old.ReceiveTextAsync());
        client.Dispose();
    }

    [Fact]
    public async Task Who_comes_back_gets_id_rooms_items_and_what_was_missed()
    {
        await using var server = await StartAsync();
        var (client, sid, pid) = await ConnectAsync(server);
        var socket = await server.SocketAsync();
        socket.Join("a");
        socket.Items["user"] = "me";
        var root = server.Server.Root;
        root.Emit(EventMessage.Create("m", "seen"));
        var offset = await ReadAsync(client, "seen");
        await LoseAsync(server, client, socket);

        root.To("a").Emit(EventMessage.Create("m", "a"));
        root.To("b").Emit(EventMessage.Create("m", "b"));
        root.Except("a").Emit(EventMessage.Create("m", "not a"));
        root.Except(sid).Emit(EventMessage.Create("m", "not this"));
        root.To(sid).Emit(EventMessage.CreateBinary("m", new byte[] { 1, 2 }));
        root.ToAll().EmitVolatile(EventMessage.Create("m", "volatile"));
        root.Emit(EventMessage.Create("m", "all"));
        var (again, sidAgain, pidAgain) = await ConnectAsync(server, pid, offset);

        Assert.Equal((sid, pid), (sidAgain, pidAgain));
        await ReadAsync(again, "a");
        Assert.StartsWith("""451-["m",{"_placeholder":true,"num":0},""", await again.ReceiveTextAsync());
        Assert.Equal([1, 2], (await again.ReceiveAsync()).Payload);
        await ReadAsync(again, "all");
        var recovered = await server.SocketAsync(1);
        Assert.True(recovered.IsRecovered);
        Assert.NotSame(socket, recovered);
        Assert.Equal(["a"], recovered.Rooms);
        Assert.Equal("me", recovered.Items["user"]);
        Assert.Equal([recovered], root.To("a").GetSockets());
        root.To("a").Emit(EventMessage.Create("m", "live"));
        await ReadAsync(again, "live");
        again.Dispose();
    }

    [Fact]
    public async Task A_client_that_never_got_an_event_gets_all_since_it_connected()
    {
        await using var server = await StartAsync();
        server.Server.Root.Emit(EventMessage.Create("m", "before"));
        var (client, _, pid) = await ConnectAsync(server);
        await LoseAsync(server, client, await server.SocketAsync());
        server.Server.Root.Emit(EventMessage.Create("m", "missed"));

        var (again, _, pidAgain) = await ConnectAsync(server, pid);

        Assert.Equal(pid, pidAgain);
        await ReadAsync(again, "missed");

        // And again, lost on the way: the same event once more, as the client has not told of it.
        await LoseAsync(server, again, await server.SocketAsync(1));
        (again, _, _) = await ConnectAsync(server, pid);
        await ReadAsync(again, "missed");
        again.Dispose();
    }

    [Theory]
    [InlineData("unknown", null)]
    [InlineData(null, "garbage")]
    [InlineData(null, "")]
    [InlineData(null, "{mark}.")]
    [InlineData(null, "{mark}.-1")]
    [InlineData(null, "{mark}.2")]
    [InlineData(null, "{mark}.99999999999999999999")]
    public async Task An_unknown_pid_or_a_false_offset_starts_anew(string? pid, string? offset)
    {
        await using var server = await StartAsync();
        var (client, sid, realPid) = await ConnectAsync(server);
        server.Server.Root.Emit(EventMessage.Create("m", "seen"));
        var realOffset = await ReadAsync(client, "seen");
        await LoseAsync(server, client, await server.SocketAsync());

        var (again, sidAgain, pidAgain) = await ConnectAsync(
            server, pid ?? realPid, offset?.Replace("{mark}", realOffset.Split('.')[0], StringComparison.Ordinal) ?? realOffset);

        Assert.NotEqual(realPid, pidAgain);
        Assert.False((await server.SocketAsync(1)).IsRecovered);
        Assert.True(pid is null || sid != sidAgain);
        again.Dispose();
    }

    [Fact]
    public async Task A_pid_opens_its_own_namespace_only()
    {
        await using var server = await StartAsync();
        server.Server.Of("/other");
        var (client, sid, pid) = await ConnectAsync(server);
        await LoseAsync(server, client, await server.SocketAsync());
        using var other = await WebSocketTests.OpenAsync(server, 4);

        await other.SendTextAsync($$"""40/other,{"pid":"{{pid}}"}""");

        var answer = await other.ReceiveTextAsync();
        Assert.DoesNotContain(pid, answer);
        Assert.DoesNotContain(sid, answer);
    }

    [Theory]
    [InlineData("41", false)]
    [InlineData("kick", false)]
    [InlineData("cut", true)]
    public async Task Only_who_was_lost_can_come_back(string end, bool comesBack)
    {
        await using var server = await StartAsync();
        var (client, _, pid) = await ConnectAsync(server);
        var socket = await server.SocketAsync();
        switch (end)
        {
            case "41":
                await client.SendTextAsync("41");
                break;
            case "kick":
                socket.Disconnect();
                break;
            default:
                client.Dispose();
                break;
        }

        await Eventually.TrueAsync(() => server.Ended.ContainsKey(socket));
        Assert.Equal(comesBack ? 1 : 0, server.Server.Recovery!.LostSessions);
        var (again, _, pidAgain) = await ConnectAsync(server, pid);

        Assert.Equal(comesBack, pid == pidAgain);
        client.Dispose();
        again.Dispose();
    }

    [Fact]
    public async Task A_connection_that_the_server_still_thinks_alive_is_taken_over()
    {
        await using var server = await StartAsync();
        var (client, sid, pid) = await ConnectAsync(server);
        var socket = await server.SocketAsync();

        var (again, sidAgain, _) = await ConnectAsync(server, pid);

        Assert.Equal(sid, sidAgain);
        Assert.Equal(DisconnectReason.TransportClosed, await server.EndAsync(socket));
        Assert.Equal([await server.SocketAsync(1)], server.Server.Root.Sockets);
        client.Dispose();
        again.Dispose();
    }

    [Fact]
    public async Task Middleware_is_asked_again()
    {
        await using var server = await StartAsync();
        var isOpen = true;
        server.Server.Root.Use(_ => ValueTask.FromResult(isOpen ? null : new ConnectRefusal("Closed")));
        var (client, _, pid) = await ConnectAsync(server);
        await LoseAsync(server, client, await server.SocketAsync());
        isOpen = false;
        using var again = await WebSocketTests.OpenAsync(server, 4);

        await again.SendTextAsync($$"""40{"pid":"{{pid}}"}""");

        Assert.Equal("""44{"message":"Closed"}""", await again.ReceiveTextAsync());
        Assert.Equal(0, server.Server.Recovery!.LostSessions);
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    public async Task Until_RecoveryTime_has_passed(int milliseconds, bool comesBack)
    {
        await using var server = await StartAsync();
        var (client, _, pid) = await ConnectAsync(server);
        await LoseAsync(server, client, await server.SocketAsync());
        server.Server.Root.Emit(EventMessage.Create("m", "missed"));

        server.Clock.Advance(Time + TimeSpan.FromMilliseconds(milliseconds));
        var (again, _, pidAgain) = await ConnectAsync(server, pid);

        Assert.Equal(comesBack, pid == pidAgain);
        again.Dispose();
    }

    [Fact]
    public async Task What_is_kept_goes_when_its_time_has_passed_and_nothing_else_happens()
    {
        await using var server = await StartAsync();
        var (client, _, _) = await ConnectAsync(server);
        await LoseAsync(server, client, await server.SocketAsync());
        server.Server.Root.Emit(EventMessage.Create("m"));
        Assert.Equal((1, 1), (server.Server.Recovery!.Events, server.Server.Recovery.LostSessions));

        server.Clock.Advance(Time);

        Assert.Equal((0, 0), (server.Server.Recovery.Events, server.Server.Recovery.LostSessions));
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public async Task Up_to_RecoveryMaxEvents(int missed, bool comesBack)
    {
        await using var server = await StartAsync(options => options.RecoveryMaxEvents = 3);
        await AssertComesBackAsync(server, missed, "m", comesBack);
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public async Task Up_to_RecoveryMaxBytes(int missed, bool comesBack)
    {
        // Each event is 256 bytes and twice its JSON of 2,000 and some.
        await using var server = await StartAsync(options => options.RecoveryMaxBytes = 10_000);
        await AssertComesBackAsync(server, missed, new string('x', 2000), comesBack);
    }

    [Fact]
    public async Task Up_to_RecoveryMaxSessions_the_last_that_were_lost()
    {
        await using var server = await StartAsync(options => options.RecoveryMaxSessions = 2);
        var pids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            var (client, _, pid) = await ConnectAsync(server);
            pids.Add(pid);
            await LoseAsync(server, client, await server.SocketAsync(i));
        }

        Assert.Equal(2, server.Server.Recovery!.LostSessions);
        var first = await ConnectAsync(server, pids[0]);
        var second = await ConnectAsync(server, pids[1]);
        var third = await ConnectAsync(server, pids[2]);

        Assert.NotEqual(pids[0], first.Pid);
        Assert.Equal(pids[1], second.Pid);
        Assert.Equal(pids[2], third.Pid);
        first.Client.Dispose();
        second.Client.Dispose();
        third.Client.Dispose();
    }

    [Fact]
    public async Task Who_comes_back_while_its_loss_is_being_noticed_is_the_same()
    {
        await using var server = await StartAsync();
        var (client, _, pid) = await ConnectAsync(server);
        for (var i = 0; i < 300; i++)
        {
            var next = await WebSocketTests.OpenAsync(server, 4);
            client.Dispose();
            await next.SendTextAsync($$"""40{"pid":"{{pid}}"}""");

            Assert.Contains($"\"pid\":\"{pid}\"", await next.ReceiveTextAsync(), StringComparison.Ordinal);
            client = next;
        }

        client.Dispose();
    }

    private static async Task AssertComesBackAsync(TestServer server, int missed, string text, bool comesBack)
    {
        var (client, sid, pid) = await ConnectAsync(server);
        (await server.SocketAsync()).Join("a");
        await LoseAsync(server, client, await server.SocketAsync());
        for (var i = 0; i < missed; i++)
        {
            server.Server.Root.Emit(EventMessage.Create("m", text));
        }

        var (again, sidAgain, pidAgain) = await ConnectAsync(server, pid);

        Assert.Equal(comesBack, pid == pidAgain);
        Assert.Equal(comesBack, (await server.SocketAsync(1)).IsRecovered);
        Assert.Equal(comesBack ? ["a"] : [], (await server.SocketAsync(1)).Rooms);
        Assert.Equal(sid, sidAgain);
        for (var i = 0; i < (comesBack ? missed : 0); i++)
        {
            await ReadAsync(again, text);
        }

        server.Server.Root.Emit(EventMessage.Create("m", "live"));
        await ReadAsync(again, "live");
        again.Dispose();
    }

    private static Task<TestServer> StartAsync(Action<SocketIOOptions>? configure = null)
    {
        var options = new SocketIOOptions { RecoveryTime = Time };
        configure?.Invoke(options);
        return TestServer.StartAsync(options);
    }

    private static async Task<(RawWebSocketClient Client, string Sid, string Pid)> ConnectAsync(TestServer server, string? pid = null, string? offset = null)
    {
        var client = await WebSocketTests.OpenAsync(server, 4);
        await client.SendTextAsync(pid is null ? "40" : "40" + JsonSerializer.Serialize(offset is null ? new { pid } : (object)new { pid, offset }));
        var answer = await client.ReceiveTextAsync();
        Assert.StartsWith("40{", answer);
        var json = JsonDocument.Parse(answer[2..]).RootElement;
        return (client, json.GetProperty("sid").GetString()!, json.GetProperty("pid").GetString()!);
    }

    /// <summary>Reads an event with one argument and returns its offset.</summary>
    private static async Task<string> ReadAsync(RawWebSocketClient client, string argument)
    {
        var json = JsonDocument.Parse((await client.ReceiveTextAsync())[2..]).RootElement;
        Assert.Equal(argument, json[1].GetString());
        return json[2].GetString()!;
    }

    private static async Task LoseAsync(TestServer server, RawWebSocketClient client, Socket socket)
    {
        client.Dispose();
        Assert.Equal(DisconnectReason.TransportClosed, await server.EndAsync(socket));
    }
}
