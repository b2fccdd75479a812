using System.Net;
using System.Net.WebSockets;

using LiveRobot.Platform.Robots;
using LiveRobot.Testing;
using LiveRobot.VideoRelay.Edges;
using LiveRobot.VideoRelay.Feeds;

using Microsoft.Extensions.Options;

using MpegTs;

namespace LiveRobot.VideoRelay.Tests;

/// <summary>Relays that take a camera from its origin and give it to viewers of their own.</summary>
public sealed class EdgeTests
{
    private const string Secret = "a-secret-of-the-relays";

    /// <summary>So that nobody is too slow on a busy machine: what is lost then is another matter.</summary>
    private static readonly (string Setting, string Value) Patience = ("MaxViewerDelay", "00:00:30");

    [Fact]
    public async Task Viewers_of_an_edge_get_every_frame_over_one_connection_to_the_origin()
    {
        var picture = await SampleStreams.Mpeg1Async();
        await using var origin = await OriginAsync();
        await using var edge = await EdgeAsync(origin);
        await using var one = await edge.WatchAsync();
        await using var other = await edge.WatchAsync();
        await Eventually.TrueAsync(() => origin.Edges == 1);
        await using var encoder = await TestEncoder.ConnectAsync(origin.IngestUrl());

        await encoder.SendAsync(picture);

        foreach (var viewer in new[] { one, other })
        {
            await Eventually.TrueAsync(() => viewer.Count >= 100);
            var (frames, errors) = await Ffmpeg.DecodeAsync(viewer.Bytes);
            Assert.Equal((100, ""), (frames, errors));
            Assert.All(viewer.Messages, message => Assert.Equal(0, message.Length % TsPacket.Size));
        }

        Assert.Equal(1, origin.Edges);
    }

    [Fact]
    public async Task Sound_is_taken_as_well()
    {
        var sound = await SampleStreams.Mp2Async();
        await using var origin = await OriginAsync();
        await using var edge = await EdgeAsync(origin);
        await using var viewer = await edge.WatchAsync(Medium.Audio);
        await Eventually.TrueAsync(() => origin.Edges == 1);
        await using var encoder = await TestEncoder.ConnectAsync(origin.IngestUrl(Medium.Audio));

        await encoder.SendAsync(sound);

        await Eventually.TrueAsync(() => viewer.Count > 10);
    }

    [Fact]
    public async Task An_edge_of_an_edge_begins_a_newcomer_with_the_last_keyframe()
    {
        var picture = await SampleStreams.Mpeg1Async();
        await using var origin = await OriginAsync();
        await using var edge = await EdgeAsync(origin);
        await using var edgeOfEdge = await EdgeAsync(edge);
        await using var encoder = await TestEncoder.ConnectAsync(origin.IngestUrl());
        await encoder.SendAsync(picture);

        // What the encoder sent is over: all of this is remembered, by one relay after the other.
        await using var viewer = await edgeOfEdge.WatchAsync();
        await Eventually.TrueAsync(() => viewer.Count > 1);
        await using var newcomer = await edgeOfEdge.WatchAsync();
        await Eventually.TrueAsync(() => newcomer.Count > 1);

        Assert.Equal((1, 1), (origin.Edges, edge.Edges));
        var (frames, errors) = await Ffmpeg.DecodeAsync(newcomer.Bytes);
        Assert.InRange(frames, 1, 12);
        Assert.Equal("", errors);
    }

    [Fact]
    public async Task Viewers_of_an_edge_stay_while_the_origin_is_gone_and_go_on_when_it_is_back()
    {
        var picture = await SampleStreams.Mpeg1Async();
        await using var origin = await OriginAsync();
        await using var edge = await EdgeAsync(origin);
        await using var viewer = await edge.WatchAsync(Medium.Video, "liverobot.v1");
        await Eventually.TrueAsync(() => origin.Edges == 1);
        await using (var encoder = await TestEncoder.ConnectAsync(origin.IngestUrl()))
        {
            await encoder.SendAsync(picture);
            await Eventually.TrueAsync(() => viewer.Count > 50);
        }

        await origin.StopAsync();
        await Eventually.TrueAsync(() => edge.Log.Lines.Any(line => line.Contains("could not be taken", StringComparison.Ordinal)));
        await using var back = await RelayServer.StartAgainAsync(origin, ("Edge:Secret", Secret), Patience);
        await Eventually.TrueAsync(() => back.Edges == 1);
        var before = viewer.Count;
        await using var next = await TestEncoder.ConnectAsync(back.IngestUrl());
        await next.SendAsync(picture);

        await Eventually.TrueAsync(() => viewer.Count > before + 50);
        Assert.False(viewer.Ended);
        var (atMessage, _) = viewer.Texts.First(told => told.Text.Contains("\"reason\":\"reset\"", StringComparison.Ordinal));
        var (frames, errors) = await Ffmpeg.DecodeAsync([.. viewer.Messages.Skip(atMessage).SelectMany(message => message)]);
        Assert.InRange(frames, 40, 100);
        Assert.Equal("", errors);
    }

