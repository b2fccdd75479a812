using System.Net;
using System.Net.WebSockets;

using LiveRobot.Testing;
using LiveRobot.VideoRelay.Edges;

namespace LiveRobot.VideoRelay.Tests;

/// <summary>Edges behind edges: as many as may be, and never in a circle.</summary>
public sealed class EdgeChainTests
{
    private const string Secret = "a-secret-of-the-relays";

    [Fact]
    public async Task Two_relays_that_name_each_other_neither_feed_nor_keep_each_other()
    {
        var picture = await SampleStreams.Mpeg1Async();
        await using var first = await RelayAsync();
        await using var other = await RelayBesideAsync(first, first);
        await first.StopAsync();
        await using var one = await RelayServer.StartAgainAsync(first, Settings(other));
        await using (var viewer = await one.WatchAsync())
        await using (var viewerOfOther = await other.WatchAsync())
        {
            // Whoever comes second stands behind the first already.
            await Eventually.TrueAsync(() => one.Edges + other.Edges == 1 && IsTold(one, other));

            await using (var encoder = await TestEncoder.ConnectAsync(one.IngestUrl()))
            {
                await Eventually.TrueAsync(() => (one.Edges, other.Edges) == (1, 0));
                await encoder.SendAsync(picture);
                await Eventually.TrueAsync(() => viewer.Count >= 100 && viewerOfOther.Count >= 100);
            }

            // No frame comes twice, also when the encoder has gone and nobody sends any more.
            await Eventually.TrueAsync(() => one.Feed!.Ingest is null or { IsOfOrigin: true });
            await Eventually.TrueAsync(() => one.Edges + other.Edges == 1);
            Assert.Equal((100, ""), await Ffmpeg.DecodeAsync(viewer.Bytes));
            Assert.Equal((100, ""), await Ffmpeg.DecodeAsync(viewerOfOther.Bytes));
        }

        await Eventually.TrueAsync(() => one.Edges + other.Edges == 0 && one.Feed is null && other.Feed is null);

        static bool IsTold(params RelayServer[] relays) => relays.Any(
            relay => relay.Log.Lines.Any(line => line.Contains("It takes the feed from this relay", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_circle_is_not_closed_when_what_held_it_open_ends()
    {
        var picture = await SampleStreams.Mpeg1Async();
        await using var start = await RelayAsync();
        await using var source = await RelayBesideAsync(start, start);
        await using var middle = await RelayBesideAsync(start, source);
        await start.StopAsync();
        await using var last = await RelayServer.StartAgainAsync(start, Settings(middle));
        await using var encoder = await TestEncoder.ConnectAsync(source.IngestUrl());
        await encoder.SendAsync(picture);
        await using var inTheMiddle = await middle.WatchAsync();
        await Eventually.TrueAsync(() => source.Edges == 1);

        // Who joins behind an edge that is there already is told of as well.
        await using var atTheEnd = await last.WatchAsync();
        string[] behind = [middle.Get<EdgeChains>().Relay, last.Get<EdgeChains>().Relay];
        await Eventually.TrueAsync(() => source.Feed!.ReadAudience().Chain.SequenceEqual(behind));
        await Eventually.TrueAsync(() => atTheEnd.Count > 1);

        // Now the source looks for an origin itself.
        await encoder.DisposeAsync();

        await Eventually.TrueAsync(() => source.Log.Lines.Any(line => line.Contains("It takes the feed from this relay", StringComparison.Ordinal)));
        Assert.Equal(0, last.Edges);
        Assert.False(atTheEnd.Ended);
    }

    [Fact]
    public async Task An_edge_that_comes_to_stand_before_its_origin_is_sent_away()
    {
        await using var origin = await RelayAsync();
        using var edge = await EdgeOfAsync(origin, """{"viewers":1,"chain":["a"]}""");

        await edge.SendAsync(System.Text.Encoding.ASCII.GetBytes($$"""{"viewers":1,"chain":["a","{{origin.Get<EdgeChains>().Relay}}"]}"""), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        var told = await edge.ReceiveAsync(new byte[64], CancellationToken.None);

        Assert.Equal((WebSocketMessageType.Close, 4508), (told.MessageType, (int?)told.CloseStatus));
        await Eventually.TrueAsync(() => origin.Log.Lines.Any(line => line.Contains("This relay takes the feed from the one that asks for it", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("""["a"]""", null)]
    [InlineData("""["a","b"]""", null)]
    [InlineData("""["a","b","c"]""", HttpStatusCode.LoopDetected)]
    public async Task So_many_edges_stand_one_behind_another_and_no_more(string chain, HttpStatusCode? refused)
    {
        await using var origin = await RelayAsync(("Edge:MaxChain", "2"));
        var report = $$"""{"viewers":1,"chain":{{chain}}}""";

        if (refused is null)
        {
            using var edge = await EdgeOfAsync(origin, report);
            await Eventually.TrueAsync(() => origin.Edges == 1);

            await edge.SendAsync("""{"viewers":1,"chain":["a","b","c"]}"""u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            Assert.Equal(4508, (int?)(await edge.ReceiveAsync(new byte[64], CancellationToken.None)).CloseStatus);
        }
        else
        {
            Assert.Equal(refused, await StatusOfAsync(origin, report));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("3")]
    [InlineData("""{"viewers":-1}""")]
    [InlineData("""{"viewers":1,"chain":"a"}""")]
    public async Task An_edge_that_does_not_say_who_it_is_is_refused(string report)
    {
        await using var origin = await RelayAsync();

        Assert.Equal(HttpStatusCode.BadRequest, await StatusOfAsync(origin, report));
    }

    private static async Task<HttpStatusCode> StatusOfAsync(RelayServer origin, string report)
    {
        using var socket = Edge(report);
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(origin.ViewerUrl(), CancellationToken.None));
        return socket.HttpStatusCode;
    }

    private static async Task<ClientWebSocket> EdgeOfAsync(RelayServer origin, string report)
    {
        var socket = Edge(report);
        await socket.ConnectAsync(origin.ViewerUrl(), CancellationToken.None);
        return socket;
    }

    private static ClientWebSocket Edge(string report)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader("Authorization", $"Edge {Secret}");
        socket.Options.SetRequestHeader(EdgeReport.HeaderName, report);
        return socket;
    }

    private static Task<RelayServer> RelayAsync(params (string Setting, string Value)[] settings) =>
        RelayServer.StartAsync([("Edge:Secret", Secret), ("MaxViewerDelay", "00:00:30"), .. settings]);

    private static Task<RelayServer> RelayBesideAsync(RelayServer first, RelayServer origin) => RelayServer.StartBesideAsync(first, Settings(origin));

    private static (string Setting, string Value)[] Settings(RelayServer origin) =>
    [
        ("Edge:Secret", Secret),
        ("Edge:Origin", $"ws://127.0.0.1:{origin.VideoPort}"),
        ("Edge:Linger", "00:00:00.100"),
        ("Edge:MaxRetryInterval", "00:00:00.500"),
        ("MaxViewerDelay", "00:00:30"),
    ];
}
