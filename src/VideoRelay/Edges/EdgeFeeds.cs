using LiveRobot.Platform.Robots;

using Microsoft.Extensions.Options;

namespace LiveRobot.VideoRelay.Edges;

/// <summary>
/// What makes this relay an edge: a feed that is watched here, and that no encoder sends here, is taken from its origin
/// (<see cref="IFeedOrigins"/>), by one connection for all its viewers, as long as there are any.
/// </summary>
/// <remarks>The origin may be an edge itself. It sends to an edge as to any viewer, and so does this relay to an edge.</remarks>
internal sealed class EdgeFeeds(
    IServiceProvider services, IOptions<EdgeOptions> options, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(int CameraId, Medium Medium), Watched> _watched = [];

    /// <summary>Gets whether this relay takes feeds from others, and serves every camera.</summary>
    public bool AreOn => options.Value.Secret is not null;

    /// <summary>Somebody watches a feed here, until what is given is disposed of.</summary>
    public IDisposable? Watch(Camera camera, Medium medium)
    {
        if (!AreOn)
        {
            return null;
        }

        lock (_gate)
        {
            var key = (camera.CameraId, medium);
            if (!_watched.TryGetValue(key, out var watched) || !watched.TryAdd())
            {
                var begun = _watched[key] = watched = new Watched(options.Value.Linger, clock, _gate);
                var feed = ActivatorUtilities.CreateInstance<EdgeFeed>(services, camera, medium);
                _ = RunAsync(feed, begun, key);
            }

            return new Viewing(watched);
        }
    }

    private async Task RunAsync(EdgeFeed feed, Watched watched, (int CameraId, Medium Medium) key)
    {
        // Off the lock.
        await Task.Yield();
        await feed.RunAsync(watched.Ended);
        lock (_gate)
        {
            if (_watched.GetValueOrDefault(key) == watched)
            {
                _watched.Remove(key);
            }

            watched.Dispose();
        }
    }

    /// <summary>How many watch a feed, and when the last of them had left for long enough. Under the lock of all.</summary>
    private sealed class Watched(TimeSpan linger, TimeProvider clock, Lock gate) : IDisposable
    {
        private readonly CancellationTokenSource _ending = new(Timeout.InfiniteTimeSpan, clock);
        private int _count = 1;
        private bool _isDisposed;

        public CancellationToken Ended => _ending.Token;

        /// <summary>Counts one more; false when it is too late.</summary>
        public bool TryAdd()
        {
            if (_ending.IsCancellationRequested)
            {
                return false;
            }

            _count++;
            _ending.CancelAfter(Timeout.InfiniteTimeSpan);
            return !_ending.IsCancellationRequested;
        }

        public void Remove()
        {
            lock (gate)
            {
                _count--;
                if (_count == 0 && !_isDisposed)
                {
                    _ending.CancelAfter(linger);
                }
            }
        }

        public void Dispose()
        {
            _isDisposed = true;
            _ending.Dispose();
        }
    }

    private sealed class Viewing(Watched watched) : IDisposable
    {
        private Watched? _watched = watched;

        public void Dispose() => Interlocked.Exchange(ref _watched, null)?.Remove();
    }
}
