using System.Net;
using System.Net.Sockets;

namespace LiveRobot.Testing;

/// <summary>Ports that nothing listens on.</summary>
public static class FreePorts
{
    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Given = [];

    /// <summary>Finds a free port; no two calls in this process give the same.</summary>
    public static int Take()
    {
        lock (Gate)
        {
            while (true)
            {
                using var probe = new TcpListener(IPAddress.IPv6Any, 0) { Server = { DualMode = true } };
                probe.Start();
                var port = ((IPEndPoint)probe.LocalEndpoint).Port;
                if (Given.Add(port))
                {
                    return port;
                }
            }
        }
    }
}
