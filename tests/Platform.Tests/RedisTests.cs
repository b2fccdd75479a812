using System.Collections.Concurrent;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Redis;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Tests;

/// <summary>Two processes on one Redis: what they tell each other, and what happens while it is away.</summary>
public sealed class RedisTests : IAsyncLifetime
{
    private readonly List<RedisConnection> _connections = [];
    private readonly List<RedisBus> _buses = [];
    private RedisServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RedisServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _buses.ForEach(bus => bus.Dispose());
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }

        await _server.DisposeAsync();
    }

    [Fact]
    public async Task What_one_process_tells_is_heard_once_by_each()
    {
        var (one, other) = (Bus(), Bus());
        var (heardByOne, heardByOther) = (Hear(one), Hear(other));
        object[] told =
        [
            new RobotStateChanged("rover"),
            new EmergencyStop("rover", "alice"),
            new SnapshotTaken(new ViewerSnapshot("1", "rover", "Rover", "bob", "It \"looks\" at me: größer", DateTimeOffset.UnixEpoch)),
            new SubscriptionChanged("rover", "bob", IsSubscribed: true),
            new ReverseSshSwitched("rover", IsOn: true),
            new RobotSpoke("1", "rover", "hello"),
            new RobotHeard("1", "6a00f0c07b1e4c8d9a2b3c4d"),
        ];
        await ReachesAsync(one, heardByOther);
        heardByOne.Clear();

        foreach (var message in told)
        {
            Publish(one, message);
        }

        await Eventually.TrueAsync(() => heardByOther.Count >= told.Length);
        Assert.Equal(told, heardByOther);

        // One's own message comes back from Redis too, in order: had it been heard twice, so by the time of the last.
        await ReachesAsync(other, heardByOne);
        Assert.Equal(told, heardByOne);
    }

    [Fact]
    public async Task Processes_that_start_at_once_hear_all_from_when_they_are_subscribed()
    {
        var heard = await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => SubscribeAsync()));
        object[] told = [.. heard.Select((_, number) => new RobotStateChanged($"robot-{number}"))];

        foreach (var (bus, message) in _buses.Zip(told))
        {
            Publish(bus, message);
        }

        foreach (var one in heard)
        {
            await Eventually.TrueAsync(() => one.Count >= told.Length);
            Assert.Equivalent(told, one, strict: true);
        }

        async Task<ConcurrentQueue<object>> SubscribeAsync()
        {
            var bus = Bus();
            await bus.Subscribed;
            return Hear(bus);
        }
    }

    [Fact]
    public async Task A_process_that_is_started_without_Redis_says_that_it_is_subscribed_when_it_is()
    {
        await _server.KillAsync();
        var (one, other) = (Bus(), Bus());
        var heard = Hear(other);
        await Task.WhenAll(_connections.Select(connection => connection.SubscriberAsync()));

        await _server.StartAgainAsync();
        await Task.WhenAll(one.Subscribed, other.Subscribed);
        one.Publish(new RobotStateChanged("rover"));

        await Eventually.TrueAsync(() => !heard.IsEmpty);
        Assert.Equal([new RobotStateChanged("rover")], heard);
    }

    [Fact]
    public async Task What_is_stored_reaches_the_others_from_the_store_and_not_from_here()
    {
        var (one, other) = (Bus(), Bus());
        var (heardByOne, heardByOther) = (Hear(one), Hear(other));
        await ReachesAsync(one, heardByOther);
        heardByOne.Clear();

        one.Publish(new RobotSettingsChanged("rover"));
        one.Publish(new RobotStateChanged("rover"));

        await Eventually.TrueAsync(() => !heardByOther.IsEmpty);
        Assert.Equal([new RobotStateChanged("rover")], heardByOther);
        Assert.Equal([new RobotSettingsChanged("rover"), new RobotStateChanged("rover")], heardByOne);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no-json")]
    [InlineData("node {\"Handle\":")]
    [InlineData("node null")]
    public async Task A_message_that_cannot_be_read_harms_nobody(string payload)
    {
        var (one, other) = (Bus(), Bus());
        var heard = Hear(other);
        await ReachesAsync(one, heard);

        await _server.AskAsync("PUBLISH", "liverobot:bus:robot-state", payload);

        one.Publish(new RobotStateChanged("rover"));
        await Eventually.TrueAsync(() => !heard.IsEmpty);
        Assert.Equal([new RobotStateChanged("rover")], heard);
    }

    [Fact]
    public async Task A_process_that_is_started_without_Redis_runs_and_shares_from_when_it_comes()
    {
        await _server.KillAsync();
        var (one, other) = (Bus(), Bus());
        var (heardByOne, heardByOther) = (Hear(one), Hear(other));
        var store = new RedisPresenceStore(Connection(TimeSpan.FromMilliseconds(200)));

        one.Publish(new RobotStateChanged("rover"));
        Assert.Equal([new RobotStateChanged("rover")], heardByOne);
        await Assert.ThrowsAsync<RedisAwayException>(async () => await store.GetAsync("key"));

        await _server.StartAgainAsync();

        await ReachesAsync(one, heardByOther);
        await WellAsync(store);
    }

    [Fact]
    public async Task While_Redis_is_gone_nobody_waits_and_all_is_well_when_it_is_back()
    {
        var (one, other) = (Bus(), Bus());
        var heard = Hear(other);
        await ReachesAsync(one, heard);
        var store = new RedisPresenceStore(Connection(TimeSpan.FromMinutes(1)));
        await WellAsync(store);

        await _server.KillAsync();

        // The time-out is a minute; who is not connected is told at once.
        await Assert.ThrowsAsync<RedisAwayException>(async () => await store.GetAsync("key"));
        await Assert.ThrowsAsync<RedisAwayException>(async () => await store.GetManyAsync(["key"]));
        await store.SetAsync("key", "lost", TimeSpan.FromMinutes(1));
        Assert.False(await store.ExpireAsync("key", TimeSpan.FromMinutes(1)));
        Assert.False(await store.RemoveAsync("key"));

        await _server.StartAgainAsync();

        await WellAsync(store);
        await ReachesAsync(one, heard);
    }

    [Fact]
    public async Task While_Redis_is_frozen_who_asks_waits_no_longer_than_the_time_out_and_the_next_not_at_all()
    {
        using var metrics = new RecordedMetrics(TestMeters.Instance);
        var connection = Connection(TimeSpan.FromMilliseconds(500), rest: TimeSpan.FromMinutes(1));
        var store = new RedisPresenceStore(connection);
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                return await connection.AskAsync(database => database.StringSetAsync("key", "value"));
            }
            catch (RedisAwayException)
            {
                return false;
            }
        });

        _server.Freeze();

        var first = await Assert.ThrowsAsync<RedisAwayException>(async () => await store.GetAsync("key"));
        Assert.IsType<TimeoutException>(first.InnerException);
        var next = await Assert.ThrowsAsync<RedisAwayException>(async () => await store.GetAsync("key"));
        Assert.Null(next.InnerException);
        Assert.Contains("liverobot.redis.failed 1 reason=timeout", metrics.Lines);
        Assert.Contains("liverobot.redis.failed 1 reason=rest", metrics.Lines);

        _server.Thaw();
        await WellAsync(new RedisPresenceStore(Connection(TimeSpan.FromSeconds(5))));
    }

    /// <summary>Waits until the store is written and read, as heartbeats do.</summary>
    private static Task WellAsync(RedisPresenceStore store) => Eventually.TrueAsync(
        async () =>
        {
            await store.SetAsync("key", "value", TimeSpan.FromMinutes(1));
            try
            {
                return await store.GetAsync("key") == "value";
            }
            catch (RedisAwayException)
            {
                return false;
            }
        },
        TimeSpan.FromMinutes(1));

    /// <summary>Waits until the other hears what one says, and forgets that.</summary>
    private static async Task ReachesAsync(RedisBus one, ConcurrentQueue<object> other)
    {
        var probe = new RobotStateChanged($"probe-{Guid.NewGuid()}");
        await Eventually.TrueAsync(
            () =>
            {
                one.Publish(probe);
                return other.Contains(probe);
            },
            TimeSpan.FromMinutes(1));

        // Probes are still under way; the last comes last.
        var last = new RobotStateChanged($"probe-{Guid.NewGuid()}");
        one.Publish(last);
        await Eventually.TrueAsync(() => other.Contains(last));
        var kept = other.Where(message => message is not RobotStateChanged { Handle: var handle } || !handle.StartsWith("probe-", StringComparison.Ordinal)).ToArray();
        other.Clear();
        foreach (var message in kept)
        {
            other.Enqueue(message);
        }
    }

    private static ConcurrentQueue<object> Hear(RedisBus bus)
    {
        var heard = new ConcurrentQueue<object>();
        bus.Subscribe<RobotStateChanged>(heard.Enqueue);
        bus.Subscribe<EmergencyStop>(heard.Enqueue);
        bus.Subscribe<SnapshotTaken>(heard.Enqueue);
        bus.Subscribe<SubscriptionChanged>(heard.Enqueue);
        bus.Subscribe<ReverseSshSwitched>(heard.Enqueue);
        bus.Subscribe<RobotSpoke>(heard.Enqueue);
        bus.Subscribe<RobotHeard>(heard.Enqueue);
        bus.Subscribe<RobotSettingsChanged>(heard.Enqueue);
        return heard;
    }

    private static void Publish(RedisBus bus, object message)
    {
        switch (message)
        {
            case RobotStateChanged changed:
                bus.Publish(changed);
                break;
            case EmergencyStop stop:
                bus.Publish(stop);
                break;
            case SnapshotTaken taken:
                bus.Publish(taken);
                break;
            case SubscriptionChanged changed:
                bus.Publish(changed);
                break;
            case ReverseSshSwitched switched:
                bus.Publish(switched);
                break;
            case RobotSpoke spoke:
                bus.Publish(spoke);
                break;
            case RobotHeard answer:
                bus.Publish(answer);
                break;
        }
    }

    private RedisBus Bus()
    {
        var bus = new RedisBus(new MemoryBus(NullLogger<MemoryBus>.Instance), Connection(TimeSpan.FromSeconds(5)), NullLogger<RedisBus>.Instance);
        _buses.Add(bus);
        return bus;
    }

    private RedisConnection Connection(TimeSpan timeout, TimeSpan? rest = null)
    {
        var options = new RedisOptions { Configuration = _server.Configuration, Timeout = timeout, Rest = rest ?? TimeSpan.FromMilliseconds(100) };
        var connection = new RedisConnection(Options.Create(options), TimeProvider.System, TestMeters.Instance, NullLogger<RedisConnection>.Instance);
        _connections.Add(connection);
        return connection;
    }
}
