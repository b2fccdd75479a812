using System.Diagnostics.Metrics;

using LiveRobot.VideoRelay.Feeds;
using LiveRobot.VideoRelay.Ingest;
using LiveRobot.VideoRelay.Viewers;

using WebSockets;

namespace LiveRobot.VideoRelay;

/// <summary>The relay's figures, as the meter <c>LiveRobot.VideoRelay</c>.</summary>
internal sealed class RelayMetrics
{
    public const string MeterName = "LiveRobot.VideoRelay";

    private readonly Counter<long> _received;
    private readonly Counter<long> _frames;
    private readonly Counter<long> _receivedFromOrigins;
    private readonly UpDownCounter<long> _edges;
    private readonly Counter<long> _edgesEnded;
    private readonly Counter<long> _ingestsEnded;
    private readonly Counter<long> _ingestsRefused;
    private readonly Counter<long> _viewersEnded;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _skips;
    private readonly Counter<long> _dropped;
    private readonly UpDownCounter<long> _viewers;

    public RelayMetrics(IMeterFactory factory, FeedDirectory feeds)
    {
        var meter = factory.Create(MeterName);
        _received = meter.CreateCounter<long>("liverobot.relay.ingest.received", "By", "Bytes of whole packets from encoders.");
        _frames = meter.CreateCounter<long>("liverobot.relay.ingest.frames", "{frame}", "Frames from encoders.");
        _receivedFromOrigins = meter.CreateCounter<long>("liverobot.relay.edge.received", "By", "Bytes of whole packets from origins, at an edge.");
        _edges = meter.CreateUpDownCounter<long>("liverobot.relay.edges", "{edge}", "Feeds that edges take from here. They are not among the viewers.");
        _edgesEnded = meter.CreateCounter<long>("liverobot.relay.edge.ended", "{feed}", "Feeds that this relay took as an edge and that ended, by reason: finished, lost, taken_over by an encoder, unwatched, moved to another origin, and failed, where none came.");
        _ingestsEnded = meter.CreateCounter<long>("liverobot.relay.ingest.ended", "{ingest}", "Encoders' streams that ended, by reason: finished, lost, idle, no_transport_stream, taken_over by a newer encoder, revoked, shutting_down.");
        _ingestsRefused = meter.CreateCounter<long>("liverobot.relay.ingest.refused", "{ingest}", "Encoders that were not let in, by status: 403 wrong key, 409 two encoders, 429 too many wrong keys, 503 another relay.");
        _viewers = meter.CreateUpDownCounter<long>("liverobot.relay.viewers", "{viewer}", "Viewers connected.");
        _viewersEnded = meter.CreateCounter<long>("liverobot.relay.viewer.ended", "{viewer}", "Viewers gone, by reason: closed_by_viewer, lost, closed_by_relay, protocol_error, and those who were thrown out: too_slow, no_pong.");
        _sent = meter.CreateCounter<long>("liverobot.relay.viewer.sent", "By", "Bytes sent to viewers and to edges, WebSocket's headers included, by medium.");
        _skips = meter.CreateCounter<long>("liverobot.relay.viewer.skips", "{skip}", "How often a viewer who read too slowly was moved on to a keyframe.");
        _dropped = meter.CreateCounter<long>("liverobot.relay.viewer.dropped", "{frame}", "Frames that viewers who read too slowly were not sent, by medium.");
        meter.CreateObservableGauge("liverobot.relay.feed.bit_rate", () => Observe(feeds, feed => feed.BitRate), "bit/s", "What a feed brings.");
        meter.CreateObservableGauge("liverobot.relay.feed.frame_rate", () => Observe(feeds, feed => feed.FrameRate), "{frame}/s", "Frames of a feed per second.");
        meter.CreateObservableGauge("liverobot.relay.feed.keyframe_interval", () => Observe(feeds, feed => feed.KeyframeInterval?.TotalSeconds), "s", "The time between the last two keyframes of a feed.");
        meter.CreateObservableGauge("liverobot.relay.feed.continuity_errors", () => Observe(feeds, feed => feed.Errors.ContinuityErrors), "{error}", "Places in a feed where packets are missing, since its encoder connected.");
        meter.CreateObservableGauge("liverobot.relay.feed.gaps", () => Observe(feeds, feed => feed.Gaps), "{gap}", "How often a feed brought no frame for a second, since its encoder connected.");
    }

