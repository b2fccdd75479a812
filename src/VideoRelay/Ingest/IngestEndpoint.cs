using System.Globalization;

using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;
using LiveRobot.VideoRelay.Feeds;

using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;

namespace LiveRobot.VideoRelay.Ingest;

/// <summary>Takes the streams of encoders: <c>POST /{stream_key}/{xres}/{yres}/</c>, a chunked body without end.</summary>
/// <remarks>
/// An encoder does not read the answer before it is done, so a refusal is an answer and a closed connection: ffmpeg
/// then exits at once instead of sending into the void. The size in the path is what the encoder was asked for (it may
/// read <c>None</c>); the stream itself says what it is.
/// </remarks>
internal sealed partial class IngestEndpoint(
    RobotDirectory robots,
    BanDirectory bans,
    RobotPresence presence,
    FeedDirectory feeds,
    WrongKeys wrongKeys,
    IOptions<VideoRelayOptions> options,
    TimeProvider clock,
    SlotLeases leases,
    Draining draining,
    RelayMetrics metrics,
    ILogger<IngestEndpoint> logger)
{
    /// <summary>How long a refused encoder's data is still read, so that it can see the answer before the connection is reset.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(200);

    public async Task ServeAsync(HttpContext context, Medium medium)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        var streamKey = (string)context.GetRouteValue("streamKey")!;
        if (await FindCameraAsync(context, medium, streamKey) is not { } camera)
        {
            return;
        }

        if (!leases.Serves(Slot.Video, camera.Slot))
        {
            metrics.IngestRefused(medium, StatusCodes.Status503ServiceUnavailable);
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "Another relay", "Another relay takes this camera.");
            return;
        }

        var feed = feeds.Use(camera, medium);
        try
        {
            await ServeAsync(context, feed, streamKey);
        }
        finally
        {
            feeds.Release(feed);
        }
    }

    /// <summary>Finds the camera of a stream key; null when the encoder was refused.</summary>
    private async Task<Camera?> FindCameraAsync(HttpContext context, Medium medium, string streamKey)
    {
        var address = context.Connection.RemoteIpAddress;
        var refusal = wrongKeys.Refuse(address, streamKey);
        if (refusal is null)
        {
            if (await robots.FindCameraByStreamKeyAsync(streamKey) is { } camera)
            {
                if (!await bans.IsOwnerBannedAsync(camera.Handle))
                {
                    return camera;
                }

                metrics.IngestRefused(medium, StatusCodes.Status403Forbidden);
                await RefuseAsync(context, StatusCodes.Status403Forbidden, "Banned", RobotRefusal.OwnerBanned.Error);
                return null;
            }

            wrongKeys.Add(address, streamKey);
        }

        if (refusal is { } wait && wait > TimeSpan.Zero)
        {
            metrics.IngestRefused(medium, StatusCodes.Status429TooManyRequests);
            Log.TooManyWrongKeys(logger, address, medium.Name());
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            await RefuseAsync(
                context,
                StatusCodes.Status429TooManyRequests,
                "Too many wrong stream keys",
                $"More than {options.Value.WrongKeysPerMinute} wrong stream keys came from this address within a minute.");
        }
        else
        {
            metrics.IngestRefused(medium, StatusCodes.Status403Forbidden);
            Log.WrongKey(logger, address, medium.Name());
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "Wrong stream key", "No camera has this stream key.");
        }

        return null;
    }

    private async Task ServeAsync(HttpContext context, Feed feed, string streamKey)
    {
        var camera = feed.Camera;
        var medium = feed.Medium.Name();
        using var session = new IngestSession(feed, presence, options.Value, clock, metrics, logger);
        if (!feed.TryBegin(session))
        {
            metrics.IngestRefused(feed.Medium, StatusCodes.Status409Conflict);
            Log.Conflict(logger, camera.CameraId, medium, options.Value.TakeOversPerMinute);
            await presence.FeedConflictAsync(camera, medium);
            await RefuseAsync(
                context,
                StatusCodes.Status409Conflict,
                "Two encoders",
                $"Another encoder sends this camera's {medium}, and it has changed hands {options.Value.TakeOversPerMinute} times within a minute.");
            return;
        }

        Log.Started(logger, camera.CameraId, medium, context.Connection.RemoteIpAddress);
        using var stopping = draining.Closing.Register(() => session.End(IngestEnd.ShuttingDown));
        using var lost = leases.UntilLost(new(Slot.Video, camera.Slot)).Register(() => session.End(IngestEnd.ShuttingDown));
        var running = session.RunAsync(context.Request.BodyReader, options.Value.IngestIdleTimeout);
        await Task.WhenAll(running, EndIfRevokedAsync(session, streamKey));
        var end = await running;
        metrics.IngestEnded(feed.Medium, end);
        Log.Ended(logger, camera.CameraId, medium, end);
        switch (end)
        {
            case IngestEnd.TakenOver:
                await RefuseAsync(context, StatusCodes.Status409Conflict, "Taken over", "A newer encoder sends this camera now.");
                break;
            case IngestEnd.Idle:
                await RefuseAsync(context, StatusCodes.Status408RequestTimeout, "Nothing came", $"Nothing came for {options.Value.IngestIdleTimeout.TotalSeconds:0.#} s.");
                break;
            case IngestEnd.NoTransportStream:
                await RefuseAsync(context, StatusCodes.Status415UnsupportedMediaType, "No MPEG transport stream", "What came has no PAT and PMT. ffmpeg sends a transport stream with -f mpegts.");
                break;
            case IngestEnd.Revoked:
                await RefuseAsync(context, StatusCodes.Status403Forbidden, "Wrong stream key", "This stream key is no longer valid.");
                break;
            case IngestEnd.ShuttingDown:
                await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "Shutting down", "The relay shuts down.");
                break;
        }
    }

    /// <summary>From now on a change reaches the session; one that was made since its key was looked up did not.</summary>
    private async Task EndIfRevokedAsync(IngestSession session, string streamKey)
    {
        var isStill = false;
        try
        {
            isStill = await robots.FindCameraByStreamKeyAsync(streamKey) is { } camera && !await bans.IsOwnerBannedAsync(camera.Handle);
        }
        finally
        {
            if (!isStill)
            {
                session.End(IngestEnd.Revoked);
            }
        }
    }

    /// <summary>Answers and closes the connection, whatever the encoder still sends.</summary>
    private static async Task RefuseAsync(HttpContext context, int status, string title, string detail)
    {
        context.Response.Headers.Connection = "close";
        try
        {
            await Results.Problem(detail, statusCode: status, title: title).ExecuteAsync(context);
            await context.Response.CompleteAsync();
            using var linger = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            linger.CancelAfter(Linger);
            var body = context.Request.BodyReader;
            while (await body.ReadAsync(linger.Token) is { IsCompleted: false } result)
            {
                body.AdvanceTo(result.Buffer.End);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The encoder has had its moment, or has gone.
        }

        context.Abort();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Camera {CameraId}: {Medium} comes from {Address}.", EventName = "IngestStarted")]
        public static partial void Started(ILogger logger, int cameraId, string medium, System.Net.IPAddress? address);

        [LoggerMessage(2, LogLevel.Information, "Camera {CameraId}: {Medium} ended ({End}).", EventName = "IngestEnded")]
        public static partial void Ended(ILogger logger, int cameraId, string medium, IngestEnd end);

        [LoggerMessage(3, LogLevel.Information, "Refused {Medium} from {Address}: wrong stream key.", EventName = "WrongStreamKey")]
        public static partial void WrongKey(ILogger logger, System.Net.IPAddress? address, string medium);

        [LoggerMessage(4, LogLevel.Warning, "Camera {CameraId}: two encoders fight over its {Medium}; more than {TakeOvers} take-overs in a minute, the newest refused.", EventName = "FeedConflict")]
        public static partial void Conflict(ILogger logger, int cameraId, string medium, int takeOvers);

        [LoggerMessage(5, LogLevel.Debug, "Refused {Medium} from {Address}: too many wrong stream keys.", EventName = "TooManyWrongStreamKeys")]
        public static partial void TooManyWrongKeys(ILogger logger, System.Net.IPAddress? address, string medium);
    }
}
