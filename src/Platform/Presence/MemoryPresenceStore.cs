using System.Collections.Concurrent;

namespace LiveRobot.Platform.Presence;

/// <summary>The presence store of a single process.</summary>
public sealed class MemoryPresenceStore(TimeProvider clock) : IPresenceStore
{
    /// <summary>Lapsed keys are swept once per so many writes, so that what nobody asks for again is given back.</summary>
    private const int WritesPerSweep = 1024;

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private int _writes;

    public ValueTask SetAsync(string key, string value, TimeSpan timeToLive)
    {
        _entries[key] = new Entry(value, LapseAfter(timeToLive));
        if (Interlocked.Increment(ref _writes) % WritesPerSweep == 0)
        {
            Sweep();
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<string?> GetAsync(string key) => ValueTask.FromResult(Find(key)?.Value);

    public ValueTask<IReadOnlyList<string?>> GetManyAsync(IReadOnlyList<string> keys) =>
        ValueTask.FromResult<IReadOnlyList<string?>>([.. keys.Select(key => Find(key)?.Value)]);

    public ValueTask<bool> ExpireAsync(string key, TimeSpan timeToLive)
    {
        // A writer in between wins: its key is newer than what is prolonged here.
        return ValueTask.FromResult(
            Find(key) is { } entry && _entries.TryUpdate(key, entry with { Lapses = LapseAfter(timeToLive) }, entry));
    }

    public ValueTask<bool> RemoveAsync(string key) =>
        ValueTask.FromResult(_entries.TryRemove(key, out var entry) && entry.Lapses > clock.GetTimestamp());

    public ValueTask<bool> RemoveAsync(string key, string value) =>
        ValueTask.FromResult(Find(key) is { } entry && entry.Value == value && _entries.TryRemove(new(key, entry)));

    private Entry? Find(string key) =>
        _entries.TryGetValue(key, out var entry) && entry.Lapses > clock.GetTimestamp() ? entry : null;

    private long LapseAfter(TimeSpan timeToLive) =>
        clock.GetTimestamp() + (long)(timeToLive.TotalSeconds * clock.TimestampFrequency);

    private void Sweep()
    {
        var now = clock.GetTimestamp();
        foreach (var entry in _entries)
        {
            if (entry.Value.Lapses <= now)
            {
                _entries.TryRemove(entry);
            }
        }
    }

    private sealed record Entry(string Value, long Lapses);
}
