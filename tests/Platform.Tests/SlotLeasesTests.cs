using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Hosting;
using LiveRobot.Platform.Redis;
using LiveRobot.Testing;

using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Tests;

/// <summary>Which of several nodes serves which slot, on a clock that stands still.</summary>
public sealed class SlotLeasesTests : IAsyncDisposable
{
    private static readonly TimeSpan LeaseTime = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan BalanceTime = TimeSpan.FromMinutes(3);

    private readonly ManualClock _clock = new();
    private readonly List<IDisposable> _disposables = [];
    private RedisServer? _redis;
    private RedisConnection? _connection;
    private IClusterStore _store;

    public SlotLeasesTests() => _store = new MemoryClusterStore(_clock);

    public async ValueTask DisposeAsync()
    {
        _disposables.ForEach(disposable => disposable.Dispose());
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
    }

    [Fact]
    public async Task Nodes_share_the_slots_and_one_alone_has_all()
    {
        var one = Node("one", slots: 3);
        await one.TurnAsync();
        Assert.Equal([0, 1, 2], one.Served);

        var (two, three) = (Node("two", slots: 4), Node("three", slots: 4));
        await two.RegisterAsync();
        await three.TurnAsync();
        Assert.Equal([3], three.Served);
        await two.TurnAsync();
        Assert.Empty(two.Served);
    }

    [Fact]
    public async Task A_node_with_fewer_takes_what_is_free_and_any_node_what_stays_free()
    {
        var (one, two) = (Node("one", slots: 2), Node("two", slots: 2));
        await two.RegisterAsync();
        await one.TurnAsync();

        // The other may take slot 1, and does not.
        Assert.Equal([0], one.Served);
        await KeepAsync(LeaseTime, one, two.RegisterAsync);

        Assert.Equal([0, 1], one.Served);
    }

    [Fact]
    public async Task What_a_silent_node_had_is_anothers_once_it_has_lapsed()
    {
        var (one, two) = (Node("one"), Node("two"));
        await one.TurnAsync();
        await two.TurnAsync();
        Assert.Equal([0], one.Served);
        var lost = one.Leases.UntilLost(new(Slot.Control, 0));

        _clock.Advance(LeaseTime);

        // By its own clock, before anybody else has it.
        Assert.Empty(one.Served);
        Assert.False(lost.IsCancellationRequested);
        await two.TurnAsync();
        Assert.Equal([0], two.Served);

        await one.TurnAsync();
        Assert.Empty(one.Served);
        await Eventually.TrueAsync(() => lost.IsCancellationRequested);
    }

    [Fact]
    public async Task What_a_node_releases_is_anothers_at_once_and_who_is_connected_stays()
    {
        var (one, two) = (Node("one", slots: 2), Node("two", slots: 2));
        await two.RegisterAsync();
        await one.TurnAsync();
        await two.TurnAsync();
        var lost = one.Leases.UntilLost(new(Slot.Control, 0));
        var freed = new List<SlotFreed>();
        using var heard = one.Bus.Subscribe<SlotFreed>(freed.Add);

        await one.RegisterAsync(isDraining: true);
        Assert.True(await one.Leases.ReleaseAllAsync());

        Assert.Equal([new SlotFreed(Slot.Control, 0)], freed);
        Assert.Empty(one.Served);
        Assert.False(lost.IsCancellationRequested);
        await two.TurnAsync();
        Assert.Equal([0, 1], two.Served);
    }

