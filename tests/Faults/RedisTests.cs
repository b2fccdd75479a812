namespace LiveRobot.Faults;

/// <summary>Redis goes, freezes, and forgets.</summary>
public sealed class RedisTests
{
    private static readonly TimeSpan Frozen = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task All_is_well_again_after_Redis_was_killed_and_lost_its_data()
    {
        Fault.SkipUnlessLong();
        await using var load = await Load.StartAsync();

        await Fault.RunAsync("`kill -9` of redis-server, without its data", load, async () =>
        {
            await load.Services.Redis.KillAsync();
            await load.Services.Redis.StartAgainAsync();
        });
    }

    [Fact]
    public async Task All_is_well_again_after_Redis_stood_still()
    {
        Fault.SkipUnlessLong();
        await using var load = await Load.StartAsync();

        await Fault.RunAsync("redis-server frozen for 10 s", load, async () =>
        {
            load.Services.Redis.Freeze();
            await Task.Delay(Frozen);
            load.Services.Redis.Thaw();
        });
    }
}
