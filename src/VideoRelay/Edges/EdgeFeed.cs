using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Robots;
using LiveRobot.VideoRelay.Feeds;
using LiveRobot.VideoRelay.Ingest;
using LiveRobot.VideoRelay.Viewers;

using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace LiveRobot.VideoRelay.Edges;

/// <summary>One feed that is taken from its origin over a WebSocket, again and again, until nobody watches it here.</summary>
/// <remarks>
/// Viewers stay when the origin is lost, or another relay has become it: they go on at its next keyframe. As a viewer with side messages the edge learns
/// when another encoder sends there, and tells its own viewers so.
/// </remarks>
internal sealed partial class EdgeFeed(
    Camera camera,
    Medium medium,
    IFeedOrigins origins,
    FeedDirectory feeds,
    EdgeAccess access,
    EdgeChains chains,
    IOptions<EdgeOptions> edgeOptions,
    IOptions<VideoRelayOptions> options,
    TimeProvider clock,
    RelayMetrics metrics,
    Draining draining,
    ILogger<EdgeFeed> logger)
{
    /// <summary>By which an edge asks for sound at an origin's port for video: <c>medium=audio</c>.</summary>
    public const string MediumQuery = "medium";

    /// <summary>How often the origin hears of a change here, and it is looked whether it still is the origin.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <summary>More than a side message ever has.</summary>
    private const int MaxTextBytes = 4096;

    private readonly EdgeOptions _options = edgeOptions.Value;

    /// <summary>Takes the feed until the token says so. It does not fail.</summary>
    public async Task RunAsync(CancellationToken unwatched)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(unwatched, draining.Closing);
        var feed = feeds.Use(camera, medium);
        var failures = 0;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (feed.Ingest is null && await origins.FindAsync(camera) is { } origin)
                {
                    failures = await FollowAsync(feed, origin, stop.Token) ? 0 : failures + 1;
                }
            }
