namespace LiveRobot.Faults;

/// <summary>Remembers the most memory that the services have had since it was made.</summary>
internal sealed class MemoryWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly Timer _timer;
    private long _most;

    public MemoryWatch(Load load)
    {
        Before = load.ServicesMemory();
        _most = Before;
        _timer = new Timer(_ => _most = Math.Max(_most, load.ServicesMemory()), state: null, Interval, Interval);
    }

    /// <summary>Gets what they had when the watch began, in bytes.</summary>
    public long Before { get; }

    public long Most => _most;

    public void Dispose() => _timer.Dispose();
}
