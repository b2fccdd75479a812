using System.Diagnostics.Metrics;

using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LiveRobot.Platform.Cluster;

/// <summary>
/// What a node tells whoever watches over it (meter <c>LiveRobot.Node</c>): who is connected to its services, which slots
/// they have, and what <c>/readyz</c> says, by name of the reason.
/// </summary>
internal sealed class NodeMetrics : IHealthCheckPublisher
{
    private volatile HealthReport? _ready;

    public NodeMetrics(IMeterFactory meters, ThisNode node, SlotLeases leases)
    {
        var meter = meters.Create("LiveRobot.Node");
        meter.CreateObservableUpDownCounter("liverobot.node.robots", () => Load(load => load.Robots), "{robot}", "Robots that are connected, by service.");
        meter.CreateObservableUpDownCounter("liverobot.node.viewers", () => Load(load => load.Viewers), "{viewer}", "People who are connected, by service.");
        meter.CreateObservableUpDownCounter(
            "liverobot.node.slots",
            () => leases.Held.CountBy(slot => slot.Service).Select(held => new Measurement<int>(held.Value, Service(held.Key))),
            "{slot}",
            "Slots that the node has, by service.");
        meter.CreateObservableGauge(
            "liverobot.node.ready",
            () => (_ready?.Entries ?? new Dictionary<string, HealthReportEntry>())
                .Select(check => new Measurement<int>(check.Value.Status == HealthStatus.Healthy ? 1 : 0, new KeyValuePair<string, object?>("reason", check.Key))),
            "1",
            "Whether /readyz finds it ready (1) or not (0), by reason: store, presence, node.");

        IEnumerable<Measurement<int>> Load(Func<NodeLoad, int> count) =>
            node.Services.Select(service => new Measurement<int>(count(service.Load()), Service(service.Name)));

        static KeyValuePair<string, object?> Service(string name) => new("service", name);
    }

    /// <summary>Takes what is found every <see cref="Telemetry.TelemetryOptions.Interval"/>.</summary>
    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        _ready = report;
        return Task.CompletedTask;
    }
}