#pragma warning disable CA1031 // Whatever fails there (the network, the origin, the look-up), it is tried again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (!stop.IsCancellationRequested)
                {
                    failures++;
                    metrics.EdgeFailed(medium);
                    Log.Failed(logger, camera.CameraId, medium.Name(), failures, exception.Message);
                }
            }

            await Task.Delay(Backoff(failures), clock, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        feeds.Release(feed);
    }

    private TimeSpan Backoff(int failures)
    {
        var longest = Math.Min(_options.MaxRetryInterval.TotalSeconds, _options.RetryInterval.TotalSeconds * Math.Pow(2, Math.Min(failures, 20)));
#pragma warning disable CA5394 // No secret.
        return TimeSpan.FromSeconds(longest * (1 - (Random.Shared.NextDouble() / 2)));
#pragma warning restore CA5394
    }

    /// <summary>Takes the feed until the connection ends; tells whether anything came.</summary>
    private async Task<bool> FollowAsync(Feed feed, Uri origin, CancellationToken unwatched)
    {
        using var socket = new ClientWebSocket();
        var report = chains.Report(feed).Write();
        await ConnectAsync(socket, origin, report, unwatched);
        Log.Started(logger, camera.CameraId, medium.Name(), origin);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(unwatched);
        var looking = LookAsync(socket, feed, origin, report, over);
        try
        {
            return await FollowAsync(feed, socket, () => unwatched.IsCancellationRequested ? IngestEnd.Unwatched : IngestEnd.Moved, over.Token);
        }
        finally
        {
            await over.CancelAsync();
            await looking;
        }
    }

    private async Task ConnectAsync(ClientWebSocket socket, Uri origin, string report, CancellationToken unwatched)
    {
        socket.Options.SetRequestHeader(HeaderNames.Authorization, access.Credentials);
        socket.Options.SetRequestHeader(EdgeReport.HeaderName, report);
        socket.Options.AddSubProtocol(SideMessages.Subprotocol);
        socket.Options.CollectHttpResponseDetails = true;

        // Whoever sends nothing for the first half is pinged, and has the second half to answer.
        socket.Options.KeepAliveInterval = _options.OriginTimeout / 2;
        socket.Options.KeepAliveTimeout = _options.OriginTimeout / 2;
        using var connecting = CancellationTokenSource.CreateLinkedTokenSource(unwatched);
        connecting.CancelAfter(_options.OriginTimeout);
        try
        {
            await socket.ConnectAsync(new Uri(origin, $"/{camera.Handle}/{camera.CameraId}?{MediumQuery}={medium.Name()}"), connecting.Token);
        }
        catch (OperationCanceledException) when (!unwatched.IsCancellationRequested)
        {
            throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"It did not answer within {_options.OriginTimeout.TotalSeconds:0.###} s."));
        }
        catch (WebSocketException) when (socket.HttpStatusCode == HttpStatusCode.LoopDetected)
        {
            throw new InvalidOperationException("It takes the feed from this relay, or there are too many edges one behind another.");
        }
    }

    /// <param name="why">Tells why it is over when <paramref name="over"/> says so.</param>
    private async Task<bool> FollowAsync(Feed feed, ClientWebSocket socket, Func<IngestEnd> why, CancellationToken over)
    {
        var hasFlowed = false;
        var goesOn = true;
        while (goesOn)
        {
            using var session = new IngestSession(feed, presence: null, options.Value, clock, metrics, logger);
            if (!feed.TryFollow(session))
            {
                return true;
            }

            using var stopping = over.Register(() => session.End(why()));
            using var leaving = new CancellationTokenSource();
            var pipe = new Pipe();
            var running = session.RunAsync(pipe.Reader, Timeout.InfiniteTimeSpan);
            var copying = CopyAsync(socket, pipe.Writer, leaving.Token);
            await Task.WhenAny(running, copying);
            await leaving.CancelAsync();
            var end = await running;
            metrics.EdgeEnded(medium, end);
            Log.Ended(logger, camera.CameraId, medium.Name(), end);
            (goesOn, var bytes) = await copying;
            hasFlowed |= bytes > 0;
        }

        return hasFlowed;
    }

    /// <summary>Tells the origin what has changed here, and ends it all when another relay is the origin.</summary>
    private async Task LookAsync(ClientWebSocket socket, Feed feed, Uri origin, string told, CancellationTokenSource over)
    {
        using var timer = new PeriodicTimer(LookInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(over.Token))
            {
                var report = chains.Report(feed).Write();
                if (report != told)
                {
                    await socket.SendAsync(Encoding.ASCII.GetBytes(report), WebSocketMessageType.Text, endOfMessage: true, over.Token);
                    told = report;
                }

                if (await origins.HasMovedAsync(camera, origin))
                {
                    await over.CancelAsync();
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException or IOException or InvalidOperationException)
        {
            // The connection has ended; whoever reads it tells why.
        }
    }

    /// <summary>Copies what the origin sends, until it ends or says that another stream begins: then true.</summary>
    /// <exception cref="InvalidDataException">It sent what no origin sends, or has sent this edge away.</exception>
    private static async Task<(bool GoesOn, long Bytes)> CopyAsync(ClientWebSocket socket, PipeWriter writer, CancellationToken stop)
    {
        var text = new ArraySegment<byte>(new byte[MaxTextBytes]);
        var textLength = 0;
        var bytes = 0L;
        Exception? failure = null;
        try
        {
            while (true)
            {
                // Text is short and rare: it is read into the pipe's memory as well, and copied from there.
                var memory = writer.GetMemory(16 * 1024);
                var received = await socket.ReceiveAsync(memory, stop);
                switch (received.MessageType)
                {
                    case WebSocketMessageType.Close when (int?)socket.CloseStatus == ViewerEndpoint.LoopDetected:
                        throw new InvalidDataException(socket.CloseStatusDescription);
                    case WebSocketMessageType.Close:
                        return (false, bytes);
                    case WebSocketMessageType.Binary:
                        bytes += received.Count;
                        writer.Advance(received.Count);
                        if ((await writer.FlushAsync(stop)).IsCompleted)
                        {
                            return (false, bytes);
                        }

                        break;
                    default:
                        if (textLength + received.Count > MaxTextBytes)
                        {
                            throw new InvalidDataException($"The origin sent a text of more than {MaxTextBytes} bytes.");
                        }

                        memory.Span[..received.Count].CopyTo(text.AsSpan(textLength));
                        textLength += received.Count;
                        if (received.EndOfMessage)
                        {
                            if (IsReset(text[..textLength]))
                            {
                                return (true, bytes);
                            }

                            textLength = 0;
                        }

                        break;
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException or IOException)
        {
            failure = new IOException("The origin was lost.", exception);
            return (false, bytes);
        }
        catch (InvalidDataException exception)
        {
            failure = new IOException("The origin is not followed any more.", exception);
            throw;
        }
        finally
        {
            await writer.CompleteAsync(failure);
        }
    }

    /// <exception cref="InvalidDataException">The text is no JSON.</exception>
    private static bool IsReset(ReadOnlyMemory<byte> text)
    {
        try
        {
            using var message = JsonDocument.Parse(text);
            return message.RootElement is { ValueKind: JsonValueKind.Object } told
                && told.TryGetProperty("reason", out var reason)
                && reason.ValueKind == JsonValueKind.String
                && reason.ValueEquals("reset"u8);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException("The origin sent a text that is no JSON.", exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Camera {CameraId}: {Medium} is taken from {Origin}.", EventName = "EdgeStarted")]
        public static partial void Started(ILogger logger, int cameraId, string medium, Uri origin);

        [LoggerMessage(2, LogLevel.Information, "Camera {CameraId}: {Medium} of the origin ended ({End}).", EventName = "EdgeEnded")]
        public static partial void Ended(ILogger logger, int cameraId, string medium, IngestEnd end);

        [LoggerMessage(3, LogLevel.Warning, "Camera {CameraId}: {Medium} could not be taken from its origin, {Failures} times by now: {Reason}", EventName = "EdgeFailed")]
        public static partial void Failed(ILogger logger, int cameraId, string medium, int failures, string reason);
    }
}
