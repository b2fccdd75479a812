using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Tests;

public abstract class SubscriptionsTests(StoreKind store) : IAsyncLifetime
{
    private readonly TestPlatform _platform = new(store);
    private Account _bob = null!;

    private Subscriptions Followed => _platform.Get<Subscriptions>();

    public async ValueTask InitializeAsync() => _bob = (await _platform.Get<AccountDirectory>().CreateAsync("bob", password: null))!;

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Fact]
    public async Task An_account_follows_as_many_robots_as_it_may_and_no_more()
    {
        _platform.Get<IOptions<AccountOptions>>().Value.SubscriptionsPerAccount = 2;
        var (one, two, three) = (await RobotAsync("One"), await RobotAsync("Two"), await RobotAsync("Three"));

        Assert.True(await Followed.SubscribeAsync(_bob, one));
        Assert.True(await Followed.SubscribeAsync(_bob, two));
        Assert.True(await Followed.SubscribeAsync(_bob, two));
        Assert.False(await Followed.SubscribeAsync(_bob, three));
        await Followed.UnsubscribeAsync(_bob, one);

        Assert.True(await Followed.SubscribeAsync(_bob, three));
        Assert.Equal(["Three", "Two"], (await Followed.OfAccountAsync(_bob)).Select(robot => robot.Name));
        Assert.Equal(["bob"], await Followed.OfRobotAsync("three"));
    }

    [Fact]
    public async Task A_robot_that_has_become_private_or_is_gone_is_followed_by_nobody_who_could_see_it()
    {
        await Followed.SubscribeAsync(_bob, await RobotAsync("One"));
        await Followed.SubscribeAsync(_bob, await RobotAsync("Two"));

        await _platform.Robots.SetVisibilityAsync("one", Visibility.Private);
        await _platform.Robots.DeleteAsync("two");

        Assert.Empty(await Followed.OfAccountAsync(_bob));
    }

    [Fact]
    public void The_tenth_change_at_once_counts_and_the_eleventh_has_to_wait()
    {
        for (var change = 0; change < Subscriptions.Burst; change++)
        {
            Assert.Null(Followed.Take(_bob));
        }

        Assert.Equal(Subscriptions.Interval, Followed.Take(_bob));
        _platform.Clock.Advance(Subscriptions.Interval);

        Assert.Null(Followed.Take(_bob));
    }

    private Task<Robot> RobotAsync(string name) => _platform.Robots.AddAsync(name, "alice");
}

public sealed class SubscriptionsOnSqliteTests() : SubscriptionsTests(StoreKind.Sqlite);

public sealed class SubscriptionsOnPostgresTests() : SubscriptionsTests(StoreKind.Postgres);
