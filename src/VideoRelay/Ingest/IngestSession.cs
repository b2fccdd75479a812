using System.IO.Pipelines;

using LiveRobot.Platform.Presence;
using LiveRobot.VideoRelay.Feeds;
using LiveRobot.VideoRelay.Viewers;

using MpegTs;

using WebSockets;

namespace LiveRobot.VideoRelay.Ingest;

/// <summary>One encoder's stream: reads it, cuts it into frames and publishes them. It waits for nobody but the encoder.</summary>
internal sealed partial class IngestSession : IDisposable
{
    /// <summary>How often presence hears of frames.</summary>
    private static readonly TimeSpan PresenceInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>How often presence hears what is known of the feed.</summary>
    private static readonly TimeSpan MeasureInterval = TimeSpan.FromSeconds(1);

    /// <summary>How often viewers who asked for it are told when a frame arrived.</summary>
    private static readonly TimeSpan ClockInterval = TimeSpan.FromSeconds(1);

    private readonly Feed _feed;
    private readonly RobotPresence _presence;
    private readonly VideoRelayOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly RelayMetrics _metrics;
    private readonly TsFrameReader _frames;
    private readonly CancellationTokenSource _ending = new();
    private Task _presenceReport = Task.CompletedTask;
    private long _lastPresenceReport;
    private Task _measureReport = Task.CompletedTask;
    private long? _lastMeasureReport;
    private FeedDescription? _reported;
    private bool _frameSeen;
    private long? _lastClock;
    private IngestEnd _end;

    public IngestSession(Feed feed, RobotPresence presence, VideoRelayOptions options, TimeProvider clock, RelayMetrics metrics, ILogger logger)
    {
        _feed = feed;
        _presence = presence;
        _options = options;
        _clock = clock;
        _metrics = metrics;
        _logger = logger;
        Meter = new FeedMeter(feed.Medium, clock);
        _frames = new TsFrameReader(Publish, options.MaxFrameBytes);
    }

    /// <summary>Gets what is measured of the stream.</summary>
    public FeedMeter Meter { get; }

    /// <summary>Ends the session from outside; the first reason counts.</summary>
    public void End(IngestEnd reason)
    {
        if (Interlocked.CompareExchange(ref _end, reason, IngestEnd.None) == IngestEnd.None)
        {
            try
            {
                _ending.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It has ended by itself meanwhile.
            }
        }
    }

    /// <summary>Reads until the encoder ends, is lost or is ended; tells which.</summary>
    /// <param name="body">The encoder's stream. A lost connection ends it, behind what had come before.</param>
    public async Task<IngestEnd> RunAsync(PipeReader body)
    {
        using var idle = new CancellationTokenSource(_options.IngestIdleTimeout, _clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token, idle.Token);
        try
        {
            await StartPresenceAsync();
            var received = 0L;
            while (true)
            {
                var result = await ReadAsync(body, stop.Token);
                foreach (var segment in result.Buffer)
                {
                    _frames.Write(segment.Span);
                }

                if (!result.Buffer.IsEmpty)
                {
                    idle.CancelAfter(_options.IngestIdleTimeout);
                }

                received += result.Buffer.Length;
                body.AdvanceTo(result.Buffer.End);
                if (received > _options.MaxBytesBeforeStream && _frames.Streams.Count == 0)
                {
                    End(IngestEnd.NoTransportStream);
                    break;
                }

                if (result.IsCompleted)
                {
                    _frames.Flush();
                    End(IngestEnd.Finished);
                    break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            End(idle.IsCancellationRequested ? IngestEnd.Idle : IngestEnd.Lost);
        }
        catch (IOException)
        {
            // Half a frame would only spoil the last picture.
            if (_frames.MayBeComplete)
            {
                _frames.Flush();
            }

            End(IngestEnd.Lost);
        }

        await StopPresenceAsync();
        return _end;
    }

    public void Dispose() => _ending.Dispose();

    /// <summary>Reads what has come. When a frame may be complete without the stream telling, waits only a moment for more.</summary>
    private async ValueTask<ReadResult> ReadAsync(PipeReader body, CancellationToken stop)
    {
        var reading = body.ReadAsync(stop);
        if (reading.IsCompleted || !_frames.MayBeComplete)
        {
            return await reading;
        }

        var read = reading.AsTask();
        using var patience = new CancellationTokenSource();
        if (await Task.WhenAny(read, Task.Delay(_options.FrameEndTimeout, _clock, patience.Token)) != read)
        {
            _frames.Flush();
        }

        await patience.CancelAsync();
        return await read;
    }

    private void Publish(in TsFrame frame)
    {
        var now = _clock.GetTimestamp();
        var description = Meter.Count(frame, _frames, now);
        _metrics.Received(_feed.Medium, frame.Packets.Length, frame.IsStart);
        _feed.Publish(this, new FeedFrame(frame, description, now, Clock(frame, now)));
        if (_feed.Medium == Medium.Video
            && frame.Kind == StreamKind.Video
            && _presenceReport.IsCompleted
            && (!_frameSeen || _clock.GetElapsedTime(_lastPresenceReport, now) >= PresenceInterval))
        {
            _frameSeen = true;
            _lastPresenceReport = now;
            _presenceReport = ReportAsync(_presence.FrameArrivedAsync(_feed.Camera));
        }

        // At once when it becomes known what the feed is: players wait for it.
        if (_measureReport.IsCompleted
            && (_lastMeasureReport is not { } last || description != _reported || _clock.GetElapsedTime(last, now) >= MeasureInterval))
        {
            _lastMeasureReport = now;
            _reported = description;
            _measureReport = ReportAsync(_presence.FeedMeasuredAsync(_feed.Camera, _feed.Medium.Name(), Meter.Read()));
        }
    }

    private WebSocketFrame? Clock(in TsFrame frame, long now)
    {
        if (!frame.IsStart || frame.Pts is not { } pts || (_lastClock is { } last && _clock.GetElapsedTime(last, now) < ClockInterval))
        {
            return null;
        }

        _lastClock = now;
        return SideMessages.Clock(pts, _clock.GetUtcNow());
    }

    private async Task StartPresenceAsync()
    {
        if (_feed.Medium == Medium.Video)
        {
            await ReportAsync(_presence.FeedStartedAsync(_feed.Camera));
        }
    }

    private async Task StopPresenceAsync()
    {
        await _presenceReport;
        await _measureReport;
        if (_feed.TryEnd(this))
        {
            await ReportAsync(_feed.Medium == Medium.Video ? _presence.FeedEndedAsync(_feed.Camera) : _presence.AudioEndedAsync(_feed.Camera));
        }
    }

    /// <summary>The picture goes on when presence fails.</summary>
    private async Task ReportAsync(Task report)
    {
        try
        {
            await report;
        }
#pragma warning disable CA1031
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.PresenceFailed(_logger, exception, _feed.Camera.CameraId);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Warning, "The presence of camera {CameraId} could not be written.", EventName = "PresenceFailed")]
        public static partial void PresenceFailed(ILogger logger, Exception exception, int cameraId);
    }
}
