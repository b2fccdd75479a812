using System.Net.Sockets;
using System.Text;

using WebSockets.Tests;

using NetSocket = System.Net.Sockets.Socket;

namespace SocketIO.Tests;

/// <summary>Nothing else runs meanwhile: what is counted is the whole process's.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationTestCollection;

/// <summary>What the garbage collector is given to do per event. The clients here allocate nothing.</summary>
[Collection(nameof(AllocationTests))]
public sealed class AllocationTests
{
    private const int Rounds = 10;
    private const int MaxBytesPerForwardedEvent = 256;
    private const int MaxBytesPerReceiver = 32;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly byte[] Event = RawWebSocketClient.Frame(0x81, Encoding.UTF8.GetBytes(
        """42["m",{"s":199,"n":1234,"t":1234567890123456,"robot":"r1234","command":"F","key_position":"down"}]"""));

    [Fact]
    public async Task An_event_that_goes_on_to_one_allocates_little_more_than_its_packet()
    {
        await using var server = await StartAsync();
        using var receiver = await WebSocketTests.ConnectAsync(server);
        await JoinAsync(receiver);
        using var sender = await WebSocketTests.ConnectAsync(server);
        const int Events = 1000;

        var bytes = Measure(sender.Tcp.Client, [receiver.Tcp.Client], Events) / Events;

        Assert.True(bytes <= MaxBytesPerForwardedEvent, $"{bytes} bytes per event");
    }

    [Fact]
    public async Task An_event_that_goes_out_to_many_allocates_next_to_nothing_for_each()
    {
        const int Receivers = 100;
        const int Events = 20;
        await using var server = await StartAsync();
        var receivers = new List<RawWebSocketClient>();
        for (var i = 0; i < Receivers; i++)
        {
            receivers.Add(await WebSocketTests.ConnectAsync(server));
            await JoinAsync(receivers[^1]);
        }

        using var sender = await WebSocketTests.ConnectAsync(server);

        var bytes = Measure(sender.Tcp.Client, [.. receivers.Select(receiver => receiver.Tcp.Client)], Events) / (Events * Receivers);

        Assert.True(bytes <= MaxBytesPerReceiver, $"{bytes} bytes per receiver");
        receivers.ForEach(receiver => receiver.Dispose());
    }

    /// <summary>Sends events one by one and waits until all have each; the bytes allocated in the best of some rounds, as the runtime allocates now and then as well.</summary>
    private static long Measure(NetSocket sender, NetSocket[] receivers, int events)
    {
        var packet = new byte[Event.Length - 4];
        var least = long.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var i = 0; i < events; i++)
            {
                sender.Send(Event);
                foreach (var receiver in receivers)
                {
                    for (var received = 0; received < packet.Length;)
                    {
                        // A read that had to wait would allocate.
                        Assert.True(receiver.Poll(Patience, SelectMode.SelectRead));
                        received += receiver.Receive(packet, received, packet.Length - received, SocketFlags.None);
                    }
                }
            }

            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        return least;
    }

    private static Task<TestServer> StartAsync() => TestServer.StartAsync(new SocketIOOptions { MaxPacketsPerSecond = 1_000_000 }, socket =>
    {
        var receivers = socket.Namespace.To("receivers");
        socket.On("join", e =>
        {
            socket.Join("receivers");
            e.Acknowledge();
        });
        socket.On("m", e => receivers.Emit(EventMessage.Forward("m", e)));
    });

    private static async Task JoinAsync(RawWebSocketClient client)
    {
        await client.SendTextAsync("420[\"join\"]");
        Assert.Equal("430[]", await client.ReceiveTextAsync());
    }
}
