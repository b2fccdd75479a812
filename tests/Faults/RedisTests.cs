using LiveRobot.Testing;

namespace LiveRobot.Faults;

/// <summary>Redis goes, freezes, forgets, and cannot be reached.</summary>
public sealed class RedisTests
{
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task All_is_well_again_after_Redis_was_killed(bool keepsData)
    {
        Fault.SkipUnlessLong();
        await using var load = await Load.StartAsync(redis: await RedisServer.StartAsync(keepsData));

        await Fault.RunAsync(FaultPlace.Stores, $"`kill -9` of redis-server, {(keepsData ? "which keeps" : "which loses")} its data", load, async () =>
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

        await Fault.RunAsync(FaultPlace.Stores, "redis-server frozen for 10 s", load, async () =>
        {
            load.Services.Redis.Freeze();
            await Task.Delay(Away);
            load.Services.Redis.Thaw();
        });
    }

    [Fact]
    public async Task All_is_well_again_after_the_network_to_Redis_was_cut()
    {
        Fault.SkipUnlessLong();
        await using var network = await NetworkNamespace.TryCreateAsync();
        Assert.SkipWhen(network is null, "Needs root: it makes a network namespace.");
        var link = await network.LinkAsync();
        await using var load = await Load.StartAsync(redis: await RedisServer.StartAsync(host: link.There, network: network));

        await Fault.RunAsync(FaultPlace.Network, "network to redis-server cut for 10 s", load, async () =>
        {
            await link.CutAsync();
            await Task.Delay(Away);
            await link.MendAsync();
        });
    }
}
