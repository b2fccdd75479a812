using LiveRobot.Platform.Cluster;
using LiveRobot.Testing;

namespace LiveRobot.VideoRelay.Tests;

/// <summary>Relays that find the origin of a camera by its slot.</summary>
public sealed class EdgeSlotTests
{
    private static readonly (string Setting, string Value)[] Edges =
        [("Edge:Secret", "a-secret-of-the-relays"), ("Edge:MaxRetryInterval", "00:00:00.500"), ("MaxViewerDelay", "00:00:30")];

    [Fact]
    public async Task A_camera_is_taken_from_the_node_that_has_its_slot_wherever_that_goes()
    {
        var picture = await SampleStreams.Mpeg1Async();
        await using var redis = await RedisServer.StartAsync();

        // It has been in use for long.
        await redis.AskAsync("SET", "liverobot:cluster", "1");
        await using var one = await RelayServer.StartNodeAsync("one", redis, first: null, Edges);
        await Eventually.TrueAsync(async () => await redis.AskAsync("GET", "liverobot:slot:video:0") == "one");
        await using var two = await RelayServer.StartNodeAsync("two", redis, one, Edges);
        await using var three = await RelayServer.StartNodeAsync("three", redis, one, Edges);
        await using var atOne = await one.WatchAsync();
        await using var atTwo = await two.WatchAsync();
        await using var atThree = await three.WatchAsync();
        TestViewer[] viewers = [atOne, atTwo, atThree];
        await Eventually.TrueAsync(() => (one.Edges, two.Edges, three.Edges) == (2, 0, 0));
        await using (var encoder = await TestEncoder.ConnectAsync(one.IngestUrl()))
        {
            await encoder.SendAsync(picture);
            await Eventually.TrueAsync(() => viewers.All(viewer => viewer.Count > 1));

            // The node that had the slot lives on, and so do all connections.
            await redis.AskAsync("SET", "liverobot:slot:video:0", "two");
            await Eventually.TrueAsync(() => (one.Edges, two.Edges, three.Edges) == (0, 2, 0) && two.Get<SlotLeases>().Serves(Slot.Video, 0));
        }

        var before = viewers.Select(viewer => viewer.Count).ToArray();
        await using var next = await TestEncoder.ConnectAsync(two.IngestUrl());
        await next.SendAsync(picture);

        await Eventually.TrueAsync(() => viewers.Zip(before).All(pair => pair.First.Count > pair.Second + 1));
        Assert.All(viewers, viewer => Assert.False(viewer.Ended));
    }

    [Fact]
    public async Task A_camera_is_taken_from_the_next_node_when_the_one_that_had_its_slot_ends()
    {
        var picture = await SampleStreams.Mpeg1Async();
        await using var redis = await RedisServer.StartAsync();
        await redis.AskAsync("SET", "liverobot:cluster", "1");
        await using var one = await RelayServer.StartNodeAsync("one", redis, first: null, Edges);
        await Eventually.TrueAsync(async () => await redis.AskAsync("GET", "liverobot:slot:video:0") == "one");
        await using var two = await RelayServer.StartNodeAsync("two", redis, one, Edges);
        await using var viewer = await two.WatchAsync();
        await Eventually.TrueAsync(() => one.Edges == 1);

        await one.StopAsync();
        await Eventually.TrueAsync(() => two.Get<SlotLeases>().Serves(Slot.Video, 0));
        await using var encoder = await TestEncoder.ConnectAsync(two.IngestUrl());
        await encoder.SendAsync(picture);

        await Eventually.TrueAsync(() => viewer.Count > 1);
        Assert.False(viewer.Ended);
    }
}
