namespace LiveRobot.VideoRelay.Feeds;

/// <summary>What a newcomer is sent: the last keyframe and, while that is not too much, all that came since.</summary>
/// <remarks>Not safe for several threads; its feed locks.</remarks>
internal sealed class FeedHistory(VideoRelayOptions options)
{
    private readonly List<FeedFrame> _frames = [];
    private long _bytes;

    /// <summary>Gets the frames, the first of which is a keyframe; empty when there was none.</summary>
    public IReadOnlyList<FeedFrame> Frames => _frames;

    /// <summary>Gets whether the frames reach up to now, so that the next one follows on them.</summary>
    public bool ReachesNow { get; private set; }

    /// <summary>Copies the keyframe as a transport stream of its own, PAT and PMT before it; null when there is none.</summary>
    public byte[]? Keyframe()
    {
        if (_frames.Count == 0 || _frames[0].Tables is not { } tables)
        {
            return null;
        }

        var next = _frames.FindIndex(1, frame => frame.IsStart);
        var pieces = _frames.Take(next < 0 ? _frames.Count : next).Select(frame => frame.Message);
        return [.. pieces.Prepend(tables).SelectMany(piece => piece.Payload.ToArray())];
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _frames.Clear();
        _bytes = 0;
        ReachesNow = false;
    }

    /// <summary>Adds the newest frame.</summary>
    public void Add(FeedFrame frame)
    {
        if (frame.IsEntryPoint)
        {
            Clear();
            ReachesNow = true;
        }

        if (!ReachesNow)
        {
            return;
        }

        _frames.Add(frame);
        _bytes += frame.Length;
        if (_bytes > options.MaxBurstBytes)
        {
            KeepKeyframe();
        }
    }

    /// <summary>Keeps only the keyframe, which may have been cut in pieces; nothing when not all of it is there.</summary>
    private void KeepKeyframe()
    {
        ReachesNow = false;
        var next = _frames.FindIndex(1, frame => frame.IsStart);
        _frames.RemoveRange(Math.Max(next, 0), _frames.Count - Math.Max(next, 0));
        _bytes = 0;
    }
}
