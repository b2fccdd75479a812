using LiveRobot.Platform.Presence;
using LiveRobot.Testing;

namespace LiveRobot.Platform.Tests;

public sealed class MemoryPresenceStoreTests
{
    private readonly ManualClock _clock = new();
    private readonly MemoryPresenceStore _store;

    public MemoryPresenceStoreTests() => _store = new MemoryPresenceStore(_clock);

    [Fact]
    public async Task A_key_is_there_until_its_time_is_over()
    {
        await _store.SetAsync("key", "value", TimeSpan.FromSeconds(5));

        _clock.Advance(TimeSpan.FromSeconds(4.999));
        Assert.Equal("value", await _store.GetAsync("key"));

        _clock.Advance(TimeSpan.FromSeconds(0.001));
        Assert.Null(await _store.GetAsync("key"));
    }

    [Fact]
    public async Task Setting_a_key_again_replaces_its_value_and_its_time()
    {
        await _store.SetAsync("key", "old", TimeSpan.FromSeconds(5));
        _clock.Advance(TimeSpan.FromSeconds(4));

        await _store.SetAsync("key", "new", TimeSpan.FromSeconds(5));
        _clock.Advance(TimeSpan.FromSeconds(4));

        Assert.Equal("new", await _store.GetAsync("key"));
    }

    [Fact]
    public async Task Expire_shortens_the_time_of_a_key_that_is_there()
    {
        await _store.SetAsync("key", "value", TimeSpan.FromSeconds(200));

        Assert.True(await _store.ExpireAsync("key", TimeSpan.FromSeconds(10)));
        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Null(await _store.GetAsync("key"));
    }

    [Fact]
    public async Task A_lapsed_key_can_be_neither_prolonged_nor_removed()
    {
        await _store.SetAsync("key", "value", TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.False(await _store.ExpireAsync("key", TimeSpan.FromSeconds(10)));
        Assert.False(await _store.RemoveAsync("key"));
        Assert.Null(await _store.GetAsync("key"));
    }

    [Fact]
    public async Task A_removed_key_is_gone()
    {
        await _store.SetAsync("key", "value", TimeSpan.FromSeconds(1));

        Assert.True(await _store.RemoveAsync("key"));

        Assert.Null(await _store.GetAsync("key"));
        Assert.False(await _store.RemoveAsync("key"));
    }
}
