using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Redis;
using LiveRobot.Testing;

namespace LiveRobot.Platform.Tests;

/// <summary>What holds for every store of a cluster: the one in memory, and Redis.</summary>
public abstract class ClusterStoreTests
{
    private protected static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);
    private protected static readonly Slot First = new(Slot.Control, 0);
    private static readonly TimeSpan MostOfIt = TimeSpan.FromMinutes(4);

    private protected abstract IClusterStore Store { get; }

    [Fact]
    public async Task A_slot_is_one_nodes_until_it_lapses()
    {
        Assert.True(await Store.TakeAsync(First, "one", Lifetime, isHeld: false));

        await PassAsync(MostOfIt);
        Assert.False(await Store.TakeAsync(First, "other", Lifetime, isHeld: false));
        Assert.True(await Store.TakeAsync(First, "one", Lifetime, isHeld: true));

        await PassAsync(MostOfIt);
        Assert.False(await Store.TakeAsync(First, "other", Lifetime, isHeld: true));

        await PassAsync(Lifetime);
        Assert.True(await Store.TakeAsync(First, "other", Lifetime, isHeld: false));
        Assert.False(await Store.TakeAsync(First, "one", Lifetime, isHeld: true));
    }

    [Fact]
    public async Task Services_and_numbers_are_slots_of_their_own()
    {
        Slot[] slots = [First, new(Slot.Chat, 0), new(Slot.Control, 1)];
        await Store.TakeAsync(slots[0], "one", Lifetime, isHeld: false);
        await Store.TakeAsync(slots[2], "other", Lifetime, isHeld: false);

        Assert.Equal(["one", null, "other"], await Store.HoldersAsync(slots));
        Assert.Empty(await Store.HoldersAsync([]));
    }

    [Fact]
    public async Task A_slot_is_given_back_by_the_node_that_has_it_alone()
    {
        await Store.TakeAsync(First, "one", Lifetime, isHeld: false);

        await Store.ReleaseAsync(First, "other");
        Assert.Equal(["one"], await Store.HoldersAsync([First]));

        await Store.ReleaseAsync(First, "one");
        Assert.Equal([null], await Store.HoldersAsync([First]));
        Assert.True(await Store.TakeAsync(First, "other", Lifetime, isHeld: false));
    }

    [Fact]
    public async Task A_node_is_there_as_it_says_until_it_ends_or_lapses()
    {
        var one = Node("one");
        await Store.RegisterAsync(one with { IsDraining = false }, Lifetime);
        await Store.RegisterAsync(Node("other"), Lifetime);
        await Store.RegisterAsync(one, Lifetime);

        var found = await Store.NodesAsync();
        Assert.Equal(["one", "other"], found.Select(node => node.Name));
        Assert.Equal((one.Address, one.Since, true), (found[0].Address, found[0].Since, found[0].IsDraining));
        Assert.Equal([3, 5], Assert.Single(found[0].Services).Slots);
        Assert.Equal((2, 7), (found[0].Services[0].Robots, found[0].Services[0].Viewers));

        await Store.RemoveAsync("other");
        Assert.Equal(["one"], (await Store.NodesAsync()).Select(node => node.Name));

        await PassAsync(Lifetime);
        Assert.Empty(await Store.NodesAsync());
    }

    /// <summary>Lets time pass for all that lapses.</summary>
    protected abstract Task PassAsync(TimeSpan time);

    private static NodeState Node(string name)
    {
        var address = new Uri("http://10.0.0.5:8021/");
        return new(name, address, DateTimeOffset.UnixEpoch, IsDraining: true, [new(Slot.Control, address, [3, 5], Robots: 2, Viewers: 7)]);
    }
}

public sealed class MemoryClusterStoreTests : ClusterStoreTests
{
    private readonly ManualClock _clock = new();

    public MemoryClusterStoreTests() => Store = new MemoryClusterStore(_clock);

    private protected override IClusterStore Store { get; }

    protected override Task PassAsync(TimeSpan time)
    {
        _clock.Advance(time);
        return Task.CompletedTask;
    }
}

public sealed class RedisClusterStoreTests : ClusterStoreTests, IAsyncLifetime
{
    private ConnectedRedis _redis = null!;

    private protected override IClusterStore Store => new RedisClusterStore(_redis.Connection);

    public async ValueTask InitializeAsync()
    {
        _redis = await ConnectedRedis.StartAsync();

        // Redis has been in use for long.
        await _redis.Server.AskAsync("SET", "liverobot:cluster", "1");
    }

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    [Fact]
    public async Task After_the_data_was_lost_those_who_have_slots_are_quicker_than_those_who_want_them()
    {
        await Store.TakeAsync(First, "one", Lifetime, isHeld: false);
        await _redis.Server.AskAsync("FLUSHALL");

        Assert.False(await Store.TakeAsync(First, "other", Lifetime, isHeld: false));
        Assert.True(await Store.TakeAsync(First, "one", Lifetime, isHeld: true));

        await Store.ReleaseAsync(First, "one");
        Assert.False(await Store.TakeAsync(First, "other", Lifetime, isHeld: false));
        await _redis.Server.AskAsync("DEL", "liverobot:cluster:new");
        Assert.True(await Store.TakeAsync(First, "other", Lifetime, isHeld: false));
    }

    protected override Task PassAsync(TimeSpan time) => _redis.PassAsync(time);
}
