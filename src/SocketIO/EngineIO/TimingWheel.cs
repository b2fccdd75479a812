namespace SocketIO.EngineIO;

/// <summary>
/// The timers of all sessions of a server, on one timer of the time provider: a ring of lists, each with what is due in
/// one tick (Varghese and Lauck, 1987). Setting and stopping cost the same however many there are, and what is due at
/// about the same time is done at one go: with ten thousand timers of the platform, going through their list and waking
/// a thread for each cost more than the heartbeats themselves.
/// </summary>
internal sealed class TimingWheel
{
    /// <summary>How late a timer may be. Heartbeats are counted in seconds.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    /// <summary>Ten seconds; what is due later is passed over until then.</summary>
    private const int Slots = 1024;
    private const long Never = long.MaxValue;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly long _ticksEach;
    private readonly Entry?[] _slots = new Entry?[Slots];
    private readonly List<Entry> _due = [];
    private long _done;
    private long _armed = Never;
    private int _count;
    private bool _isFiring;

    public TimingWheel(TimeProvider time)
    {
        _time = time;
        _ticksEach = (long)(Tick.TotalSeconds * time.TimestampFrequency);
        _done = Now;
        _timer = time.CreateTimer(static wheel => ((TimingWheel)wheel!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Gets the last tick that has begun.</summary>
    private long Now => _time.GetTimestamp() / _ticksEach;

    /// <summary>Sets, or moves, a timer to a timestamp of the time provider. It fires once, at most a <see cref="Tick"/> late.</summary>
    public void Set(Entry entry, long due)
    {
        lock (_gate)
        {
            var tick = Math.Max((due + _ticksEach - 1) / _ticksEach, _done + 1);
            if (tick == entry.Tick)
            {
                return;
            }

            Remove(entry);
            ref var slot = ref _slots[tick % Slots];
            entry.Tick = tick;
            entry.Next = slot;
            slot?.Previous = entry;
            slot = entry;
            _count++;
            if (tick < _armed && !_isFiring)
            {
                Arm(tick);
            }
        }
    }

    /// <summary>Stops a timer, if it is set; it may be about to fire.</summary>
    public void Stop(Entry entry)
    {
        lock (_gate)
        {
            Remove(entry);
            if (_count == 0 && !_isFiring)
            {
                Arm(Never);
            }
        }
    }

    private void Fire()
    {
        lock (_gate)
        {
            if (_isFiring)
            {
                return;
            }

            _isFiring = true;
        }

        while (TakeDue())
        {
            foreach (var entry in _due)
            {
                entry.OnDue();
            }
        }
    }

    /// <summary>Takes what is due; when nothing is, sets the timer to what comes next and gives false.</summary>
    private bool TakeDue()
    {
        lock (_gate)
        {
            _due.Clear();
            var now = Now;
            for (var tick = Math.Max(_done + 1, now - Slots + 1); tick <= now; tick++)
            {
                for (var entry = _slots[tick % Slots]; entry is not null;)
                {
                    var next = entry.Next;
                    if (entry.Tick <= now)
                    {
                        Remove(entry);
                        _due.Add(entry);
                    }

                    entry = next;
                }
            }

            _done = Math.Max(_done, now);
            if (_due.Count > 0)
            {
                return true;
            }

            _isFiring = false;
            Arm(NextTick());
            return false;
        }
    }

    /// <summary>Gets the next tick in whose slot is something, though that may be due later.</summary>
    private long NextTick()
    {
        for (var tick = _done + 1; _count > 0; tick++)
        {
            if (_slots[tick % Slots] is not null)
            {
                return tick;
            }
        }

        return Never;
    }

    private void Arm(long tick)
    {
        _armed = tick;
        if (tick == Never)
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }

        var delay = TimeSpan.FromSeconds(Math.Max(0, (tick * _ticksEach) - _time.GetTimestamp()) / (double)_time.TimestampFrequency);
        // Timers round down to milliseconds; one that fires early would only be armed again.
        _timer.Change(delay + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }

    private void Remove(Entry entry)
    {
        if (entry.Tick == Entry.None)
        {
            return;
        }

        if (entry.Previous is null)
        {
            _slots[entry.Tick % Slots] = entry.Next;
        }
        else
        {
            entry.Previous.Next = entry.Next;
        }

        entry.Next?.Previous = entry.Previous;
        (entry.Previous, entry.Next, entry.Tick) = (null, null, Entry.None);
        _count--;
    }

    /// <summary>A timer. Its links are the wheel's.</summary>
    public abstract class Entry
    {
        internal const long None = -1;

        internal Entry? Previous { get; set; }

        internal Entry? Next { get; set; }

        internal long Tick { get; set; } = None;

        /// <summary>Does what is due. It must neither block nor throw: others wait.</summary>
        public abstract void OnDue();
    }
}
