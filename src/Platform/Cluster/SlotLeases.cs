using System.Collections.Concurrent;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Presence;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Cluster;

/// <summary>The slots that this node has, by leases that it renews.</summary>
/// <remarks>
/// <para>A slot is served until its lease lapses by this node's monotonic clock, which is before it lapses in the store:
/// the time begins when the store is asked, not when it answers.</para>
/// <para>When the store is away for all, nobody else can take the slot, and it is served all the same. When it is only
/// this node that does not reach it, as another node says, the slot is given up and whoever is connected closed.
/// When a node that could take the slot does not answer, nobody new is taken, and who is connected stays.</para>
/// <para>After the store was away, a node takes what it did not have only after another lease time, so that those who
/// have it are quicker.</para>
/// </remarks>
public sealed partial class SlotLeases
{
    private readonly IClusterStore _store;
    private readonly IBus _bus;
    private readonly ClusterOptions _options;
    private readonly ThisNode _node;
    private readonly RedisWitnesses _witnesses;
    private readonly TimeProvider _clock;
    private readonly ILogger<SlotLeases> _logger;
    private readonly string[] _services;
    private readonly Slot[] _all;

    private readonly ConcurrentDictionary<Slot, Lease> _held = new();

    /// <summary>Since when slots are seen that nobody has.</summary>
    private readonly Dictionary<Slot, long> _freeSince = [];

    /// <summary>Since when another node has at least two slots fewer, by service.</summary>
    private readonly Dictionary<string, long> _unevenSince = [];

    private IReadOnlyList<NodeState> _others = [];
    private long? _othersReachSince;
    private long? _backSince;
    private bool _isAway;

    /// <summary>
    /// Until when nobody else can take a slot: who finds the store back waits for a lease time from then on, so for as long
    /// an answer that it is away for all outlives one that does not come.
    /// </summary>
    private long _awayForAllUntil;

    public SlotLeases(
        IClusterStore store, IBus bus, IOptions<ClusterOptions> options, ThisNode node, RedisWitnesses witnesses, TimeProvider clock, ILogger<SlotLeases> logger)
    {
        (_store, _bus, _options, _node, _witnesses, _clock, _logger) = (store, bus, options.Value, node, witnesses, clock, logger);
        _services = [.. node.Services.Where(service => service.HasSlots).Select(service => service.Name)];
        _all = [.. from service in _services from number in _options.Slots.Keys.Order() select new Slot(service, number)];
    }

    /// <summary>Gets the slots that this node has.</summary>
    public IEnumerable<Slot> Held => _held.Keys;

    /// <summary>Gets whether any other node could serve what this one serves.</summary>
    internal bool HasOthers => _others.Any(IsRival);

    /// <summary>Tells whether this node serves the robots in a slot. Without slots it serves all.</summary>
    public bool Serves(string service, int number) =>
        _options.Slots.Count == 0
        || (_held.TryGetValue(new Slot(service, number), out var lease) && _clock.GetTimestamp() < Math.Max(lease.Lapses, Interlocked.Read(ref _awayForAllUntil)));

    /// <summary>Gets what is cancelled when another node has, or may have, a slot that this one has now. It never is without slots, or when the node ends.</summary>
    public CancellationToken UntilLost(Slot slot) =>
        _options.Slots.Count == 0 ? CancellationToken.None
        : _held.TryGetValue(slot, out var lease) ? lease.Lost
        : new CancellationToken(canceled: true);

    /// <summary>Tells whether this node serves a slot with all of its services; null when it has no such slots.</summary>
    internal bool? Serves(int number) =>
        _services.Length == 0 || (number != 0 && !_options.Slots.ContainsKey(number)) ? null : _services.All(service => Serves(service, number));

    /// <summary>Renews what this node has, and takes what it may.</summary>
    internal async Task RenewAsync()
    {
        try
        {
            _others = [.. (await _store.NodesAsync()).Where(node => node.Name != _node.Name)];
            var holders = await _store.HoldersAsync(_all);
            foreach (var (slot, holder) in _all.Zip(holders))
            {
                if (_held.ContainsKey(slot))
                {
                    await TakeAsync(slot, isHeld: true);
                }
                else if (holder == _node.Name || MayTake(slot, holder, holders))
                {
                    await TakeAsync(slot, isHeld: false);
                }
            }

            foreach (var service in _services)
            {
                await BalanceAsync(service, holders);
            }
        }
        catch (PresenceAwayException)
        {
            await WithoutStoreAsync();
            return;
        }

        if (_isAway)
        {
            (_isAway, _othersReachSince, _backSince) = (false, null, _clock.GetTimestamp());
            Interlocked.Exchange(ref _awayForAllUntil, 0);
        }
    }

    /// <summary>Gives all slots to whoever takes them. Who is connected stays so. True when there were any.</summary>
    internal async Task<bool> ReleaseAllAsync()
    {
        var held = _held.Keys.ToArray();
        _held.Clear();
        foreach (var slot in held)
        {
            try
            {
                await _store.ReleaseAsync(slot, _node.Name);
                _bus.Publish(new SlotFreed(slot.Service, slot.Number));
            }
            catch (PresenceAwayException)
            {
                // Its lease lapses.
            }
        }

        return held.Length > 0;
    }

