using System.Runtime.CompilerServices;

namespace SocketIO.EngineIO;

/// <summary>What a session waits for, in the order in which what is due at the same time is done.</summary>
internal enum SessionDeadline
{
    /// <summary>The last packets of a session that has ended are no longer kept for a poll.</summary>
    Leave,

    /// <summary>A session on polling was never polled.</summary>
    Unused,

    /// <summary>The client has joined nothing.</summary>
    Confirm,

    /// <summary>Messages that were held back may go.</summary>
    Release,

    /// <summary>A poll that hangs during an upgrade is let go.</summary>
    Noop,

    /// <summary>The client was silent for longer than its heartbeat allows.</summary>
    Silence,

    /// <summary>A ping is to be sent.</summary>
    Ping,

    /// <summary>Nothing is due.</summary>
    None,
}

/// <summary>The deadlines of one session on one timer of the server's wheel. The session's lock guards it.</summary>
internal sealed class SessionClock(TimeProvider time, TimingWheel wheel, EngineIOSession session) : TimingWheel.Entry
{
    private const long Never = long.MaxValue;

    private Deadlines _due = Deadlines.None;

    /// <summary>Gets the time now, as a timestamp of the time provider.</summary>
    public long Now => time.GetTimestamp();

    public long TicksPerSecond => time.TimestampFrequency;

    public bool IsSet(SessionDeadline deadline) => _due[(int)deadline] != Never;

    public bool HasPassed(SessionDeadline deadline) => _due[(int)deadline] <= Now;

    /// <summary>Sets a deadline from now; the timer follows with <see cref="Arm"/>.</summary>
    public void Set(SessionDeadline deadline, TimeSpan delay) => Set(deadline, Now, delay);

    /// <summary>Sets a deadline from a timestamp; the timer follows with <see cref="Arm"/>.</summary>
    public void Set(SessionDeadline deadline, long from, TimeSpan delay) => _due[(int)deadline] = from + Ticks(delay);

    public void Clear(SessionDeadline deadline) => _due[(int)deadline] = Never;

    public void Clear() => _due = Deadlines.None;

    /// <summary>Takes a deadline that has passed off the clock and tells when it was. One at a time; <see cref="Arm"/> sees to the next.</summary>
    public SessionDeadline TakeDue(out long since)
    {
        var now = Now;
        for (var i = 0; i < Deadlines.Count; i++)
        {
            since = _due[i];
            if (since <= now)
            {
                _due[i] = Never;
                return (SessionDeadline)i;
            }
        }

        since = Never;
        return SessionDeadline.None;
    }

    /// <summary>Sets the timer to the next deadline.</summary>
    public void Arm()
    {
        var due = Never;
        for (var i = 0; i < Deadlines.Count; i++)
        {
            due = Math.Min(due, _due[i]);
        }

        if (due != Never)
        {
            wheel.Set(this, due);
        }
    }

    public void Stop() => wheel.Stop(this);

    public override void OnDue() => session.OnTimer();

    private long Ticks(TimeSpan delay) => (long)(delay.TotalSeconds * TicksPerSecond);

    /// <summary>A time for each <see cref="SessionDeadline"/>, without an array of its own for each session.</summary>
    [InlineArray(Count)]
    private struct Deadlines
    {
        public const int Count = (int)SessionDeadline.None;

        private long _first;

        /// <summary>Gets those of which none is set.</summary>
        public static Deadlines None
        {
            get
            {
                Deadlines none = default;
                ((Span<long>)none).Fill(Never);
                return none;
            }
        }
    }
}
