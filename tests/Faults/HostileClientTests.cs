using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LiveRobot.Faults;

/// <summary>Crowds of clients that want to use up the control service.</summary>
public sealed class HostileClientTests
{
    private const int Silent = 10_000;
    private const int Slow = 1_000;
    private const int Vanished = 1_000;

    private static readonly TimeSpan Held = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Ten_thousand_connections_that_send_nothing_disturb_nobody()
    {
        Fault.SkipUnlessLong();
        await using var load = await Load.StartAsync();

        await Fault.RunAsync(FaultPlace.Network, $"{Silent:N0} connections that send nothing", load, async () =>
        {
            using var crowd = await Crowd.ConnectAsync(load.Services.Port("Control"), Silent);
            await Task.Delay(Held);
        });
    }

    [Fact]
    public async Task Requests_that_come_a_byte_a_second_disturb_nobody_and_are_ended()
    {
        Fault.SkipUnlessLong();
        await using var load = await Load.StartAsync();

        await Fault.RunAsync(FaultPlace.Network, $"{Slow:N0} requests that come a byte a second", load, async () =>
        {
            using var crowd = await Crowd.ConnectAsync(load.Services.Port("Control"), Slow);
            await crowd.SendAsync("GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
            await crowd.EndedAsync(trickle: "x");
        });
    }

    [Fact]
    public async Task Clients_that_vanish_without_a_word_disturb_nobody_and_are_ended()
    {
        Fault.SkipUnlessLong();
        await using var load = await Load.StartAsync();

        await Fault.RunAsync(FaultPlace.Network, $"{Vanished:N0} clients that vanish without a word", load, async () =>
        {
            using var crowd = await Crowd.ConnectAsync(load.Services.Port("Control"), Vanished);
            await crowd.SendAsync(
                "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
            await crowd.EndedAsync();
        });
    }

    /// <summary>Connections that know no protocol.</summary>
    private sealed class Crowd : IDisposable
    {
        private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

        private readonly List<Socket> _sockets = [];

        public static async Task<Crowd> ConnectAsync(int port, int count)
        {
            var crowd = new Crowd();
            try
            {
                for (var number = 0; number < count; number++)
                {
                    crowd._sockets.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
                    await crowd._sockets[^1].ConnectAsync(IPAddress.Loopback, port);
                }

                return crowd;
            }
            catch
            {
                crowd.Dispose();
                throw;
            }
        }

        /// <summary>Sends a text on each.</summary>
        public async Task SendAsync(string text)
        {
            foreach (var socket in _sockets)
            {
                await socket.SendAsync(Encoding.ASCII.GetBytes(text));
            }
        }

        /// <summary>Waits until the server has ended them all. What it says before is read, and not answered.</summary>
        /// <param name="trickle">What is sent on each every second, if anything.</param>
        public async Task EndedAsync(string? trickle = null)
        {
            using var patience = new CancellationTokenSource(Patience);
            await Task.WhenAll(_sockets.Select(async socket =>
            {
                var buffer = new byte[1024];
                var read = socket.ReceiveAsync(buffer, patience.Token).AsTask();
                try
                {
                    while (true)
                    {
                        if (await Task.WhenAny(read, Task.Delay(TimeSpan.FromSeconds(1), patience.Token)) == read)
                        {
                            if (await read == 0)
                            {
                                return;
                            }

                            read = socket.ReceiveAsync(buffer, patience.Token).AsTask();
                        }
                        else if (trickle is not null)
                        {
                            await socket.SendAsync(Encoding.ASCII.GetBytes(trickle), patience.Token);
                        }

                        patience.Token.ThrowIfCancellationRequested();
                    }
                }
                catch (SocketException)
                {
                    // Reset: that is an end as well.
                }
            }));
        }

        public void Dispose()
        {
            foreach (var socket in _sockets)
            {
                socket.Dispose();
            }
        }
    }
}
