using System.Globalization;

using LiveRobot.Platform.Hosting;

using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Cluster;

/// <summary>What this process is among all: its name, where it is, and what it runs.</summary>
public sealed class ThisNode
{
    private readonly ClusterOptions _options;
    private readonly PortOptions _ports;
    private readonly DateTimeOffset _since;

    public ThisNode(IEnumerable<NodeService> services, IOptions<ClusterOptions> options, IOptions<PortOptions> ports, TimeProvider clock)
    {
        (_options, _ports, _since) = (options.Value, ports.Value, clock.GetUtcNow());
        Services = [.. services];
        Name = _options.Node ?? string.Create(
            CultureInfo.InvariantCulture, $"{Environment.MachineName}-{(Services is [var only] ? only.Name : "all")}-{Environment.ProcessId}");
    }

    public string Name { get; }

    public IReadOnlyList<NodeService> Services { get; }

    /// <summary>Tells how the node is now.</summary>
    /// <param name="slots">The slots that it has.</param>
    public NodeState Read(bool isDraining, IEnumerable<Slot> slots)
    {
        var held = slots.ToLookup(slot => slot.Service, slot => slot.Number);
        var services = Services.Select(service =>
        {
            var (robots, viewers) = service.Load();
            return new NodeServiceState(service.Name, AddressOf(service), [.. held[service.Name].Order()], robots, viewers);
        }).ToArray();
        return new NodeState(Name, services.Length > 0 ? services[0].Address : AddressAt(_ports.Api), _since, isDraining, services);
    }

    /// <summary>An address that is set is that of the first service; further ones of the same process are on their own ports.</summary>
    private Uri AddressOf(NodeService service) =>
        _options.Address is { } address && service == Services[0] ? address : AddressAt(service.Port(_ports));

    private Uri AddressAt(int port) =>
        _options.Address is { } address ? new UriBuilder(address) { Port = port }.Uri : new UriBuilder(Uri.UriSchemeHttp, Environment.MachineName, port).Uri;
}
