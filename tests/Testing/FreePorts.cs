using System.Net;
using System.Net.Sockets;

namespace LiveRobot.Testing;

/// <summary>Ports that nothing listens on.</summary>
/// <remarks>
/// From below those that the system gives to outgoing connections: one of them could take the port before the service
/// does. Each test process begins somewhere else, as several run at once.
/// </remarks>
public static class FreePorts
{
    private const int First = 10_000;
    private const int Count = 22_000;

    private static readonly Lock Gate = new();
    private static int _next = (int)(Environment.ProcessId * 331L % Count);

    /// <summary>Finds a free port; no two calls in this process give the same.</summary>
    public static int Take()
    {
        lock (Gate)
        {
            while (true)
            {
                var port = First + _next;
                _next = (_next + 1) % Count;
                try
                {
                    using var probe = new TcpListener(IPAddress.IPv6Any, port) { Server = { DualMode = true } };
                    probe.Start();
                    return port;
                }
                catch (SocketException)
                {
                    // Somebody listens there.
                }
            }
        }
    }
}
