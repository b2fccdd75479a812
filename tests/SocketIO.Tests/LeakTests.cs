using System.Runtime.CompilerServices;

using LiveRobot.Testing;

namespace SocketIO.Tests;

/// <summary>Clients that have come and gone leave nothing behind.</summary>
public sealed class LeakTests
{
    private const int Each = 50;

    [Fact]
    public async Task After_many_connects_no_session_socket_room_namespace_or_timer_is_left()
    {
        var sockets = new List<WeakReference>();
        await using var server = await TestServer.StartAsync(
            new SocketIOOptions { MaxConnectionsPerAddress = 10 },
            socket =>
            {
                lock (sockets)
                {
                    sockets.Add(new WeakReference(socket));
                }

                socket.Join("everybody");
                socket.Join(socket.Id + "'s");
                socket.On("e", e => e.Acknowledge(socket.Rooms.Count));
                // Never answered, so it ends with the socket.
                var asking = socket.AskAsync(EventMessage.Create("question"), TimeSpan.FromDays(1));
                _ = asking.ContinueWith(static task => task.Exception, TaskScheduler.Default);
            });
        server.Server.OfDynamic(_ => true, made => made.OnConnection(socket => socket.Join("made")));
        var timers = server.Clock.Timers;

        for (var i = 0; i < Each; i++)
        {
            await ComeAndGoOnAWebSocketAsync(server, i);
            await ComeAndGoOnPollingAsync(server, 3);
            await ComeAndGoOnPollingAsync(server, 4);
            await ComeAndGoByUpgradeAsync(server);
        }

        await Eventually.TrueAsync(() => server.Server.Sessions.IsEmpty);
        await Eventually.TrueAsync(() => server.Ended.Count == 4 * Each);
        // That of a question ends a moment after it.
        await Eventually.TrueAsync(() => server.Clock.Timers == timers);
        Assert.Empty(server.Server.Root.Sockets);
        Assert.Equal(0, server.Server.Root.Rooms.Count);
        for (var i = 0; i < Each; i++)
        {
            Assert.Null(server.Server.Find($"/made-{i}"));
        }

        Assert.Equal(4 * Each, sockets.Count);
        server.Sockets.Clear();
        server.Ended.Clear();
        // A few may still be known to what the HTTP server keeps for its next request.
        await Eventually.TrueAsync(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return sockets.Count(socket => socket.IsAlive) <= Each / 10;
        });
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task ComeAndGoOnAWebSocketAsync(TestServer server, int number)
    {
        using var client = await WebSocketTests.ConnectAsync(server);
        Assert.Equal("""420["question"]""", await client.ReceiveTextAsync());
        await client.SendTextAsync("""421["e"]""");
        Assert.Equal("431[2]", await client.ReceiveTextAsync());
        await client.SendTextAsync($"40/made-{number},");
        Assert.StartsWith("40/made-", await client.ReceiveTextAsync());
        if (number % 2 == 0)
        {
            // In the middle of a packet with attachments.
            await client.SendTextAsync("""452-["e",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]""");
            await client.SendAsync(0x82, new byte[1000]);
        }
        else
        {
            await client.SendAsync(0x88, [0x03, 0xE8]);
            await client.ReceiveToEndAsync();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task ComeAndGoOnPollingAsync(TestServer server, int version)
    {
        using var client = await server.ConnectPollingAsync(version);
        await client.PostAsync("1");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task ComeAndGoByUpgradeAsync(TestServer server)
    {
        using var polling = await server.ConnectPollingAsync(4);
        using var client = await WebSocketTests.BeginUpgradeAsync(server, polling);
        await client.SendTextAsync("5");
        await client.SendTextAsync("1");
        while ((await client.ReceiveAsync()).FirstByte != 0x88)
        {
            // The question.
        }

        await client.SendAsync(0x88, [0x03, 0xE8]);
    }
}
