using LiveRobot.Platform.Presence;

using MpegTs;

namespace LiveRobot.VideoRelay.Feeds;

/// <summary>Measures one encoder's stream. Written by the session that reads it, read by anybody.</summary>
internal sealed class FeedMeter(Medium medium, TimeProvider clock)
{
    /// <summary>The time over which rates are measured.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    /// <summary>From this silence on a feed has a gap.</summary>
    private static readonly TimeSpan Gap = TimeSpan.FromSeconds(1);

    private const double TicksPerSecond = 90_000;
    private const long TicksModulus = 1L << 33;

    private readonly Lock _gate = new();
    private readonly DateTimeOffset _since = clock.GetUtcNow();
    private long _windowStart = clock.GetTimestamp();
    private long _windowFrames;
    private long _windowBytes;
    private double _frameRate;
    private double _bitRate;
    private long _frames;
    private long _keyframes;
    private long _bytes;
    private long _gaps;
    private long? _lastFrame;
    private long? _lastKeyframeDts;
    private TimeSpan? _keyframeInterval;
    private FeedDescription _description = new(null, null, null, null, null);
    private TsCounters _errors;

    /// <summary>Counts a frame, and returns what the feed is as far as it is known.</summary>
    public FeedDescription Count(in TsFrame frame, TsFrameReader reader, long now)
    {
        lock (_gate)
        {
            _bytes += frame.Packets.Length;
            _windowBytes += frame.Packets.Length;
            if (frame.IsStart && frame.Kind == (medium == Medium.Video ? StreamKind.Video : StreamKind.Audio))
            {
                CountStart(frame, now);
            }

            if (frame.IsEntryPoint)
            {
                CountKeyframe(frame);
            }

            if (clock.GetElapsedTime(_windowStart, now) is var elapsed && elapsed >= Window)
            {
                _frameRate = _windowFrames / elapsed.TotalSeconds;
                _bitRate = 8 * _windowBytes / elapsed.TotalSeconds;
                _windowStart = now;
                _windowFrames = _windowBytes = 0;
                Look(reader);
            }
            else if (frame.IsEntryPoint)
            {
                Look(reader);
            }

            return _description;
        }
    }

    /// <summary>Tells what was measured.</summary>
    public FeedInfo Read(int cameraId, int viewers)
    {
        lock (_gate)
        {
            // A window that nothing has closed for so long says that nothing comes.
            var flows = clock.GetElapsedTime(_windowStart) < 3 * Window;
            return new FeedInfo(
                cameraId,
                medium,
                _since,
                _description.VideoCodec,
                _description.AudioCodec,
                _description.Width,
                _description.Height,
                _description.FrameRate,
                flows ? _frameRate : 0,
                flows ? _bitRate : 0,
                _keyframeInterval,
                _frames,
                _keyframes,
                _bytes,
                _gaps,
                _errors,
                viewers);
        }
    }

    /// <summary>Tells what was measured, for all who are not the relay.</summary>
    public FeedState Read()
    {
        var info = Read(cameraId: 0, viewers: 0);
        return new FeedState(
            info.Since,
            info.VideoCodec,
            info.AudioCodec,
            info.Width,
            info.Height,
            info.NominalFrameRate,
            info.FrameRate,
            info.BitRate,
            info.KeyframeInterval?.TotalSeconds,
            info.Errors.ContinuityErrors,
            info.Gaps);
    }

    private void CountStart(in TsFrame frame, long now)
    {
        _frames++;
        _windowFrames++;
        if (_lastFrame is { } last && clock.GetElapsedTime(last, now) > Gap)
        {
            _gaps++;
        }

        _lastFrame = now;
    }

    private void CountKeyframe(in TsFrame frame)
    {
        _keyframes++;
        if (_lastKeyframeDts is { } last && frame.Dts is { } dts)
        {
            _keyframeInterval = TimeSpan.FromSeconds(((dts - last + TicksModulus) % TicksModulus) / TicksPerSecond);
        }

        _lastKeyframeDts = frame.Dts ?? _lastKeyframeDts;
    }

    private void Look(TsFrameReader reader)
    {
        _description = FeedDescription.Of(reader.Streams);
        _errors = reader.Counters;
    }
}
