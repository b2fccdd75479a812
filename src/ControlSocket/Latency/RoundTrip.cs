namespace LiveRobot.ControlSocket.Latency;

/// <summary>How long one socket takes to answer. Thread-safe; one measurement at a time.</summary>
/// <param name="probe">Completes with true once the peer has answered, with false when the socket has ended.</param>
internal sealed class RoundTrip(Func<Task<bool>> probe, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private TimeSpan? _last;
    private long? _startedAt;

    /// <summary>
    /// Gets the last round trip; null before the first is over. A probe that waits for longer than that counts for as
    /// long as it has waited: a peer that is suspended looks slow, not quick.
    /// </summary>
    public TimeSpan? Value
    {
        get
        {
            lock (_gate)
            {
                var waiting = _startedAt is { } startedAt ? clock.GetElapsedTime(startedAt) : TimeSpan.Zero;
                return waiting > _last ? waiting : _last;
            }
        }
    }

    /// <summary>Measures once; null when the socket has ended.</summary>
    public async Task<TimeSpan?> MeasureAsync()
    {
        var startedAt = clock.GetTimestamp();
        lock (_gate)
        {
            _startedAt = startedAt;
        }

        var isAnswered = await probe();
        lock (_gate)
        {
            _startedAt = null;
            return isAnswered ? _last = clock.GetElapsedTime(startedAt) : null;
        }
    }
}
