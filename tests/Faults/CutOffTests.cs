using System.Diagnostics;

using LiveRobot.Testing;

namespace LiveRobot.Faults;

/// <summary>The network is cut between the machine of the nodes that serve, one of each service, and the rest.</summary>
public sealed class CutOffTests
{
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(10);

    /// <summary>Longer than a connection of which only one end knows that it is over: an interval of pings, and the time for an answer.</summary>
    private static readonly TimeSpan HeartbeatTime = TimeSpan.FromSeconds(90);

    /// <summary>Those whose robots one node has at a time.</summary>
    private static readonly string[] WithSlots = ["ControlSocket", "ChatSocket", "VideoRelay"];

    /// <param name="fromClientsToo">Whether the front does not reach the machine either: it is as good as dead, and nobody is told.</param>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nodes_elsewhere_take_over_and_no_two_serve_at_once(bool fromClientsToo)
    {
        Fault.SkipUnlessLong();
        await using var machine = await OtherMachine.TryCreateAsync();
        Assert.SkipWhen(machine is null, "Needs root: it makes a network namespace.");
        using var postgres = PostgresServer.Start(machine.Inside.Here);
        await using var load = await Load.StartAsync(
            Load.StoreIn(postgres), await RedisServer.StartAsync(host: machine.Inside.Here), twice: true, machine: machine);
        await Task.WhenAll(WithSlots.Select(load.Services.HaveFirstServeAsync));
        await load.WellAsync(since: Stopwatch.GetTimestamp());

        await Fault.RunAsync(FaultPlace.Network, $"machine of the nodes that serve, of two, cut off from {(fromClientsToo ? "all" : "Redis, PostgreSQL and the other nodes")} for 10 s", load, async () =>
        {
            var away = Task.Delay(Away);
            await machine.Inside.CutAsync();
            if (fromClientsToo)
            {
                await machine.Outside.CutAsync();
            }

            await Task.WhenAll(WithSlots.Select(service => TakenOverAsync(load.Services, service)));
            if (!fromClientsToo)
            {
                await NobodyIsLeftAsync(load.Services);
            }

            await away;
            await machine.Inside.MendAsync();
            await machine.Outside.MendAsync();
        });

        await NobodyIsLeftAsync(load.Services);
    }

    /// <summary>Waits until the second node of a service serves; from then on the first, which cannot know that, does not.</summary>
    private static async Task TakenOverAsync(SeparateServices services, string service)
    {
        await Eventually.TrueAsync(() => services.ServesAsync(service + SeparateServices.SecondNode), text: $"the other node of {service} serves");
        Assert.False(await services.ServesAsync(service), $"Two nodes of {service} serve at once.");
    }

    /// <summary>Waits until nobody is connected to the control node on the machine: another alone drives the robots.</summary>
    private static Task NobodyIsLeftAsync(SeparateServices services)
    {
        return Eventually.TrueAsync(
            () => CountOf(" opened by ") is > 0 and var opened && opened == CountOf(" ended: "),
            within: HeartbeatTime,
            text: "nobody is left at the node that was cut off");

        int CountOf(string happening) => services.Process("ControlSocket").Lines.Count(
            line => line.Contains("SocketIOServer", StringComparison.Ordinal) && line.Contains(happening, StringComparison.Ordinal));
    }
}
