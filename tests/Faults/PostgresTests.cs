using LiveRobot.Testing;

namespace LiveRobot.Faults;

/// <summary>The store is PostgreSQL, and it goes and freezes.</summary>
public sealed class PostgresTests
{
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task All_is_well_again_after_PostgreSQL_was_killed()
    {
        Fault.SkipUnlessLong();
        using var postgres = PostgresServer.Start();
        await using var load = await Load.StartAsync(Load.StoreIn(postgres));

        await Fault.RunAsync(FaultPlace.Stores, "PostgreSQL killed (`SIGQUIT`) and away for 10 s", load, async () =>
        {
            postgres.Kill();
            await Task.Delay(Away);
            postgres.StartAgain();
        });
    }

    [Fact]
    public async Task All_is_well_again_after_PostgreSQL_stood_still()
    {
        Fault.SkipUnlessLong();
        using var postgres = PostgresServer.Start();
        await using var load = await Load.StartAsync(Load.StoreIn(postgres));

        await Fault.RunAsync(FaultPlace.Stores, "PostgreSQL frozen for 10 s", load, async () =>
        {
            postgres.Freeze();
            await Task.Delay(Away);
            postgres.Thaw();
        });
    }
}
