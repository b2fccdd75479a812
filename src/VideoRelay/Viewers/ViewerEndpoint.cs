using System.Text;

using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Robots;
using LiveRobot.VideoRelay.Edges;
using LiveRobot.VideoRelay.Feeds;

using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

using WebSockets;
using WebSockets.EventLoops;

namespace LiveRobot.VideoRelay.Viewers;

/// <summary>Serves those who watch: a WebSocket each, addressed by the robot's handle and a camera-id.</summary>
internal sealed partial class ViewerEndpoint(
    WatchedCameras cameras,
    FeedDirectory feeds,
    EdgeAccess edgeAccess,
    EdgeFeeds edgeFeeds,
    EdgeChains edgeChains,
    IOptions<VideoRelayOptions> options,
    TimeProvider clock,
    SlotLeases leases,
    Draining draining,
    ViewerPings pings,
    RelayMetrics metrics,
    ILogger<ViewerEndpoint> logger)
{
    /// <summary>The close code for a robot or camera that is not there: 404 in the range for applications.</summary>
    public const int NotFound = 4404;

    /// <summary>The close code for an edge that has come to stand before this relay as well as behind it, or whose chain has become too long: 508 in that range.</summary>
    public const int LoopDetected = 4508;

    /// <summary>Viewers have nothing to say beyond a close frame.</summary>
    private const int MaxMessageBytes = 4096;

    public async Task ServeAsync(HttpContext context, Medium medium)
    {
        var isEdge = EdgeAccess.IsClaimedBy(context.Request);
        if (isEdge && RefuseEdge(context) is { } refusal)
        {
            await refusal.ExecuteAsync(context);
            return;
        }

        if (isEdge && context.Request.Query[EdgeFeed.MediumQuery] == Medium.Audio.Name())
        {
            medium = Medium.Audio;
        }

        var names = WatchedCameras.NamesIn(context);
        var withdrawn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var visitor = cameras.Open(context);
        visitor.OnReview(async () =>
        {
            if (await FindAsync() is null)
            {
                withdrawn.TrySetResult();
            }
        });
        var camera = await FindAsync();
        if (!WebSocketHandshake.IsUpgradeRequest(context))
        {
            await (camera is null
                ? Results.Problem(WatchedCameras.NoSuchCamera, statusCode: StatusCodes.Status404NotFound)
                : Results.Problem("A feed is watched over a WebSocket.", statusCode: StatusCodes.Status426UpgradeRequired))
                .ExecuteAsync(context);
            return;
        }

        if (camera is not null && !edgeFeeds.AreOn && !leases.Serves(Slot.Video, camera.Slot))
        {
            await Results.Problem("Another relay serves this camera.", statusCode: StatusCodes.Status503ServiceUnavailable).ExecuteAsync(context);
            return;
        }

        context.Features.Get<SocketOutputStream>()?.LimitUnsent(
            medium == Medium.Video ? options.Value.MaxUnsentVideoBytes : options.Value.MaxUnsentAudioBytes);
        var webSocketOptions = new WebSockets.WebSocketOptions
        {
            MaxMessageBytes = MaxMessageBytes,
            MaxBufferedBytes = options.Value.MaxFrameBytes + options.Value.MaxViewerBytes,
        };
        var subprotocol = ChooseSubprotocol(context);
        await using var connection = await WebSocketHandshake.AcceptAsync(context, webSocketOptions, subprotocol);
        if (connection is null)
        {
            return;
        }

        using var stopping = draining.Closing.Register(() => _ = connection.CloseAsync(CloseCode.GoingAway, "The relay shuts down."));
        if (camera is null)
        {
            // Browsers show a script the code of a close, but not the status of a refused handshake.
            var closing = connection.CloseAsync(NotFound, WatchedCameras.NoSuchCamera);
            await ReceiveToEndAsync(connection);
            await closing;
            return;
        }

        // An edge goes on with what the node sends that has the slot now.
        var untilLost = edgeFeeds.AreOn ? CancellationToken.None : leases.UntilLost(new(Slot.Video, camera.Slot));
        using var lost = untilLost.Register(
            () => _ = connection.CloseAsync(CloseCode.GoingAway, "Another relay serves this camera."));
        var feed = feeds.Use(camera, medium);
        var viewer = new Viewer(connection, subprotocol == SideMessages.Subprotocol, options.Value, clock) { Edge = isEdge ? ReportIn(context) : null };
        feed.Add(viewer);
        using var watching = edgeFeeds.Watch(camera, medium);
        Joined(medium, isEdge);
        Log.Joined(logger, camera.CameraId, medium.Name());
        _ = withdrawn.Task.ContinueWith(
            _ =>
            {
                feed.Remove(viewer);
                return connection.CloseAsync(NotFound, WatchedCameras.NoSuchCamera);
            },
            TaskScheduler.Default);
        using var pinged = pings.Add(connection);
        try
        {
            await (isEdge ? ReceiveReportsAsync(connection, viewer, feed) : ReceiveToEndAsync(connection));
        }
        finally
        {
            feed.Remove(viewer);
            feeds.Release(feed);
            Left(medium, isEdge, viewer, connection.End);
            Log.Left(logger, camera.CameraId, medium.Name(), connection.End, viewer.Skips);
        }

        Task<Camera?> FindAsync() => isEdge ? cameras.FindForEdgeAsync(names) : cameras.FindAsync(names, visitor);
    }

    private IResult? RefuseEdge(HttpContext context)
    {
        if (!edgeAccess.IsProvenBy(context.Request))
        {
            Log.WrongSecret(logger, context.Connection.RemoteIpAddress);
            return Results.Problem("This is not the secret of the relays.", statusCode: StatusCodes.Status403Forbidden);
        }

        return ReportIn(context) is not { } report ? Results.Problem("This is no report of an edge.", statusCode: StatusCodes.Status400BadRequest)
            : edgeChains.Refuse(report) is { } reason ? Results.Problem(reason, statusCode: StatusCodes.Status508LoopDetected)
            : null;
    }

    private static EdgeReport? ReportIn(HttpContext context) =>
        EdgeReport.Read(Encoding.UTF8.GetBytes(context.Request.Headers[EdgeReport.HeaderName].ToString()));

    private void Joined(Medium medium, bool isEdge)
    {
        if (isEdge)
        {
            metrics.EdgeJoined(medium);
        }
        else
        {
            metrics.ViewerJoined(medium);
        }
    }

    private void Left(Medium medium, bool isEdge, Viewer viewer, WebSocketEnd end)
    {
        metrics.Delivered(medium, viewer.TakeDelivery());
        if (isEdge)
        {
            metrics.EdgeLeft(medium);
        }
        else
        {
            metrics.ViewerLeft(medium, end, viewer.IsEvicted);
        }
    }

    /// <summary>
    /// Takes ours when it is offered, otherwise the first: browsers drop a connection that does not take any, and
    /// players offer names that mean nothing.
    /// </summary>
    private static string? ChooseSubprotocol(HttpContext context)
    {
        var offered = context.Request.Headers.GetCommaSeparatedValues(HeaderNames.SecWebSocketProtocol);
        return offered.Contains(SideMessages.Subprotocol) ? SideMessages.Subprotocol : offered.FirstOrDefault();
    }

    private async Task ReceiveReportsAsync(WebSocketConnection connection, Viewer edge, Feed feed)
    {
        var closing = Task.CompletedTask;
        while (await connection.ReceiveAsync() is { Kind: not WebSocketMessageKind.Closed } message)
        {
            if (message.Kind == WebSocketMessageKind.Text && EdgeReport.Read(message.Payload.Span) is { } report)
            {
                edge.Edge = report;
                if (closing.IsCompleted && edgeChains.Refuse(report) is { } reason)
                {
                    Log.Loop(logger, feed.Camera.CameraId, feed.Medium.Name(), reason);
                    feed.Remove(edge);
                    closing = connection.CloseAsync(LoopDetected, reason);
                }
            }
        }

        await closing;
    }

    private static async Task ReceiveToEndAsync(WebSocketConnection connection)
    {
        while ((await connection.ReceiveAsync()).Kind != WebSocketMessageKind.Closed)
        {
            // What a viewer says is ignored.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "A viewer joined the {Medium} of camera {CameraId}.", EventName = "ViewerJoined")]
        public static partial void Joined(ILogger logger, int cameraId, string medium);

        [LoggerMessage(4, LogLevel.Warning, "Camera {CameraId}: an edge is sent no {Medium} any more. {Reason}", EventName = "EdgeLoop")]
        public static partial void Loop(ILogger logger, int cameraId, string medium, string reason);

        [LoggerMessage(3, LogLevel.Warning, "Refused {Address}, which said to be an edge: wrong secret.", EventName = "WrongEdgeSecret")]
        public static partial void WrongSecret(ILogger logger, System.Net.IPAddress? address);

        [LoggerMessage(2, LogLevel.Debug, "A viewer left the {Medium} of camera {CameraId} ({End}; skipped to a keyframe {Skips} times).", EventName = "ViewerLeft")]
        public static partial void Left(ILogger logger, int cameraId, string medium, WebSocketEnd end, long skips);
    }
}
