using System.Diagnostics.Metrics;

using LiveRobot.VideoRelay.Feeds;
using LiveRobot.VideoRelay.Ingest;

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
    private readonly Counter<long> _ingestsEnded;
    private readonly Counter<long> _ingestsRefused;
    private readonly Counter<long> _viewersEnded;
    private readonly Counter<long> _skips;
    private readonly UpDownCounter<long> _viewers;

    public RelayMetrics(IMeterFactory factory, FeedDirectory feeds)
    {
        var meter = factory.Create(MeterName);
        _received = meter.CreateCounter<long>("liverobot.relay.ingest.received", "By", "Bytes of whole packets from encoders.");
        _frames = meter.CreateCounter<long>("liverobot.relay.ingest.frames", "{frame}", "Frames from encoders.");
        _receivedFromOrigins = meter.CreateCounter<long>("liverobot.relay.edge.received", "By", "Bytes of whole packets from origins, at an edge.");
        _edges = meter.CreateUpDownCounter<long>("liverobot.relay.edges", "{edge}", "Feeds that edges take from here. They are not among the viewers.");
        _ingestsEnded = meter.CreateCounter<long>("liverobot.relay.ingest.ended", "{ingest}", "Encoders' streams that ended, by reason.");
        _ingestsRefused = meter.CreateCounter<long>("liverobot.relay.ingest.refused", "{ingest}", "Encoders refused, by status.");
        _viewers = meter.CreateUpDownCounter<long>("liverobot.relay.viewers", "{viewer}", "Viewers connected.");
        _viewersEnded = meter.CreateCounter<long>("liverobot.relay.viewer.ended", "{viewer}", "Viewers gone, by reason.");
        _skips = meter.CreateCounter<long>("liverobot.relay.viewer.skips", "{skip}", "How often a viewer who read too slowly was moved on to a keyframe.");
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
        _ingestsEnded.Add(1, MediumTag(medium), new KeyValuePair<string, object?>("reason", end switch
        {
            IngestEnd.Finished => "finished",
            IngestEnd.Lost => "lost",
            IngestEnd.Idle => "idle",
            IngestEnd.NoTransportStream => "no_transport_stream",
            IngestEnd.TakenOver => "taken_over",
            IngestEnd.Revoked => "revoked",
            IngestEnd.Unwatched => "unwatched",
            _ => "shutting_down",
        }));

    public void IngestRefused(Medium medium, int status) =>
        _ingestsRefused.Add(1, MediumTag(medium), new KeyValuePair<string, object?>("status", status));

    public void EdgeJoined(Medium medium) => _edges.Add(1, MediumTag(medium));

    public void EdgeLeft(Medium medium) => _edges.Add(-1, MediumTag(medium));

    public void ViewerJoined(Medium medium) => _viewers.Add(1, MediumTag(medium));

    public void ViewerLeft(Medium medium, WebSocketEnd end, long skips)
    {
        var tag = MediumTag(medium);
        _viewers.Add(-1, tag);
        _skips.Add(skips, tag);
        _viewersEnded.Add(1, tag, new KeyValuePair<string, object?>("reason", end switch
        {
            WebSocketEnd.ClosedByPeer => "closed_by_viewer",
            WebSocketEnd.ClosedByUs => "closed_by_relay",
            WebSocketEnd.Aborted or WebSocketEnd.TooSlow => "too_slow",
            WebSocketEnd.ProtocolError or WebSocketEnd.MessageTooLong => "protocol_error",
            _ => "lost",
        }));
    }

    private static KeyValuePair<string, object?> MediumTag(Medium medium) => new("medium", medium.Name());

    private static IEnumerable<Measurement<double>> Observe(FeedDirectory feeds, Func<FeedInfo, double?> value) =>
        from feed in feeds.List()
        let measured = value(feed)
        where measured is not null
        select new Measurement<double>(measured.Value, MediumTag(feed.Medium), new("camera_id", feed.CameraId));
}
