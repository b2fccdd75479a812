using LiveRobot.Testing;

namespace LiveRobot.Faults;

/// <summary>There are two nodes of each service; the one that serves ends, and the other takes over.</summary>
public sealed class TwoNodesTests
{
    public static TheoryData<string> Services => [.. SeparateServices.Names];

    [Theory]
    [MemberData(nameof(Services))]
    public async Task The_other_node_takes_over_when_a_node_is_drained(string service)
    {
        Fault.SkipUnlessLong();
        await using var load = await Load.StartAsync(twice: true);

        await Fault.RunAsync(FaultPlace.Services, $"drain (`SIGTERM`) of the node of {service} that serves, of two", load, async () =>
        {
            var serving = await load.Services.ServingNodeAsync(service);
            await load.Services.StopAsync(serving);
            load.Services.Start(serving);
        });
    }

    [Theory]
    [MemberData(nameof(Services))]
    public async Task The_other_node_takes_over_when_a_node_is_killed(string service)
    {
        Fault.SkipUnlessLong();
        await using var load = await Load.StartAsync(twice: true);

        await Fault.RunAsync(FaultPlace.Services, $"`kill -9` of the node of {service} that serves, of two", load, async () =>
        {
            var serving = await load.Services.ServingNodeAsync(service);
            await load.Services.KillAsync(serving);
            load.Services.Start(serving);
        });
    }
}
