namespace LiveRobot.ControlSocket.Viewers;

/// <summary>
/// Tells the age of a viewer's messages by the viewer's own monotonic clock: how much longer than the quickest one
/// each was on its way. Neither clock needs to be right.
/// </summary>
internal sealed class ViewerClock
{
    /// <summary>How fast the smallest delay may rise: two quartz clocks drift apart by up to so much, which must not age a viewer over the hours.</summary>
    private const double MaxDrift = 200e-6;

    private double? _smallestDelay;
    private double _measuredAt;

    /// <summary>Takes the time at which a message was sent; gives its age on arrival.</summary>
    /// <param name="sentAt">By the viewer's clock, in milliseconds.</param>
    /// <param name="now">By the server's.</param>
    public TimeSpan Age(double sentAt, TimeSpan now)
    {
        var arrivedAt = now.TotalMilliseconds;
        var delay = arrivedAt - sentAt;
        var smallest = _smallestDelay is { } known
            ? Math.Min(delay, known + ((arrivedAt - _measuredAt) * MaxDrift))
            : delay;
        _smallestDelay = smallest;
        _measuredAt = arrivedAt;
        var age = delay - smallest;
        return age < TimeSpan.MaxValue.TotalMilliseconds ? TimeSpan.FromMilliseconds(age) : TimeSpan.MaxValue;
    }
}
