using System.Text;

namespace LiveRobot.Testing;

/// <summary>
/// A front (HAProxy) that passes connections as they are: each port to the node that says it has slot 0, or to the first that
/// is ready where the service has no slots.
/// </summary>
internal sealed class SlotFront : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private ChildProcess _process = null!;

    /// <param name="ports">Its own ports, each with whether its service has slots, and the ports of the nodes behind it.</param>
    public static SlotFront Start(IEnumerable<(int Port, bool HasSlots, IEnumerable<int> Nodes)> ports)
    {
        var front = new SlotFront();
        var configuration = new StringBuilder(
            """
            defaults
                mode tcp
                timeout connect 2s
                timeout client 2m
                timeout server 2m
                balance first
                option redispatch
                retries 3
                http-check expect status 200
                default-server check inter 250ms fall 1 rise 1

            """);
        foreach (var (port, hasSlots, nodes) in ports)
        {
            configuration.Append($"listen port-{port}\n    bind :{port}\n    option httpchk GET {(hasSlots ? "/readyz/slots/0" : "/readyz")}\n");
            foreach (var node in nodes)
            {
                configuration.Append($"    server node-{node} 127.0.0.1:{node}\n");
            }
        }

        File.WriteAllText(front._folder.File("haproxy.cfg"), configuration.ToString());
        front._process = ChildProcess.Start("haproxy", ["-f", front._folder.File("haproxy.cfg")]);
        return front;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }
}
