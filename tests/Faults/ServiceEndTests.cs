using LiveRobot.Testing;

namespace LiveRobot.Faults;

/// <summary>The process of a service ends, and is started again at once, as docker-compose and systemd do.</summary>
public sealed class ServiceEndTests
{
    public static TheoryData<string> Services => [.. SeparateServices.Names];

    [Theory]
    [MemberData(nameof(Services))]
    public async Task All_is_well_again_after_a_service_was_killed(string service)
    {
        // One in the short run, for the harness itself.
        if (service != "ControlSocket")
        {
            Fault.SkipUnlessLong();
        }

        await using var load = await Load.StartAsync();

        await Fault.RunAsync(FaultPlace.Services, $"`kill -9` of {service}", load, async () =>
        {
            await load.Services.KillAsync(service);
            load.Services.Start(service);
        });
    }

    [Theory]
    [MemberData(nameof(Services))]
    public async Task All_is_well_again_after_a_service_was_restarted(string service)
    {
        Fault.SkipUnlessLong();
        await using var load = await Load.StartAsync();

        await Fault.RunAsync(FaultPlace.Services, $"restart (`SIGTERM`) of {service}", load, async () =>
        {
            await load.Services.StopAsync(service);
            load.Services.Start(service);
        });
    }

    [Fact]
    public async Task All_is_well_again_after_all_services_were_killed_at_once()
    {
        Fault.SkipUnlessLong();
        await using var load = await Load.StartAsync();

        await Fault.RunAsync(FaultPlace.Services, "`kill -9` of all services", load, async () =>
        {
            await Task.WhenAll(SeparateServices.Names.Select(load.Services.KillAsync));
            foreach (var service in SeparateServices.Names)
            {
                load.Services.Start(service);
            }
        });
    }
}
