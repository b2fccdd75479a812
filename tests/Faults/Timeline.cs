using System.Diagnostics;

namespace LiveRobot.Faults;

/// <summary>The moments at which something came that should come all the time. Times are those of <see cref="Stopwatch"/>.</summary>
internal sealed class Timeline
{
    private readonly Lock _gate = new();
    private readonly List<long> _moments = [];

    public void Add()
    {
        lock (_gate)
        {
            _moments.Add(Stopwatch.GetTimestamp());
        }
    }

    public bool HasAnySince(long moment)
    {
        lock (_gate)
        {
            return _moments.Count > 0 && _moments[^1] > moment;
        }
    }

    /// <summary>Gives the longest time without one, of which a part lies after <paramref name="from"/>.</summary>
    public TimeSpan LongestGap(long from)
    {
        lock (_gate)
        {
            var first = Math.Max(0, _moments.FindLastIndex(moment => moment <= from));
            return _moments.Skip(first).Zip(_moments.Skip(first + 1), Stopwatch.GetElapsedTime).DefaultIfEmpty().Max();
        }
    }
}