    [Fact]
    public async Task A_node_hands_slots_to_one_that_has_at_least_two_fewer_for_some_time()
    {
        var one = Node("one", slots: 3);
        await one.TurnAsync();
        var two = Node("two", slots: 3);
        await two.RegisterAsync();
        await one.TurnAsync();
        var lost = one.Leases.UntilLost(new(Slot.Control, 2));

        await KeepAsync(BalanceTime - (LeaseTime / 3), one, two.RegisterAsync);
        Assert.Equal([0, 1, 2], one.Served);
        Assert.False(lost.IsCancellationRequested);

        await KeepAsync(LeaseTime / 3, one, two.RegisterAsync);
        Assert.Equal([0, 1], one.Served);
        await Eventually.TrueAsync(() => lost.IsCancellationRequested);
        await two.TurnAsync();
        Assert.Equal([2], two.Served);

        // One more is no reason to move anybody.
        for (var turn = 0; turn < BalanceTime / LeaseTime * 4; turn++)
        {
            _clock.Advance(LeaseTime / 3);
            await one.TurnAsync();
            await two.TurnAsync();
        }

        Assert.Equal([0, 1], one.Served);
    }

    [Fact]
    public async Task Without_slots_every_node_serves_all()
    {
        var one = Node("one", slots: 0);
        await one.TurnAsync();

        Assert.True(one.Leases.Serves(Slot.Control, 7));
        Assert.True(one.Leases.Serves(0));
        Assert.Null(one.Leases.Serves(1));
        Assert.False(one.Leases.UntilLost(new(Slot.Control, 7)).CanBeCanceled);
    }

    [Fact]
    public async Task After_Redis_lost_its_data_a_node_keeps_what_it_serves_and_others_wait()
    {
        await UseRedisAsync();
        var (one, two) = (Node("one"), Node("two"));
        await one.TurnAsync();
        await two.TurnAsync();
        await _redis!.AskAsync("FLUSHALL");

        await two.TurnAsync();
        Assert.Empty(two.Served);
        await one.TurnAsync();

        Assert.Equal([0], one.Served);
        await two.TurnAsync();
        Assert.Empty(two.Served);
    }

    [Fact]
    public async Task While_Redis_is_away_for_all_a_node_serves_on_and_is_quicker_afterwards()
    {
        await UseRedisAsync();
        await using var witness = await ServiceHost.StartAsync(_ => { }, _ => { }, new Dictionary<string, string?> { ["Redis:Configuration"] = _redis!.Configuration });
        var (one, two) = (Node("one"), Node("two", address: witness.Address));
        await one.TurnAsync();
        await two.TurnAsync();
        await one.TurnAsync();
        var lost = one.Leases.UntilLost(new(Slot.Control, 0));

        await _redis.KillAsync();
        await one.TurnAsync();
        await two.TurnAsync();
        _clock.Advance(LeaseTime * 10);
        await one.TurnAsync();

        Assert.Equal([0], one.Served);
        Assert.False(lost.IsCancellationRequested);

        await _redis.StartAgainAsync();
        await _redis.AskAsync("SET", "liverobot:cluster", "1");
        await ReachedAsync();
        await two.TurnAsync();
        Assert.Empty(two.Served);
        await one.TurnAsync();
        Assert.Equal([0], one.Served);
        Assert.False(lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_node_that_alone_does_not_reach_Redis_gives_its_slots_up()
    {
        await UseRedisAsync();
        await using var witness = await ServiceHost.StartAsync(_ => { }, _ => { });
        var (one, two) = (Node("one"), Node("two", address: witness.Address));
        await two.RegisterAsync();
        await one.TurnAsync();
        await one.TurnAsync();
        var lost = one.Leases.UntilLost(new(Slot.Control, 0));

        await _redis!.KillAsync();
        _clock.Advance(LeaseTime / 3);
        await one.TurnAsync();
        Assert.Equal([0], one.Served);
        Assert.False(lost.IsCancellationRequested);
        _clock.Advance(LeaseTime * 2 / 3);
        await one.TurnAsync();

        Assert.Empty(one.Served);
        await Eventually.TrueAsync(() => lost.IsCancellationRequested);
    }

    /// <param name="isAlone">Or there is another node on this side of the cut, which does not reach Redis either.</param>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_node_that_is_cut_off_from_one_that_could_take_its_slot_takes_nobody_and_keeps_who_is_connected(bool isAlone)
    {
        await UseRedisAsync();
        await using var witness = await ServiceHost.StartAsync(_ => { }, _ => { }, new Dictionary<string, string?> { ["Redis:Configuration"] = _redis!.Configuration });
        var (one, two) = (Node("one"), Node("two", address: new Uri($"http://127.0.0.1:{FreePorts.Take()}")));
        await two.RegisterAsync();
        if (!isAlone)
        {
            await Node("three", address: witness.Address).RegisterAsync();
        }

        await one.TurnAsync();
        var lost = one.Leases.UntilLost(new(Slot.Control, 0));

        await _redis!.KillAsync();
        await one.TurnAsync();
        Assert.Equal([0], one.Served);
        _clock.Advance(LeaseTime);
        await one.TurnAsync();

        Assert.Empty(one.Served);
        Assert.False(lost.IsCancellationRequested);
    }

    private async Task UseRedisAsync()
    {
        _redis = await RedisServer.StartAsync();
        await _redis.AskAsync("SET", "liverobot:cluster", "1");
        var options = new RedisOptions { Configuration = _redis.Configuration, Timeout = TimeSpan.FromMinutes(1), Rest = TimeSpan.FromMilliseconds(10) };
        _connection = new RedisConnection(Options.Create(options), TimeProvider.System, TestMeters.Instance, NullLogger<RedisConnection>.Instance);
        _store = new RedisClusterStore(_connection);
    }

    private Task ReachedAsync() => Eventually.TrueAsync(
        async () =>
        {
            try
            {
                await _store.NodesAsync();
                return true;
            }
            catch (RedisAwayException)
            {
                return false;
            }
        },
        TimeSpan.FromMinutes(1));

    /// <summary>Lets time pass in which one node takes its turns and another only says that it is there.</summary>
    private async Task KeepAsync(TimeSpan time, TestNode node, Func<bool, Task> register)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += LeaseTime / 3)
        {
            _clock.Advance(LeaseTime / 3);
            await register(false);
            await node.TurnAsync();
        }
    }