    private async Task TakeAsync(Slot slot, bool isHeld)
    {
        var asked = _clock.GetTimestamp();
        if (!await _store.TakeAsync(slot, _node.Name, _options.LeaseTime, isHeld))
        {
            if (isHeld)
            {
                _unevenSince.Remove(slot.Service);
                Lose(slot);
            }

            return;
        }

        _held.GetOrAdd(slot, _ => new(new())).Lapses = LeaseFrom(asked);
        _freeSince.Remove(slot);
        if (!isHeld)
        {
            Log.Taken(_logger, slot.Service, slot.Number);
            _bus.Publish(new SlotTaken(slot.Service, slot.Number));
        }
    }

    /// <summary>A slot that is free goes to a node with the fewest; after a lease time to any.</summary>
    private bool MayTake(Slot slot, string? holder, IReadOnlyList<string?> holders)
    {
        if (holder is not null)
        {
            _freeSince.Remove(slot);
            return false;
        }

        if (_isAway || (_backSince is { } back && _clock.GetElapsedTime(back) < _options.LeaseTime))
        {
            return false;
        }

        if (!_freeSince.TryGetValue(slot, out var since))
        {
            _freeSince[slot] = since = _clock.GetTimestamp();
        }

        var heldHere = _held.Keys.Count(held => held.Service == slot.Service);
        return _clock.GetElapsedTime(since) >= _options.LeaseTime
            || !AnyHasFewer(slot.Service, heldHere, holders);
    }

    /// <summary>
    /// After nodes were away, one may have all slots. When another has had two fewer for some time, it gets one; who is
    /// connected for it comes again there.
    /// </summary>
    private async Task BalanceAsync(string service, IReadOnlyList<string?> holders)
    {
        var held = _held.Keys.Where(slot => slot.Service == service).OrderBy(slot => slot.Number).ToArray();
        if (held.Length < 2 || !AnyHasFewer(service, held.Length - 1, holders))
        {
            _unevenSince.Remove(service);
            return;
        }

        if (!_unevenSince.TryGetValue(service, out var since))
        {
            _unevenSince[service] = since = _clock.GetTimestamp();
        }

        if (_clock.GetElapsedTime(since) >= _options.BalanceTime)
        {
            _unevenSince.Remove(service);
            await _store.ReleaseAsync(held[^1], _node.Name);
            Lose(held[^1]);
            _bus.Publish(new SlotFreed(service, held[^1].Number));
        }
    }

    /// <summary>Tells whether another node of a service takes slots and has fewer than so many.</summary>
    private bool AnyHasFewer(string service, int count, IReadOnlyList<string?> holders) => _others.Any(other =>
        !other.IsDraining
        && other.Find(service) is not null
        && _all.Zip(holders).Count(held => held.First.Service == service && held.Second == other.Name) < count);

    /// <summary>The store does not answer. Whether anybody else could have a slot by now is what others say.</summary>
    private async Task WithoutStoreAsync()
    {
        _isAway = true;
        if (_held.IsEmpty)
        {
            return;
        }

        var asked = _clock.GetTimestamp();
        var witness = await _witnesses.AskAsync(_others.Where(IsRival), _others.Where(other => !IsRival(other)));
        if (witness != RedisWitness.Unknown)
        {
            Interlocked.Exchange(ref _awayForAllUntil, witness == RedisWitness.AwayForAll ? LeaseFrom(asked) : 0);
        }

        _othersReachSince = witness == RedisWitness.Reached ? _othersReachSince ?? _clock.GetTimestamp() : null;

        // The others wait for a lease time. Those who find the store back first are no reason to let go at once.
        if (_othersReachSince is { } since && _clock.GetElapsedTime(since) >= _options.LeaseTime * 2 / 3)
        {
            foreach (var slot in _held.Keys)
            {
                Lose(slot);
            }
        }
    }

    /// <summary>Tells whether a node could take what this one has.</summary>
    private bool IsRival(NodeState other) => !other.IsDraining && _services.Any(service => other.Find(service) is not null);

    private long LeaseFrom(long asked) => asked + (long)(_options.LeaseTime.TotalSeconds * _clock.TimestampFrequency);

    private void Lose(Slot slot)
    {
        Log.Lost(_logger, slot.Service, slot.Number);
        if (_held.TryRemove(slot, out var lease))
        {
            lease.Lose();
        }
    }

    /// <summary>A slot that this node has. What its end is registered with outlives it, so it is left to the collector.</summary>
    private sealed class Lease(CancellationTokenSource lost)
    {
        private long _lapses;

        /// <summary>Gets or sets when it lapses.</summary>
        public long Lapses
        {
            get => Interlocked.Read(ref _lapses);
            set => Interlocked.Exchange(ref _lapses, value);
        }

        public CancellationToken Lost => lost.Token;

        /// <summary>Tells all who wait for it, off this thread.</summary>
        public void Lose() => _ = lost.CancelAsync();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "This node has slot {Number} of {Service} now.", EventName = "SlotTaken")]
        public static partial void Taken(ILogger logger, string service, int number);

        [LoggerMessage(2, LogLevel.Warning, "Slot {Number} of {Service} is another node's now; whoever is connected for it is sent there.", EventName = "SlotLost")]
        public static partial void Lost(ILogger logger, string service, int number);
    }
}
