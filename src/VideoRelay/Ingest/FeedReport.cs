using LiveRobot.Platform.Presence;
using LiveRobot.VideoRelay.Feeds;

using MpegTs;

namespace LiveRobot.VideoRelay.Ingest;

/// <summary>Tells presence of a feed while an encoder sends it: that it flows, and what is measured of it.</summary>
/// <remarks>The relay that the encoder sends to does; its edges do not. The picture goes on when presence fails.</remarks>
internal sealed partial class FeedReport(Feed feed, FeedMeter meter, RobotPresence presence, TimeProvider clock, ILogger logger)
{
    /// <summary>How often presence hears of frames.</summary>
    private static readonly TimeSpan FrameInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>How often presence hears what is known of the feed.</summary>
    private static readonly TimeSpan MeasureInterval = TimeSpan.FromSeconds(1);

    private Task _frameReport = Task.CompletedTask;
    private long? _lastFrameReport;
    private Task _measureReport = Task.CompletedTask;
    private long? _lastMeasureReport;
    private FeedDescription? _reported;

    public async Task StartAsync()
    {
        if (feed.Medium == Medium.Video)
        {
            await ReportAsync(presence.FeedStartedAsync(feed.Camera));
        }
    }

    /// <summary>A frame has come.</summary>
    public void Add(in TsFrame frame, FeedDescription description, long now)
    {
        if (feed.Medium == Medium.Video
            && frame.Kind == StreamKind.Video
            && _frameReport.IsCompleted
            && (_lastFrameReport is not { } before || clock.GetElapsedTime(before, now) >= FrameInterval))
        {
            _lastFrameReport = now;
            _frameReport = ReportAsync(presence.FrameArrivedAsync(feed.Camera));
        }

        // At once when it becomes known what the feed is: players wait for it.
        if (_measureReport.IsCompleted
            && (_lastMeasureReport is not { } last || description != _reported || clock.GetElapsedTime(last, now) >= MeasureInterval))
        {
            _lastMeasureReport = now;
            _reported = description;
            _measureReport = ReportAsync(presence.FeedMeasuredAsync(feed.Camera, feed.Medium.Name(), meter.Read()));
        }
    }

    /// <summary>Completes when all that was reported is.</summary>
    public Task FinishAsync() => Task.WhenAll(_frameReport, _measureReport);

    /// <summary>The feed has ended, and nobody else sends it.</summary>
    public Task EndAsync() => ReportAsync(feed.Medium == Medium.Video ? presence.FeedEndedAsync(feed.Camera) : presence.AudioEndedAsync(feed.Camera));

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
            Log.PresenceFailed(logger, exception, feed.Camera.CameraId);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Warning, "The presence of camera {CameraId} could not be written.", EventName = "PresenceFailed")]
        public static partial void PresenceFailed(ILogger logger, Exception exception, int cameraId);
    }
}
