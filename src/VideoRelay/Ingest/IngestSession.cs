using System.IO.Pipelines;

using LiveRobot.Platform.Presence;
using LiveRobot.VideoRelay.Feeds;
using LiveRobot.VideoRelay.Viewers;

using MpegTs;

using WebSockets;

namespace LiveRobot.VideoRelay.Ingest;

/// <summary>
/// One stream, of an encoder or, at an edge, of the origin: reads it, cuts it into frames and publishes them. It waits for
/// nobody but who sends.
/// </summary>
internal sealed class IngestSession : IDisposable
{
    /// <summary>How often viewers who asked for it are told when a frame arrived.</summary>
    private static readonly TimeSpan ClockInterval = TimeSpan.FromSeconds(1);

    private readonly Feed _feed;
    private readonly FeedReport? _report;
    private readonly VideoRelayOptions _options;
    private readonly TimeProvider _clock;
    private readonly RelayMetrics _metrics;
    private readonly TsFrameReader _frames;
    private readonly CancellationTokenSource _ending = new();
    private long? _lastClock;
    private IngestEnd _end;

    /// <summary>Makes a session.</summary>
    /// <param name="presence">Who is told of the feed; nobody at an edge, as the origin tells.</param>
    public IngestSession(Feed feed, RobotPresence? presence, VideoRelayOptions options, TimeProvider clock, RelayMetrics metrics, ILogger logger)
    {
        _feed = feed;
        _options = options;
        _clock = clock;
        _metrics = metrics;
        Meter = new FeedMeter(feed.Medium, clock);
        _report = presence is null ? null : new FeedReport(feed, Meter, presence, clock, logger);
        _frames = new TsFrameReader(Publish, options.MaxFrameBytes);
    }

    /// <summary>Gets what is measured of the stream.</summary>
    public FeedMeter Meter { get; }

    /// <summary>Gets whether the stream is the origin's.</summary>
    public bool IsOfOrigin => _report is null;

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
    /// <param name="patience">How long it may send nothing.</param>
    public async Task<IngestEnd> RunAsync(PipeReader body, TimeSpan patience)
    {
        using var idle = new CancellationTokenSource(patience, _clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token, idle.Token);
        try
        {
            await (_report?.StartAsync() ?? Task.CompletedTask);
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
                    idle.CancelAfter(patience);
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

        await (_report?.FinishAsync() ?? Task.CompletedTask);
        if (_feed.TryEnd(this))
        {
            await (_report?.EndAsync() ?? Task.CompletedTask);
        }

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
        _metrics.Received(_feed.Medium, frame.Packets.Length, frame.IsStart, IsOfOrigin);
        _metrics.Delivered(_feed.Medium, _feed.Publish(this, new FeedFrame(frame, description, now, Clock(frame, now))));
        _report?.Add(frame, description, now);
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
}
