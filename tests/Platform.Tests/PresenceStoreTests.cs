using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Redis;
using LiveRobot.Testing;

namespace LiveRobot.Platform.Tests;

/// <summary>What holds for every store of presence: the one in memory, and Redis.</summary>
public abstract class PresenceStoreTests
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan MostOfIt = TimeSpan.FromMinutes(4);

    private protected abstract IPresenceStore Store { get; }

    [Fact]
    public async Task A_key_is_there_until_its_time_is_over()
    {
        await Store.SetAsync("key", "value", Lifetime);

        await PassAsync(MostOfIt);
        Assert.Equal("value", await Store.GetAsync("key"));

        await PassAsync(Lifetime - MostOfIt);
        Assert.Null(await Store.GetAsync("key"));
    }

    [Fact]
    public async Task Setting_a_key_again_replaces_its_value_and_its_time()
    {
        await Store.SetAsync("key", "old", Lifetime);
        await PassAsync(MostOfIt);

        await Store.SetAsync("key", "new", Lifetime);
        await PassAsync(MostOfIt);

        Assert.Equal("new", await Store.GetAsync("key"));
    }

    [Fact]
    public async Task Expire_shortens_the_time_of_a_key_that_is_there()
    {
        await Store.SetAsync("key", "value", Lifetime);

        Assert.True(await Store.ExpireAsync("key", Lifetime - MostOfIt));
        await PassAsync(Lifetime - MostOfIt);

        Assert.Null(await Store.GetAsync("key"));
    }

    [Fact]
    public async Task A_lapsed_key_can_be_neither_prolonged_nor_removed()
    {
        await Store.SetAsync("key", "value", Lifetime);
        await PassAsync(Lifetime);

        Assert.False(await Store.ExpireAsync("key", Lifetime));
        Assert.False(await Store.RemoveAsync("key"));
        Assert.Null(await Store.GetAsync("key"));
    }

    [Fact]
    public async Task A_removed_key_is_gone()
    {
        await Store.SetAsync("key", "value", Lifetime);

        Assert.True(await Store.RemoveAsync("key"));

        Assert.Null(await Store.GetAsync("key"));
        Assert.False(await Store.RemoveAsync("key"));
    }

    [Fact]
    public async Task A_key_is_removed_by_its_value_only_while_it_has_that()
    {
        await Store.SetAsync("key", "value", Lifetime);

        Assert.False(await Store.RemoveAsync("key", "other"));
        Assert.Equal("value", await Store.GetAsync("key"));

        Assert.True(await Store.RemoveAsync("key", "value"));
        Assert.Null(await Store.GetAsync("key"));
        Assert.False(await Store.RemoveAsync("key", "value"));
    }

    [Fact]
    public async Task Several_keys_are_read_in_the_order_in_which_they_are_asked_for()
    {
        await Store.SetAsync("one", "1", Lifetime);
        await Store.SetAsync("two", "2", Lifetime);

        Assert.Equal(["2", null, "1"], await Store.GetManyAsync(["two", "none", "one"]));
        Assert.Empty(await Store.GetManyAsync([]));
    }

    /// <summary>Lets time pass for all keys.</summary>
    protected abstract Task PassAsync(TimeSpan time);
}

public sealed class MemoryPresenceStoreTests : PresenceStoreTests
{
    private readonly ManualClock _clock = new();

    public MemoryPresenceStoreTests() => Store = new MemoryPresenceStore(_clock);

    private protected override IPresenceStore Store { get; }

    protected override Task PassAsync(TimeSpan time)
    {
        _clock.Advance(time);
        return Task.CompletedTask;
    }
}

public sealed class RedisPresenceStoreTests : PresenceStoreTests, IAsyncLifetime
{
    private ConnectedRedis _redis = null!;

    private protected override IPresenceStore Store => new RedisPresenceStore(_redis.Connection);

    public async ValueTask InitializeAsync() => _redis = await ConnectedRedis.StartAsync();

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    protected override Task PassAsync(TimeSpan time) => _redis.PassAsync(time);
}
