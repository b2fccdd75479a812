using System.Diagnostics.Metrics;

using LiveRobot.Platform.Cluster;
using LiveRobot.Testing;

namespace LiveRobot.Platform.Tests;

/// <summary>What a node tells who watches over it.</summary>
public sealed class NodeMetricsTests
{
    [Fact]
    public async Task It_tells_who_is_there_what_it_has_and_what_it_lacks()
    {
        await using var redis = await RedisServer.StartAsync();
        await redis.AskAsync("SET", "liverobot:cluster", "1");
        await using var host = await ServiceHost.StartAsync(
            builder => builder.Services.AddSlotService(Slot.Control, ports => ports.Control, _ => new NodeLoad(2, 3)),
            _ => { },
            new Dictionary<string, string?>
            {
                ["Redis:Configuration"] = redis.Configuration,
                ["Cluster:Slots:0:Control"] = "robots.example.org:8021",
                ["Cluster:HandOverTime"] = "00:00:00",
                ["Telemetry:Interval"] = "00:00:01",
            });
        using var metrics = new RecordedMetrics(host.Get<IMeterFactory>());

        foreach (var line in new[]
        {
            "robots 2 service=control", "viewers 3 service=control", "slots 1 service=control", "ready 1 reason=store", "ready 1 reason=presence", "ready 1 reason=node",
        })
        {
            await SaysAsync(line);
        }

        await redis.KillAsync();
        await SaysAsync("ready 0 reason=presence");

        Task SaysAsync(string line) => Eventually.TrueAsync(
            () =>
            {
                metrics.Observe();
                return metrics.Lines.Contains($"liverobot.node.{line}");
            },
            text: line);
    }
}
