using System.Diagnostics.Metrics;
using System.Net.WebSockets;

using LiveRobot.Testing;
using LiveRobot.VideoRelay.Feeds;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace LiveRobot.VideoRelay.Tests;

/// <summary>Origins that freeze, never answer, or say what no origin says.</summary>
public sealed class EdgeOriginTests
{
    private const string Secret = "a-secret-of-the-relays";

    [Fact]
    public async Task An_origin_that_freezes_is_given_up_and_followed_again_when_it_moves()
    {
        var picture = await SampleStreams.Mpeg1Async();
        await using var origin = await RelayServer.StartAsync(("Edge:Secret", Secret));
        await using var network = new DeafNetwork(origin.VideoPort);
        await using var edge = await EdgeAsync(origin, network.Port, timeout: "00:00:01");
        using var metrics = new RecordedMetrics(edge.Get<IMeterFactory>());
        await using var viewer = await edge.WatchAsync(Medium.Video, "liverobot.v1");
        await using var encoder = await TestEncoder.ConnectAsync(origin.IngestUrl());
        await encoder.SendAsync(picture);
        await Eventually.TrueAsync(() => viewer.Count > 1 && edge.Get<FeedDirectory>().Find(origin.Camera.CameraId, Medium.Video) is not null);

        network.GoDeaf();

        // Nothing is made of what came before: there is no feed here, and newcomers are shown none.
        await Eventually.TrueAsync(() => edge.Get<FeedDirectory>().Find(origin.Camera.CameraId, Medium.Video) is null);
        Assert.Null(edge.Get<FeedDirectory>().Keyframe(origin.Camera.CameraId));
        await using var newcomer = await edge.WatchAsync();
        await Eventually.TrueAsync(() => metrics.Lines.Contains("liverobot.relay.edge.ended 1 medium=video reason=lost"));
        Assert.Equal(0, newcomer.Count);
        Assert.False(viewer.Ended);

        network.HearAgain();
        var before = viewer.Count;
        await encoder.SendAsync(picture);
        await Eventually.TrueAsync(() => viewer.Count > before && newcomer.Count > 0);
        Assert.Contains(viewer.Texts, told => told.Text.Contains("\"reason\":\"reset\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_origin_that_accepts_and_never_answers_is_given_up_and_tried_again()
    {
        await using var network = new DeafNetwork();
        await using var edge = await RelayServer.StartAsync(
            ("Edge:Secret", Secret), ("Edge:Origin", $"ws://127.0.0.1:{network.Port}"), ("Edge:OriginTimeout", "00:00:00.300"));
        using var metrics = new RecordedMetrics(edge.Get<IMeterFactory>());
        await using var viewer = await edge.WatchAsync();

        await Eventually.TrueAsync(() => network.Connections > 1);

        Assert.Contains(edge.Log.Lines, line => line.Contains("It did not answer within 0.3 s.", StringComparison.Ordinal));
        Assert.Contains("liverobot.relay.edge.ended 1 medium=video reason=failed", metrics.Lines);
        Assert.False(viewer.Ended);
    }

    [Theory]
    [InlineData("{", 2)]
    [InlineData("", 2)]
    [InlineData(null, 2)]
    [InlineData("[]", 1)]
    [InlineData("7", 1)]
    [InlineData("""{"reason":7}""", 1)]
    [InlineData("""{"type":"begin","reason":"reset"}""", 1)]
    public async Task What_is_no_side_message_ends_the_connection_and_the_next_brings_the_picture(string? said, int connections)
    {
        var picture = await SampleStreams.Mpeg1Async();

        // Null: longer than any.
        await using var origin = new Origin(said ?? $"\"{new string('a', 4096)}\"", picture);
        await using var edge = await RelayServer.StartAsync(("Edge:Secret", Secret), ("Edge:Origin", await origin.StartAsync()), ("MaxViewerDelay", "00:00:30"));
        await using var viewer = await edge.WatchAsync();

        await Eventually.TrueAsync(() => viewer.Count >= 100);

        Assert.Equal(connections, origin.Connections);
        Assert.Equal(connections - 1, edge.Log.Lines.Count(line => line.Contains("could not be taken", StringComparison.Ordinal)));
    }

    private static Task<RelayServer> EdgeAsync(RelayServer first, int port, string timeout) => RelayServer.StartBesideAsync(
        first,
        ("Edge:Secret", Secret),
        ("Edge:Origin", $"ws://127.0.0.1:{port}"),
        ("Edge:OriginTimeout", timeout),
        ("Edge:MaxRetryInterval", "00:00:00.500"));

    /// <summary>What an edge takes for a relay: to the first connection it says something, and to each it then sends a picture, unless the edge has gone.</summary>
    private sealed class Origin : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private int _connections;

        public Origin(string said, byte[] picture)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            _app = builder.Build();
            _app.UseWebSockets();
            _app.Run(async context =>
            {
                using var socket = await context.WebSockets.AcceptWebSocketAsync("liverobot.v1");
                if (Interlocked.Increment(ref _connections) == 1)
                {
                    await socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(said), WebSocketMessageType.Text, endOfMessage: true, context.RequestAborted);
                }

                await socket.SendAsync(picture, WebSocketMessageType.Binary, endOfMessage: true, context.RequestAborted);
                await socket.ReceiveAsync(new byte[64], context.RequestAborted);
            });
        }

        public int Connections => _connections;

        public async Task<string> StartAsync()
        {
            await _app.StartAsync();
            return _app.Urls.Single().Replace("http", "ws", StringComparison.Ordinal);
        }

        public async ValueTask DisposeAsync()
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }
    }
}