    [Fact]
    public async Task Viewers_of_an_edge_are_told_when_another_encoder_sends_to_the_origin()
    {
        var picture = await SampleStreams.Mpeg1Async();
        await using var origin = await OriginAsync();
        await using var edge = await EdgeAsync(origin);
        await using var viewer = await edge.WatchAsync(Medium.Video, "liverobot.v1");
        await Eventually.TrueAsync(() => origin.Edges == 1);
        await using var encoder = await TestEncoder.ConnectAsync(origin.IngestUrl());
        await encoder.SendAsync(picture);
        await Eventually.TrueAsync(() => viewer.Count > 50);

        await using var next = await TestEncoder.ConnectAsync(origin.IngestUrl());
        await next.SendAsync(picture);

        await Eventually.TrueAsync(() => viewer.Texts.Any(told => told.Text.Contains("\"reason\":\"reset\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_edge_takes_a_feed_only_while_somebody_watches()
    {
        var picture = await SampleStreams.Mpeg1Async();
        await using var origin = await OriginAsync();
        await using var edge = await EdgeAsync(origin, ("Edge:Linger", "00:00:00.100"));
        await using var encoder = await TestEncoder.ConnectAsync(origin.IngestUrl());
        await encoder.SendAsync(picture);
        Assert.Equal(0, origin.Edges);

        for (var i = 0; i < 2; i++)
        {
            await using (var viewer = await edge.WatchAsync())
            {
                await Eventually.TrueAsync(() => viewer.Count > 1);
                Assert.Equal(1, origin.Edges);
            }

            await Eventually.TrueAsync(() => origin.Edges == 0);
        }
    }

    [Fact]
    public async Task An_encoder_that_sends_to_the_edge_itself_comes_first()
    {
        var picture = await SampleStreams.Mpeg1Async();
        await using var origin = await OriginAsync();
        await using var edge = await EdgeAsync(origin);
        await using var viewer = await edge.WatchAsync();
        await Eventually.TrueAsync(() => origin.Edges == 1);

        await using var encoder = await TestEncoder.ConnectAsync(edge.IngestUrl());
        await encoder.SendAsync(picture);

        await Eventually.TrueAsync(() => viewer.Count > 50 && origin.Edges == 0);
    }

    [Fact]
    public async Task Viewers_of_edges_count_at_the_origin_and_when_they_are_too_many_new_ones_are_sent_to_any_relay()
    {
        var picture = await SampleStreams.Mpeg1Async();
        await using var origin = await RelayServer.StartAsync(("Edge:Secret", Secret), ("Edge:After", "3"));
        await using var edge = await EdgeAsync(origin);
        await using var edgeOfEdge = await EdgeAsync(edge);
        await using var encoder = await TestEncoder.ConnectAsync(origin.IngestUrl());
        await encoder.SendAsync(picture);
        await using var here = await origin.WatchAsync();

        await using (await edge.WatchAsync())
        await using (await edgeOfEdge.WatchAsync())
        {
            await Eventually.TrueAsync(() => Viewers() == 3);
            await Eventually.TrueAsync(() => origin.Presence.AreViewersSpreadAsync(origin.Robot.Handle));
        }

        await Eventually.TrueAsync(() => Viewers() == 1);
        await Eventually.TrueAsync(async () => !await origin.Presence.AreViewersSpreadAsync(origin.Robot.Handle));

        int? Viewers() => origin.Get<FeedDirectory>().Find(origin.Camera.CameraId, Medium.Video)?.Viewers;
    }

    [Theory]
    [InlineData(1_999, false, false)]
    [InlineData(2_000, false, true)]
    [InlineData(1_001, true, true)]
    [InlineData(1_000, true, false)]
    public void Viewers_are_spread_from_the_limit_on_and_until_half_as_many_are_left(int viewers, bool areSpread, bool expected) =>
        Assert.Equal(expected, Placement.IsToSpread(viewers, after: 2_000, areSpread));

    [Fact]
    public async Task A_private_camera_needs_a_viewing_token_on_the_edge_too()
    {
        var picture = await SampleStreams.Mpeg1Async();
        await using var origin = await OriginAsync();
        await using var edge = await EdgeAsync(origin);
        await origin.Get<RobotDirectory>().SetVisibilityAsync(origin.Robot.Handle, Visibility.Private);
        await using var encoder = await TestEncoder.ConnectAsync(origin.IngestUrl());
        await encoder.SendAsync(picture);
        var path = $"{origin.Robot.Handle}/{origin.Camera.CameraId}";

        await using var stranger = await TestViewer.ConnectAsync(edge.ViewerUrl(path: path));
        await Eventually.TrueAsync(() => stranger.Ended);
        Assert.Equal((WebSocketCloseStatus)4404, stranger.CloseStatus);
        Assert.Equal(0, origin.Edges);

        var token = await edge.Get<ViewingTokens>().IssueAsync(origin.Robot.Handle, TimeSpan.FromMinutes(1));
        await using var friend = await edge.WatchAsync(edge.ViewerUrl(path: $"{path}?token={token}"));
        await Eventually.TrueAsync(() => friend.Count > 1);
    }

    [Theory]
    [InlineData(Secret, "another-secret-of-relays")]
    [InlineData(null, Secret)]
    public async Task Who_has_not_the_secret_gets_nothing_and_the_secret_is_in_no_log(string? expected, string shown)
    {
        await using var origin = await RelayServer.StartAsync(expected is null ? [] : [("Edge:Secret", expected)]);
        await using var edge = await RelayServer.StartBesideAsync(origin, ("Edge:Secret", shown), ("Edge:Origin", $"ws://127.0.0.1:{origin.VideoPort}"));
        await using var viewer = await edge.WatchAsync();

        await Eventually.TrueAsync(() => origin.Log.Lines.Any(line => line.Contains("wrong secret", StringComparison.Ordinal)));
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader("Authorization", "Edge x");
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(origin.ViewerUrl(), CancellationToken.None));

        Assert.Equal(HttpStatusCode.Forbidden, socket.HttpStatusCode);
        Assert.Equal(0, origin.Edges);
        Assert.DoesNotContain(origin.Log.Lines.Concat(edge.Log.Lines), line => line.Contains(Secret, StringComparison.Ordinal) || line.Contains(shown, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Edge:Secret", "too-short", "Secret")]
    [InlineData("Edge:MaxChain", "0", "MaxChain")]
    [InlineData("Edge:MaxChain", "17", "MaxChain")]
    [InlineData("Edge:OriginTimeout", "00:00:00.099", "OriginTimeout")]
    [InlineData("Edge:OriginTimeout", "00:10:00.001", "OriginTimeout")]
    [InlineData("Edge:Origin", "ws://relay-1:8082", "VideoRelay:Edge:Origin needs VideoRelay:Edge:Secret")]
    [InlineData("Edge:Origin", "http://relay-1:8082", "VideoRelay:Edge:Origin is not of the form ws://host:port")]
    public async Task A_wrong_setting_is_told_by_name(string setting, string value, string told)
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => RelayServer.StartAsync((setting, value)));

        Assert.Contains(told, refused.Message, StringComparison.Ordinal);
    }

    private static Task<RelayServer> OriginAsync() => RelayServer.StartAsync(("Edge:Secret", Secret), Patience);

    private static Task<RelayServer> EdgeAsync(RelayServer origin, params (string Setting, string Value)[] settings) => RelayServer.StartBesideAsync(
        origin,
        [
            ("Edge:Secret", Secret),
            Patience,
            ("Edge:Origin", $"ws://127.0.0.1:{origin.VideoPort}"),
            .. settings,
        ]);
}
