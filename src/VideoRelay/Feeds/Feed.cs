using LiveRobot.Platform.Robots;
using LiveRobot.VideoRelay.Ingest;
using LiveRobot.VideoRelay.Viewers;

namespace LiveRobot.VideoRelay.Feeds;

/// <summary>One medium of one camera: who sends it now, and who watches.</summary>
/// <remarks>It outlives its ingest as long as there are viewers. Safe for several threads.</remarks>
internal sealed class Feed(Camera camera, Medium medium, VideoRelayOptions options, TimeProvider clock)
{
    private static readonly TimeSpan TakeOverWindow = TimeSpan.FromMinutes(1);

    /// <summary>How many viewers are fetched from memory at once before a frame is sent to them.</summary>
    private const int Together = 16;

    private readonly Lock _gate = new();
    private readonly FeedHistory _history = new(options);
    private readonly Queue<long> _takeOvers = [];
    private Viewer[] _viewers = [];
    private IngestSession? _ingest;

    public Camera Camera { get; } = camera;

    public Medium Medium { get; } = medium;

    /// <summary>Gets or sets how many sessions and viewers use this feed. The directory's, under its lock.</summary>
    public int Users { get; set; }

    /// <summary>Gets who sends now.</summary>
    public IngestSession? Ingest
    {
        get
        {
            lock (_gate)
            {
                return _ingest;
            }
        }
    }

    /// <summary>Gets how many watch, at edges too.</summary>
    public int ViewerCount
    {
        get
        {
            lock (_gate)
            {
                return CountPeople();
            }
        }
    }

    /// <summary>Tells how many watch, at edges too, and the longest chain of edges behind this relay, the nearest first.</summary>
    public (int People, IReadOnlyList<string> Chain) ReadAudience()
    {
        lock (_gate)
        {
            return (CountPeople(), _viewers.Select(viewer => viewer.Edge?.Chain ?? []).MaxBy(chain => chain.Count) ?? []);
        }
    }

    /// <summary>Tells what is known of what is sent now; null when nobody sends.</summary>
    public FeedInfo? Read()
    {
        lock (_gate)
        {
            return _ingest?.Meter.Read(Camera.CameraId, CountPeople());
        }
    }

    /// <summary>Copies the last keyframe, see <see cref="FeedHistory.Keyframe"/>.</summary>
    public byte[]? Keyframe()
    {
        lock (_gate)
        {
            return _history.Keyframe();
        }
    }

    /// <summary>Makes a session of the origin's the one that sends; false when there is one, whose stream comes first.</summary>
    public bool TryFollow(IngestSession session)
    {
        lock (_gate)
        {
            if (_ingest is not null)
            {
                return false;
            }

            Begin(session);
            return true;
        }
    }

    /// <summary>Makes a session of an encoder the one that sends; the one before is ended. False when an encoder's was too often.</summary>
    public bool TryBegin(IngestSession session)
    {
        IngestSession? before;
        lock (_gate)
        {
            before = _ingest;
            if (before is { IsOfOrigin: false } && !TryCountTakeOver())
            {
                return false;
            }

            Begin(session);
        }

        before?.End(IngestEnd.TakenOver);
        return true;
    }

    /// <summary>Takes note that a session is over. False when another had already taken its place.</summary>
    public bool TryEnd(IngestSession session)
    {
        lock (_gate)
        {
            if (_ingest != session)
            {
                return false;
            }

            // What the next session sends does not follow on this.
            _ingest = null;
            _history.Clear();
            return true;
        }
    }

    /// <summary>Gives a frame to all viewers and waits for none. A session that was taken over is not heard.</summary>
    /// <returns>What the viewers were sent, and lost, since the frame before.</returns>
    public Delivery Publish(IngestSession session, FeedFrame frame)
    {
        var delivery = default(Delivery);
        List<Viewer>? stalled = null;
        lock (_gate)
        {
            if (_ingest != session)
            {
                return delivery;
            }

            _history.Add(frame);
            for (var start = 0; start < _viewers.Length; start += Together)
            {
                var viewers = _viewers.AsSpan(start, Math.Min(Together, _viewers.Length - start));
                foreach (var viewer in viewers)
                {
                    viewer.Prefetch();
                }

                foreach (var viewer in viewers)
                {
                    if (!viewer.Offer(frame))
                    {
                        (stalled ??= []).Add(viewer);
                    }

                    delivery += viewer.TakeDelivery();
                }
            }
        }

        foreach (var viewer in stalled ?? [])
        {
            viewer.Evict();
        }

        return delivery;
    }

    /// <summary>Adds a viewer, who gets the picture so far.</summary>
    public void Add(Viewer viewer)
    {
        bool begins;
        lock (_gate)
        {
            begins = viewer.Begin(_history);
            _viewers = [.. _viewers, viewer];
        }

        if (begins)
        {
            _ = viewer.SendAsync();
        }
    }

    public void Remove(Viewer viewer)
    {
        lock (_gate)
        {
            _viewers = [.. _viewers.Where(other => other != viewer)];
        }
    }

    private int CountPeople()
    {
        var people = 0;
        foreach (var viewer in _viewers)
        {
            people += viewer.People;
        }

        return people;
    }

    private void Begin(IngestSession session)
    {
        _ingest = session;
        _history.Clear();
        foreach (var viewer in _viewers)
        {
            viewer.Restart();
        }
    }

    private bool TryCountTakeOver()
    {
        while (_takeOvers.TryPeek(out var oldest) && clock.GetElapsedTime(oldest) >= TakeOverWindow)
        {
            _takeOvers.Dequeue();
        }

        if (_takeOvers.Count >= options.TakeOversPerMinute)
        {
            return false;
        }

        _takeOvers.Enqueue(clock.GetTimestamp());
        return true;
    }
}
