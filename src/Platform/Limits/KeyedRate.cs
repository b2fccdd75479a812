namespace LiveRobot.Platform.Limits;

/// <summary>
/// A token bucket for each of many keys (addresses, names): so many at once, then one more per interval. Safe for
/// several threads.
/// </summary>
public sealed class KeyedRate(int burst, TimeSpan interval, TimeProvider clock)
{
    /// <summary>The most keys that are remembered at once. When one more comes, those that have used least are forgotten.</summary>
    public const int MaxKeys = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);

    /// <summary>Takes one. Null when it may be had; else how long until the next.</summary>
    public TimeSpan? Take(string key)
    {
        lock (_gate)
        {
            var left = LeftOf(key);
            if (left < 1)
            {
                return (1 - left) * interval;
            }

            Keep(key, left - 1);
            return null;
        }
    }

    /// <summary>Tells how long until there is one to take; null when there is one now.</summary>
    public TimeSpan? Wait(string key)
    {
        lock (_gate)
        {
            return LeftOf(key) is < 1 and var left ? (1 - left) * interval : null;
        }
    }

    /// <summary>Gives one back that has turned out not to count.</summary>
    public void GiveBack(string key)
    {
        lock (_gate)
        {
            Keep(key, Math.Min(burst, LeftOf(key) + 1));
        }
    }

    private double LeftOf(string key) => _buckets.TryGetValue(key, out var bucket) ? LeftOf(bucket) : burst;

    private double LeftOf(Bucket bucket) => Math.Min(burst, bucket.Left + (clock.GetElapsedTime(bucket.At) / interval));

    private void Keep(string key, double left)
    {
        if (_buckets.Count >= MaxKeys && !_buckets.ContainsKey(key))
        {
            foreach (var (fullest, _) in _buckets.OrderByDescending(entry => LeftOf(entry.Value)).Take(MaxKeys / 2).ToArray())
            {
                _buckets.Remove(fullest);
            }
        }

        _buckets[key] = new Bucket(left, clock.GetTimestamp());
    }

    private readonly record struct Bucket(double Left, long At);
}