    public void Received(Medium medium, int bytes, bool isStart, bool isFromOrigin)
    {
        var tag = MediumTag(medium);
        if (isFromOrigin)
        {
            _receivedFromOrigins.Add(bytes, tag);
            return;
        }

        _received.Add(bytes, tag);
        if (isStart)
        {
            _frames.Add(1, tag);
        }
    }

    public void IngestEnded(Medium medium, IngestEnd end) =>
        _ingestsEnded.Add(1, MediumTag(medium), Reason(end));

    /// <summary>What this relay took as an edge has ended.</summary>
    public void EdgeEnded(Medium medium, IngestEnd end) => _edgesEnded.Add(1, MediumTag(medium), Reason(end));

    /// <summary>The origin could not be reached, refused, or broke the protocol.</summary>
    public void EdgeFailed(Medium medium) => _edgesEnded.Add(1, MediumTag(medium), new KeyValuePair<string, object?>("reason", "failed"));

    public void IngestRefused(Medium medium, int status) =>
        _ingestsRefused.Add(1, MediumTag(medium), new KeyValuePair<string, object?>("status", status));

    public void EdgeJoined(Medium medium) => _edges.Add(1, MediumTag(medium));

    public void EdgeLeft(Medium medium) => _edges.Add(-1, MediumTag(medium));

    public void ViewerJoined(Medium medium) => _viewers.Add(1, MediumTag(medium));

    /// <summary>Counts what viewers and edges were sent, and lost.</summary>
    public void Delivered(Medium medium, Delivery delivery)
    {
        var tag = MediumTag(medium);
        if (delivery.Bytes > 0)
        {
            _sent.Add(delivery.Bytes, tag);
        }

        if (delivery.Skips > 0)
        {
            _skips.Add(delivery.Skips, tag);
        }

        if (delivery.DroppedFrames > 0)
        {
            _dropped.Add(delivery.DroppedFrames, tag);
        }
    }

    /// <param name="isEvicted">Whether it was disconnected because it took nothing any more.</param>
    public void ViewerLeft(Medium medium, WebSocketEnd end, bool isEvicted)
    {
        var tag = MediumTag(medium);
        _viewers.Add(-1, tag);
        _viewersEnded.Add(1, tag, new KeyValuePair<string, object?>("reason", end switch
        {
            WebSocketEnd.ClosedByPeer => "closed_by_viewer",
            WebSocketEnd.ClosedByUs => "closed_by_relay",
            WebSocketEnd.TooSlow => "too_slow",
            WebSocketEnd.Aborted => isEvicted ? "too_slow" : "no_pong",
            WebSocketEnd.ProtocolError or WebSocketEnd.MessageTooLong => "protocol_error",
            _ => "lost",
        }));
    }

    private static KeyValuePair<string, object?> Reason(IngestEnd end) => new("reason", end switch
    {
        IngestEnd.Finished => "finished",
        IngestEnd.Lost => "lost",
        IngestEnd.Idle => "idle",
        IngestEnd.NoTransportStream => "no_transport_stream",
        IngestEnd.TakenOver => "taken_over",
        IngestEnd.Revoked => "revoked",
        IngestEnd.Unwatched => "unwatched",
        IngestEnd.Moved => "moved",
        _ => "shutting_down",
    });

    private static KeyValuePair<string, object?> MediumTag(Medium medium) => new("medium", medium.Name());

    private static IEnumerable<Measurement<double>> Observe(FeedDirectory feeds, Func<FeedInfo, double?> value) =>
        from feed in feeds.List()
        let measured = value(feed)
        where measured is not null
        select new Measurement<double>(measured.Value, MediumTag(feed.Medium), new("camera_id", feed.CameraId));
}
