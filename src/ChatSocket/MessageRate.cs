namespace LiveRobot.ChatSocket;

/// <summary>A token bucket: so many at once, then one more per interval. Used by one connection at a time.</summary>
internal sealed class MessageRate(int burst, TimeSpan interval, TimeProvider clock)
{
    private double _tokens = burst;
    private long _counted = clock.GetTimestamp();

    /// <summary>Takes one; false when there is none left.</summary>
    public bool TryTake()
    {
        var now = clock.GetTimestamp();
        _tokens = Math.Min(burst, _tokens + (clock.GetElapsedTime(_counted, now) / interval));
        _counted = now;
        if (_tokens < 1)
        {
            return false;
        }

        _tokens--;
        return true;
    }
}
