using System.Net;
using System.Net.WebSockets;

using LiveRobot.Testing;

namespace LiveRobot.VideoRelay.Tests;

/// <summary>Two relays on one Redis and one store: a camera is at the one that has the robot's slot.</summary>
public sealed class SlotTests
{
    [Fact]
    public async Task The_other_relay_sends_encoders_and_viewers_away_and_one_that_loses_the_slot_closes_them()
    {
        await using var redis = await RedisServer.StartAsync();

        // It has been in use for long.
        await redis.AskAsync("SET", "liverobot:cluster", "1");
        using var store = new TestStore(TestStore.Usual);
        await using var one = await StartAsync("one");
        await Eventually.TrueAsync(async () => await redis.AskAsync("GET", "liverobot:slot:video:0") == "one");
        await using var two = await StartAsync("two");
        var robot = await one.Robots.AddAsync("Rover", "alice");
        var streamKey = await one.Robots.StreamKeyAsync(robot.Cameras[0].CameraId);
        var path = $"slots/0/relay/video/{robot.Handle}/{robot.Cameras[0].CameraId}";

        using var http = new HttpClient();
        using var ingest = await http.PostAsync(new Uri(two.Address, $"{streamKey}/640/480/"), new ByteArrayContent(new byte[188]));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ingest.StatusCode);
        foreach (var refused in new[] { path, $"{robot.Handle}/{robot.Cameras[0].CameraId}" })
        {
            using var nobody = new ClientWebSocket();
            nobody.Options.CollectHttpResponseDetails = true;
            await Assert.ThrowsAsync<WebSocketException>(() => nobody.ConnectAsync(WebSocketAt(two, refused), default));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, nobody.HttpStatusCode);
        }

        using var viewer = new ClientWebSocket();
        await viewer.ConnectAsync(WebSocketAt(one, path), default);

        // Somebody else has it before this node says again that it has.
        await redis.AskAsync("SET", "liverobot:slot:video:0", "stranger");
        var closed = await viewer.ReceiveAsync(new byte[64], default).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, closed.CloseStatus);

        Task<ServiceHost> StartAsync(string name) => ServiceHost.StartAsync(
            builder => builder.AddVideoRelay(),
            endpoints =>
            {
                endpoints.MapRelayPort(Medium.Video);
                endpoints.MapRelayOrigin();
            },
            new Dictionary<string, string?>(store.Settings)
            {
                ["Redis:Configuration"] = redis.Configuration,
                ["Cluster:Slots:0:Video"] = "localhost:8082",
                ["Cluster:LeaseTime"] = "00:00:06",
                ["Cluster:HandOverTime"] = "00:00:00",
                ["Cluster:Node"] = name,
            });
    }

    private static Uri WebSocketAt(ServiceHost host, string path) => new UriBuilder(new Uri(host.Address, path)) { Scheme = "ws" }.Uri;
}