    private TestNode Node(string name, int slots = 1, Uri? address = null)
    {
        var options = new ClusterOptions { Node = name, LeaseTime = LeaseTime, BalanceTime = BalanceTime, Address = address };
        for (var number = 0; number < slots; number++)
        {
            options.Slots[number] = new SlotAddresses();
        }

        var node = new TestNode(options, _store, _clock);
        _disposables.Add(node);
        return node;
    }

    private sealed class TestNode : IDisposable
    {
        private readonly ClusterOptions _options;
        private readonly IClusterStore _store;
        private readonly ThisNode _node;
        private readonly RedisWitnesses _witnesses;

        public TestNode(ClusterOptions options, IClusterStore store, TimeProvider clock)
        {
            (_options, _store) = (options, store);
            var service = new NodeService(Slot.Control, HasSlots: true, ports => ports.Control, () => default);
            _node = new ThisNode([service], Options.Create(options), Options.Create(new PortOptions()), clock);

            // A machine that is busy may take long to answer, and this is not about that.
            _witnesses = new RedisWitnesses(Options.Create(new ClusterOptions { LeaseTime = TimeSpan.FromMinutes(3) }));
            Leases = new SlotLeases(store, Bus, Options.Create(options), _node, _witnesses, clock, NullLogger<SlotLeases>.Instance);
        }

        public SlotLeases Leases { get; }

        public MemoryBus Bus { get; } = new(NullLogger<MemoryBus>.Instance);

        public IEnumerable<int> Served => _options.Slots.Keys.Where(number => Leases.Serves(Slot.Control, number));

        public Task RegisterAsync(bool isDraining = false) => _store.RegisterAsync(_node.Read(isDraining, Leases.Held), LeaseTime);

        /// <summary>What a node does three times within a lease time.</summary>
        public async Task TurnAsync()
        {
            try
            {
                await RegisterAsync();
            }
            catch (RedisAwayException)
            {
                // The leases tell what that means.
            }

            await Leases.RenewAsync();
        }

        public void Dispose() => _witnesses.Dispose();
    }
}
