using System.Text;

namespace LiveRobot.Testing;

/// <summary>
/// A front (HAProxy) that passes connections as they are: each port to the node that says it has slot 0, or to the first that
/// is ready where the service has no slots. It asks as often as the one in deploy/, and cuts off who is at a node that says no.
/// </summary>
internal sealed class SlotFront : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private ChildProcess _process = null!;

    /// <param name="ports">Its own ports, each with whether its service has slots, and where the nodes behind it are: <c>host:port</c>.</param>
    public static SlotFront Start(IEnumerable<(int Port, bool HasSlots, IEnumerable<string> Nodes)> ports)
    {
        var front = new SlotFront();
        var configuration = new StringBuilder(
            """
            defaults
                mode tcp
                timeout connect 3s
                timeout client 2m
                timeout server 2m
                timeout check 1s
                balance first
                option redispatch 1
                retries 4
                http-check expect status 200
                default-server check inter 500ms fastinter 250ms downinter 250ms fall 3 rise 1 on-marked-down shutdown-sessions

            """);
        foreach (var (port, hasSlots, nodes) in ports)
        {
            configuration.Append($"listen port-{port}\n    bind :{port}\n    option httpchk GET {(hasSlots ? "/readyz/slots/0" : "/readyz/node")}\n");
            foreach (var (number, node) in nodes.Index())
            {
                configuration.Append($"    server node-{number} {node}\n");
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
