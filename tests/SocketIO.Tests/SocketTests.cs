using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;

using LiveRobot.Testing;

using WebSockets.Tests;

namespace SocketIO.Tests;

public sealed class SocketTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("""42["e"]""", "[]", 0)]
    [InlineData("""42[ "e" ]""", "[]", 0)]
    [InlineData("""42["e",1]""", "[1]", 1)]
    [InlineData("""42["e", {"a":[1,2]}, "x, y" ]""", """[ {"a":[1,2]}, "x, y" ]""", 2)]
    [InlineData("""42["\u0065",null]""", "[null]", 1)]
    [InlineData("""42/,["e",1]""", "[1]", 1)]
    public async Task A_handler_gets_the_arguments_as_the_client_sent_them(string packet, string json, int count)
    {
        var received = new TaskCompletionSource<(string, string, int, JsonValueKind)>();
        await using var server = await TestServer.StartAsync(onConnection: socket => socket.On(
            "e",
            e => received.SetResult((e.Name, Encoding.UTF8.GetString(e.Json.Span), e.Count, e[99].ValueKind))));
        using var client = await WebSocketTests.ConnectAsync(server);

        await client.SendTextAsync(packet);

        Assert.Equal(("e", json, count, JsonValueKind.Undefined), await received.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task An_event_that_no_handler_has_by_name_goes_to_the_handler_of_unknown_ones()
    {
        var log = new ConcurrentQueue<string>();
        await using var server = await TestServer.StartAsync(onConnection: socket =>
        {
            socket.OnUnknown(e => log.Enqueue($"unknown {e.Name} {e[0]}"));
            socket.OnAny(e => log.Enqueue($"any {e.Name}"));
            socket.On("known", e => log.Enqueue($"known {e[0]}"));
        });
        using var client = await WebSocketTests.ConnectAsync(server);

        await client.SendTextAsync("""42["known",1]""");
        await client.SendTextAsync("""42["strange",2]""");

        await Eventually.TrueAsync(() => log.Count == 4);
        Assert.Equal(["any known", "known 1", "any strange", "unknown strange 2"], log);
    }

    [Fact]
    public async Task What_is_told_of_a_handler_that_fails_may_answer_in_its_place_and_what_it_leaves_is_logged()
    {
        await using var server = await TestServer.StartAsync(onConnection: socket =>
        {
            socket.On("e", _ => throw new InvalidOperationException("the store is away"));
            socket.OnFailed((e, exception) =>
            {
                e.Acknowledge(exception.Message);
                return e[0].GetInt32() == 1;
            });
        });
        using var client = await WebSocketTests.ConnectAsync(server);

        await client.SendTextAsync("""421["e",1]""");
        await client.SendTextAsync("""422["e",2]""");

        Assert.Equal("""431["the store is away"]""", await client.ReceiveTextAsync());
        Assert.Equal("""432["the store is away"]""", await client.ReceiveTextAsync());
        await Eventually.TrueAsync(() => Record.Exception(server.AssertNothingFailed)?.Message.Split("A handler of").Length == 2);
    }

    [Fact]
    public async Task Handlers_of_one_socket_run_one_after_the_other_and_do_not_hold_up_another_socket()
    {
        var log = new ConcurrentQueue<string>();
        var gate = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(onConnection: socket => socket.On("e", async e =>
        {
            log.Enqueue($"begin {e[0]}");
            if (e[0].GetInt32() == 1)
            {
                await gate.Task;
            }

            log.Enqueue($"end {e[0]}");
        }));
        using var first = await WebSocketTests.ConnectAsync(server);
        using var second = await WebSocketTests.ConnectAsync(server);

        await first.SendTextAsync("""42["e",1]""");
        await first.SendTextAsync("""42["e",2]""");
        await Eventually.TrueAsync(() => log.Contains("begin 1"));
        await second.SendTextAsync("""42["e",3]""");
        await Eventually.TrueAsync(() => log.Contains("end 3"));
        Assert.DoesNotContain("begin 2", log);
        gate.SetResult();

        await Eventually.TrueAsync(() => log.Count == 6);
        Assert.Equal(["begin 1", "begin 3", "end 3", "end 1", "begin 2", "end 2"], log);
    }

    [Fact]
    public async Task A_handler_that_waits_for_its_own_client_gets_its_answer()
    {
        var answered = new TaskCompletionSource<string>();
        await using var server = await TestServer.StartAsync(onConnection: socket => socket.On("e", async _ =>
        {
            var answer = await socket.EmitWithAckAsync(EventMessage.Create("question"), Patience);
            Assert.True(await socket.ProbeAsync());
            answered.SetResult(Encoding.UTF8.GetString(answer.Span));
        }));
        using var client = await WebSocketTests.ConnectAsync(server);

        await client.SendTextAsync("""42["e"]""");
        Assert.Equal("""420["question"]""", await client.ReceiveTextAsync());
        await client.SendTextAsync("""430["yes",1]""");
        await client.SendAsync(0x8A, (await client.ReceiveAsync()).Payload);

        Assert.Equal("""["yes",1]""", await answered.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task An_event_whose_handler_throws_goes_to_the_handler_of_failed_ones_which_may_answer_it()
    {
        await using var server = await TestServer.StartAsync(onConnection: socket =>
        {
            socket.OnFailed((e, _) =>
            {
                e.Acknowledge($"{e.Name} {e[0]} failed");
                return true;
            });
            socket.On("at once", _ => throw new InvalidOperationException("on purpose"));
            socket.On("later", async _ =>
            {
                await Task.Yield();
                throw new InvalidOperationException("on purpose");
            });
            socket.On("answered", e =>
            {
                e.Acknowledge("done");
                throw new InvalidOperationException("on purpose");
            });
        });
        using var client = await WebSocketTests.ConnectAsync(server);

        await client.SendTextAsync("""421["at once",1]""");
        Assert.Equal("""431["at once 1 failed"]""", await client.ReceiveTextAsync());
        await client.SendTextAsync("""422["later",2]""");
        Assert.Equal("""432["later 2 failed"]""", await client.ReceiveTextAsync());
        await client.SendTextAsync("""423["answered",3]""");
        Assert.Equal("""433["done"]""", await client.ReceiveTextAsync());
    }

    [Fact]
    public async Task A_handler_of_failed_events_that_throws_is_followed_by_the_next_event()
    {
        await using var server = await TestServer.StartAsync(onConnection: socket =>
        {
            socket.OnFailed((_, _) => throw new InvalidOperationException("on purpose"));
            socket.On("bad", _ => throw new InvalidOperationException("on purpose"));
            socket.On("good", e => e.Acknowledge());
        });
        using var client = await WebSocketTests.ConnectAsync(server);

        await client.SendTextAsync("""42["bad"]""");
        await client.SendTextAsync("""427["good"]""");

        Assert.Equal("437[]", await client.ReceiveTextAsync());
    }

    [Fact]
    public async Task A_handler_that_throws_is_followed_by_the_next_event()
    {
        var received = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(onConnection: socket =>
        {
            socket.On("bad", _ => throw new InvalidOperationException("on purpose"));
            socket.On("worse", async _ =>
            {
                await Task.Yield();
                throw new InvalidOperationException("on purpose");
            });
            socket.On("good", _ => received.SetResult());
        });
        using var client = await WebSocketTests.ConnectAsync(server);

        await client.SendTextAsync("""42["bad"]""");
        await client.SendTextAsync("""42["worse"]""");
        await client.SendTextAsync("""42["good"]""");

        await received.Task.WaitAsync(Patience);
        Assert.True(server.Sockets.Single().IsConnected);
    }

    [Fact]
    public async Task An_event_without_a_handler_is_dropped_silently()
    {
        await using var server = await TestServer.StartAsync(onConnection: socket => socket.On("known", e => e.Acknowledge("here")));
        using var client = await WebSocketTests.ConnectAsync(server);

        await client.SendTextAsync("""42["unknown",{"a":1}]""");
        await client.SendTextAsync("""427["known"]""");

        Assert.Equal("""437["here"]""", await client.ReceiveTextAsync());
    }

    [Fact]
    public async Task At_most_one_acknowledgement_is_sent_and_none_that_was_not_asked_for()
    {
        await using var server = await TestServer.StartAsync(onConnection: socket => socket.On("e", e =>
        {
            Assert.Equal(e[0].GetBoolean(), e.WantsAcknowledgement);
            e.Acknowledge(new { ok = true });
            e.Acknowledge("again");
        }));
        using var client = await WebSocketTests.ConnectAsync(server);

        await client.SendTextAsync("""42["e",false]""");
        await client.SendTextAsync("""421["e",true]""");
        await client.SendTextAsync("""422["e",true]""");

        Assert.Equal("""431[{"ok":true}]""", await client.ReceiveTextAsync());
        Assert.Equal("""432[{"ok":true}]""", await client.ReceiveTextAsync());
    }

    [Fact]
    public async Task An_acknowledgement_may_be_sent_after_the_handler_has_returned()
    {
        SocketEvent? kept = null;
        await using var server = await TestServer.StartAsync(onConnection: socket => socket.On("e", e => kept = e));
        using var client = await WebSocketTests.ConnectAsync(server);
        await client.SendTextAsync("""425["e"]""");
        await Eventually.TrueAsync(() => kept is not null);

        kept!.Value.Acknowledge("later");

        Assert.Equal("""435["later"]""", await client.ReceiveTextAsync());
    }

    [Fact]
    public async Task EmitWithAckAsync_throws_when_no_answer_comes_in_time_and_ignores_it_afterwards()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await WebSocketTests.ConnectAsync(server);
        var socket = await server.SocketAsync();
        var asking = socket.EmitWithAckAsync(EventMessage.Create("question"), TimeSpan.FromSeconds(3));
        Assert.Equal("""420["question"]""", await client.ReceiveTextAsync());

        server.Clock.Advance(TimeSpan.FromSeconds(3.1));

        await Assert.ThrowsAsync<TimeoutException>(() => asking);
        await client.SendTextAsync("430[1]");
        await client.SendTextAsync("""42["unknown"]""");
        Assert.True(socket.IsConnected);
    }

    [Fact]
    public async Task EmitWithAckAsync_throws_when_the_socket_ends_first()
    {
        await using var server = await TestServer.StartAsync();
        var client = await WebSocketTests.ConnectAsync(server);
        var socket = await server.SocketAsync();
        var asking = socket.EmitWithAckAsync(EventMessage.Create("question"), Patience);

        client.Dispose();

        await Assert.ThrowsAsync<InvalidOperationException>(() => asking.WaitAsync(Patience));
        await Assert.ThrowsAsync<InvalidOperationException>(() => socket.EmitWithAckAsync(EventMessage.Create("question"), Patience));
    }

    [Fact]
    public async Task OnDisconnect_runs_once_after_the_events_that_came_before_and_at_once_for_who_asks_later()
    {
        var log = new ConcurrentQueue<string>();
        var gate = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(onConnection: socket =>
        {
            socket.On("e", async e =>
            {
                await gate.Task;
                log.Enqueue($"event {e[0]}");
            });
            socket.OnDisconnect(reason => log.Enqueue($"{reason}"));
        });
        using var client = await WebSocketTests.ConnectAsync(server);
        await client.SendTextAsync("""42["e",1]""");
        await client.SendTextAsync("""42["e",2]""");
        await client.SendTextAsync("41");
        var socket = await server.SocketAsync();
        await Eventually.TrueAsync(() => !socket.IsConnected);
        gate.SetResult();

        await Eventually.TrueAsync(() => log.Count == 3);
        socket.OnDisconnect(reason => log.Enqueue($"late {reason}"));
        socket.Disconnect();

        Assert.Equal(["event 1", "event 2", "ClientDisconnected", "late ClientDisconnected"], log);
    }

    [Fact]
    public async Task A_client_whose_events_wait_past_MaxPendingBytes_is_disconnected()
    {
        var gate = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(
            new SocketIOOptions { MaxPendingBytes = 10_000 },
            socket => socket.On("e", async _ => await gate.Task));
        using var client = await WebSocketTests.ConnectAsync(server);
        var socket = await server.SocketAsync();
        var packet = $"42[\"e\",\"{new string('x', 700)}\"]";

        // The first runs, seven wait: 1024 bytes rented and 256 each.
        for (var i = 0; i < 8; i++)
        {
            await client.SendTextAsync(packet);
        }

        await client.SendTextAsync("""421["unknown"]""");
        Assert.True(socket.IsConnected);
        await client.SendTextAsync(packet);

        await Eventually.TrueAsync(() => !socket.IsConnected);
        gate.SetResult();
        Assert.Equal(DisconnectReason.LimitExceeded, await server.EndAsync(socket));
    }

    [Fact]
    public async Task A_broadcast_reaches_each_addressed_socket_once_and_nobody_else()
    {
        await using var server = await TestServer.StartAsync();
        var clients = new List<RawWebSocketClient>();
        for (var i = 0; i < 5; i++)
        {
            clients.Add(await WebSocketTests.ConnectAsync(server));
        }

        var sockets = server.Sockets.ToArray();
        sockets[0].Join("a");
        sockets[1].Join("a");
        sockets[1].Join("b");
        sockets[2].Join("b");
        sockets[3].Join("a");
        sockets[3].Leave("a");
        var root = server.Server.Root;

        root.To("a").Emit(EventMessage.Create("m", "a"));
        root.To("a").To("b").Emit(EventMessage.Create("m", "a or b"));
        root.To("a").Except("b").Emit(EventMessage.Create("m", "a not b"));
        root.To("a").Except(sockets[0].Id).Emit(EventMessage.Create("m", "a not 0"));
        sockets[1].To("b").Emit(EventMessage.Create("m", "others of b"));
        root.To(sockets[4].Id).Emit(EventMessage.Create("m", "4"));
        root.To("nobody").Emit(EventMessage.Create("m", "nobody"));
        root.Emit(EventMessage.Create("m", "all"));

        string[][] expected =
        [
            ["a", "a or b", "a not b", "all"],
            ["a", "a or b", "a not 0", "all"],
            ["a or b", "others of b", "all"],
            ["all"],
            ["4", "all"],
        ];
        for (var i = 0; i < clients.Count; i++)
        {
            foreach (var message in expected[i])
            {
                Assert.Equal($"42[\"m\",\"{message}\"]", await clients[i].ReceiveTextAsync());
            }

            clients[i].Dispose();
        }

        await Eventually.TrueAsync(() => root.Sockets.Count == 0);
        Assert.Equal(0, root.Rooms.Count);
        sockets[0].Join("late");
        Assert.Equal(0, root.Rooms.Count);
    }

    [Fact]
    public async Task Events_from_many_threads_arrive_each_in_its_own_order_while_the_client_upgrades()
    {
        const int threads = 4;
        const int each = 200;
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectPollingAsync(4);
        var socket = server.Sockets.Single();
        var sending = Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++)
            {
                socket.Emit(EventMessage.Create("m", thread * each + i));
                if (i % 20 == 0)
                {
                    await Task.Delay(1);
                }
            }
        })));
        var received = await client.PollAsync();
        using var webSocket = await WebSocketTests.BeginUpgradeAsync(server, client);
        await webSocket.SendTextAsync("5");
        while (received.Count(packet => packet != "6") < threads * each)
        {
            received.Add(await webSocket.ReceiveTextAsync());
        }

        await sending;
        var numbers = received.Where(packet => packet != "6").Select(packet => int.Parse(packet[7..^1])).ToList();
        Assert.Equal(Enumerable.Range(0, threads * each), numbers.Order());
        Assert.All(numbers.GroupBy(number => number / each), group => Assert.Equal(group.Order(), group));
    }

    [Fact]
    public async Task A_namespace_that_does_not_exist_is_refused_in_each_revisions_way()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await WebSocketTests.ConnectAsync(server);
        using var old = new RawWebSocketClient();
        await old.ConnectAsync(server.Port, "/socket.io/?EIO=3&transport=websocket");
        await old.ReceiveTextAsync();
        await old.ReceiveTextAsync();

        await client.SendTextAsync("40/nowhere,");
        await old.SendTextAsync("40/nowhere?token=1");

        Assert.Equal("""44/nowhere,{"message":"Invalid namespace"}""", await client.ReceiveTextAsync());
        Assert.Equal("44/nowhere,\"Invalid namespace\"", await old.ReceiveTextAsync());
        Assert.True(server.Sockets.All(socket => socket.IsConnected));
    }

    [Theory]
    [InlineData("EIO=3", "/admin#")]
    [InlineData("EIO=4", "")]
    public async Task A_client_may_join_another_namespace_and_leave_it_again(string version, string idPrefix)
    {
        await using var server = await TestServer.StartAsync();
        Socket? joined = null;
        server.Server.Of("/admin").OnConnection(socket =>
        {
            joined = socket;
            socket.On("e", e => e.Acknowledge(socket.Namespace.Name));
        });
        using var client = new RawWebSocketClient();
        await client.ConnectAsync(server.Port, $"/socket.io/?{version}&transport=websocket");
        await client.ReceiveTextAsync();
        await client.SendTextAsync("40/admin,");
        string connected;
        do
        {
            connected = await client.ReceiveTextAsync();
        }
        while (!connected.StartsWith("40/admin,", StringComparison.Ordinal));

        await client.SendTextAsync("""42/admin,1["e"]""");
        Assert.Equal("""43/admin,1["/admin"]""", await client.ReceiveTextAsync());
        Assert.StartsWith(idPrefix, joined!.Id);
        joined.Emit(EventMessage.Create("m", 1));
        Assert.Equal("""42/admin,["m",1]""", await client.ReceiveTextAsync());
        await client.SendTextAsync("41/admin,");
        await Eventually.TrueAsync(() => !joined.IsConnected);
        Assert.Empty(server.Server.Of("/admin").Sockets);
        Assert.Single(server.Server.Sessions);
    }

    [Fact]
    public void FromJson_refuses_what_is_not_one_JSON_value()
    {
        foreach (var bad in (string[])["", "{", "1 2", "[1],", "nul", "\"a", "1]"])
        {
            Assert.Throws<ArgumentException>(() => EventMessage.FromJson("m", Encoding.UTF8.GetBytes(bad)));
        }

        Assert.Throws<ArgumentException>(() => EventMessage.FromJson("m", [(byte)'"', 0xC3, 0x28, (byte)'"']));
        Assert.Equal("""["m",{"a" : 1}]""", EventMessage.FromJson("m", "{\"a\" : 1}"u8).ToString());
    }

    [Theory]
    [InlineData("connect")]
    [InlineData("disconnect")]
    [InlineData("connect_error")]
    public void Create_refuses_names_that_clients_keep_for_themselves(string name) =>
        Assert.Throws<ArgumentException>(() => EventMessage.Create(name, 1));

    [Fact]
    public void Create_keeps_the_names_of_properties()
    {
        var message = EventMessage.Create("m", new { Upper = 1, lower = "<ü>" });

        Assert.Equal("""["m",{"Upper":1,"lower":"<ü>"}]""", message.ToString());
    }
}
