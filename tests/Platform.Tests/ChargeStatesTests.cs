using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.Platform.Tests;

public abstract class ChargeStatesTests(StoreKind store) : IAsyncLifetime
{
    private readonly TestPlatform _platform = new(store);

    private ChargeStates Charges => _platform.Get<ChargeStates>();

    public async ValueTask InitializeAsync() => await _platform.Robots.AddAsync("Rover", "alice");

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Fact]
    public async Task What_a_robot_says_is_kept_with_when_it_said_so_first()
    {
        Assert.Null(await ChargeAsync());
        await Charges.SetAsync("rover", isCharging: true);
        var since = _platform.Clock.GetUtcNow();
        _platform.Clock.Advance(TimeSpan.FromMinutes(1));

        await Charges.SetAsync("rover", isCharging: true);
        Assert.Equal(new ChargeState(true, since), await ChargeAsync());
        await Charges.SetAsync("rover", isCharging: false);

        Assert.Equal(new ChargeState(false, since.AddMinutes(1)), await ChargeAsync());
    }

    [Fact]
    public async Task The_fifth_change_at_once_counts_and_the_sixth_has_to_wait()
    {
        for (var change = 0; change < ChargeStates.Burst; change++)
        {
            Assert.True(await Charges.SetAsync("rover", isCharging: change % 2 == 0));
            Assert.True(await Charges.SetAsync("rover", isCharging: change % 2 == 0));
        }

        Assert.False(await Charges.SetAsync("rover", isCharging: false));
        Assert.True((await ChargeAsync())!.IsCharging);
        _platform.Clock.Advance(ChargeStates.Interval);

        Assert.True(await Charges.SetAsync("rover", isCharging: false));
        Assert.False((await ChargeAsync())!.IsCharging);
    }

    private async Task<ChargeState?> ChargeAsync() => (await _platform.Robots.FindByHandleAsync("rover"))!.Charge;
}

public sealed class ChargeStatesOnSqliteTests() : ChargeStatesTests(StoreKind.Sqlite);

public sealed class ChargeStatesOnPostgresTests() : ChargeStatesTests(StoreKind.Postgres);
