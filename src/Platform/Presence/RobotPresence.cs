using System.Globalization;
using System.Text.Json;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Redis;
using LiveRobot.Platform.Robots;

using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Presence;

/// <summary>
/// Signs of life of robots: who says what, under which of the <see cref="SharedKeys"/>, and what follows from it.
/// </summary>
public sealed class RobotPresence(IPresenceStore store, IBus bus, ThisNode node, IOptions<PresenceOptions> options, TimeProvider clock)
{
    /// <summary>The two media of a camera, as they stand in keys.</summary>
    public const string VideoMedium = "video";

    /// <inheritdoc cref="VideoMedium"/>
    public const string AudioMedium = "audio";

    private const string ControlService = "control";
    private const string StatusService = "status";

    /// <summary>So many robots are asked for at once, so that Redis answers others in between.</summary>
    private const int RobotsPerQuestion = 250;

    /// <summary>Encoders retry about once a second, so a conflict that lasts is reported again long before this.</summary>
    private static readonly TimeSpan ConflictLifetime = TimeSpan.FromMinutes(1);

    /// <summary>A socket service has this robot connected. To be repeated at a third of <see cref="PresenceOptions.SocketLifetime"/>.</summary>
    public Task ControlSocketOpenAsync(string handle) => SocketOpenAsync(handle, ControlService);

    /// <summary>The robot's last control socket has closed.</summary>
    public Task ControlSocketClosedAsync(string handle) => SocketClosedAsync(handle, ControlService);

    /// <inheritdoc cref="ControlSocketOpenAsync"/>
    public Task StatusSocketOpenAsync(string handle) => SocketOpenAsync(handle, StatusService);

    /// <summary>The robot's last status socket has closed: it stays live for a moment, so that a reconnect is not seen.</summary>
    public async Task StatusSocketClosedAsync(string handle)
    {
        await SocketClosedAsync(handle, StatusService);
        await store.ExpireAsync(SharedKeys.RobotLive(handle), options.Value.LiveAfterClose);
    }

    /// <summary>The robot has said whether it streams.</summary>
    public async Task VideoStatusAsync(string handle, bool streams)
    {
        await store.SetAsync(SharedKeys.RobotLive(handle), streams ? "true" : "false", options.Value.LiveLifetime);
        bus.Publish(new RobotStateChanged(handle));
    }

    /// <summary>A camera's feed has begun. What the robot said earlier no longer holds against it.</summary>
    public async Task FeedStartedAsync(Camera camera)
    {
        if (await store.GetAsync(SharedKeys.RobotLive(camera.Handle)) == "false")
        {
            await store.RemoveAsync(SharedKeys.RobotLive(camera.Handle));
        }

        bus.Publish(new RobotStateChanged(camera.Handle));
    }

    /// <summary>A video frame of the camera has arrived. To be called for each frame, or at most every quarter of a second.</summary>
    public async Task FrameArrivedAsync(Camera camera)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        await store.SetAsync(SharedKeys.CameraFrame(camera.CameraId), now.ToString(CultureInfo.InvariantCulture), options.Value.NoneAfter);
    }

    /// <summary>A feed of the camera was measured. To be called about once a second.</summary>
    public async Task FeedMeasuredAsync(Camera camera, string medium, FeedState feed) =>
        await store.SetAsync(SharedKeys.CameraFeed(camera.CameraId, medium), JsonSerializer.Serialize(feed), options.Value.NoneAfter);

    /// <summary>Tells what was measured of a feed of the camera; null when nothing is sent.</summary>
    public async Task<FeedState?> GetFeedAsync(Camera camera, string medium) => (await GetFeedsAsync([camera], medium))[0];

    /// <summary>Tells what was measured of a feed of each camera, in their order; null for those that send nothing.</summary>
    public async Task<IReadOnlyList<FeedState?>> GetFeedsAsync(IReadOnlyList<Camera> cameras, string medium)
    {
        var feeds = await store.GetManyAsync([.. cameras.Select(camera => SharedKeys.CameraFeed(camera.CameraId, medium))]);
        return [.. feeds.Select(feed => feed is null ? null : JsonSerializer.Deserialize<FeedState>(feed))];
    }

    /// <summary>The camera's sound has ended.</summary>
    public async Task AudioEndedAsync(Camera camera) => await store.RemoveAsync(SharedKeys.CameraFeed(camera.CameraId, AudioMedium));

    /// <summary>The camera's feed has ended.</summary>
    public async Task FeedEndedAsync(Camera camera)
    {
        await store.RemoveAsync(SharedKeys.CameraFeed(camera.CameraId, VideoMedium));
        await store.RemoveAsync(SharedKeys.CameraFrame(camera.CameraId));
        bus.Publish(new RobotStateChanged(camera.Handle));
    }

    /// <summary>Two encoders take the camera's feed from each other, again and again; the newest was refused.</summary>
    public async Task FeedConflictAsync(Camera camera, string medium)
    {
        await store.SetAsync(SharedKeys.RobotConflict(camera.Handle), medium, ConflictLifetime);
        bus.Publish(new RobotStateChanged(camera.Handle));
    }

    /// <summary>Somebody with the right robot-id was not let in.</summary>
    public async Task RobotRefusedAsync(string handle, RefusedRobot refused) =>
        await store.SetAsync(SharedKeys.RobotRefused(handle), JsonSerializer.Serialize(refused), options.Value.NoticeLifetime);

    /// <summary>Tells who was not let in last; null when nobody was for some time.</summary>
    public async Task<RefusedRobot?> GetRefusedAsync(string handle) =>
        await store.GetAsync(SharedKeys.RobotRefused(handle)) is { } refused ? JsonSerializer.Deserialize<RefusedRobot>(refused) : null;

    /// <summary>Two addresses take the robot from each other.</summary>
    public async Task AddressesAlternateAsync(string handle, AlternatingAddresses addresses) =>
        await store.SetAsync(SharedKeys.RobotAlternating(handle), JsonSerializer.Serialize(addresses), options.Value.NoticeLifetime);

    /// <summary>Tells which two addresses took the robot from each other last; null when none did for some time.</summary>
    public async Task<AlternatingAddresses?> GetAlternatingAsync(string handle) =>
        await store.GetAsync(SharedKeys.RobotAlternating(handle)) is { } addresses ? JsonSerializer.Deserialize<AlternatingAddresses>(addresses) : null;

    /// <summary>The robot has said which addresses it has on its own network.</summary>
    public async Task AddressesAsync(string handle, IReadOnlyList<string> addresses) => await store.SetAsync(
        SharedKeys.RobotAddresses(handle), JsonSerializer.Serialize(new RobotAddresses(addresses, clock.GetUtcNow())), options.Value.NoticeLifetime);

    /// <summary>Tells which addresses the robot has on its own network; null when it said nothing of it for some time.</summary>
    public async Task<RobotAddresses?> GetAddressesAsync(string handle) =>
        await store.GetAsync(SharedKeys.RobotAddresses(handle)) is { } addresses ? JsonSerializer.Deserialize<RobotAddresses>(addresses) : null;

    /// <summary>The robot that is connected accepts reverse SSH. To be repeated at a third of <see cref="PresenceOptions.SocketLifetime"/>.</summary>
    public async Task ReverseSshAcceptedAsync(string handle) => await store.SetAsync(SharedKeys.RobotReverseSsh(handle), "accepted", options.Value.SocketLifetime);

    /// <summary>No robot that accepts reverse SSH is connected any more.</summary>
    public async Task ReverseSshEndedAsync(string handle) => await store.RemoveAsync(SharedKeys.RobotReverseSsh(handle));

    /// <summary>Tells whether the robot is connected and accepts reverse SSH.</summary>
    public async Task<bool> AcceptsReverseSshAsync(string handle) => await store.GetAsync(SharedKeys.RobotReverseSsh(handle)) is not null;

    /// <summary>The robot has said how its reverse SSH tunnel is.</summary>
    public async Task ReverseSshSaidAsync(string handle, string text) => await store.SetAsync(
        SharedKeys.RobotReverseSshInfo(handle), JsonSerializer.Serialize(new ReverseSshInfo(text, clock.GetUtcNow())), options.Value.NoticeLifetime);

    /// <summary>Tells what the robot said of its reverse SSH tunnel last; null when it said nothing for some time.</summary>
    public async Task<ReverseSshInfo?> GetReverseSshInfoAsync(string handle) =>
        await store.GetAsync(SharedKeys.RobotReverseSshInfo(handle)) is { } info ? JsonSerializer.Deserialize<ReverseSshInfo>(info) : null;

    /// <summary>So many viewers have chosen the robot. To be repeated at a third of <see cref="PresenceOptions.SocketLifetime"/> while there are any.</summary>
    public async Task ViewersAsync(string handle, int count)
    {
        await store.SetAsync(SharedKeys.RobotViewers(handle), count.ToString(CultureInfo.InvariantCulture), options.Value.SocketLifetime);
        bus.Publish(new RobotStateChanged(handle));
    }

    /// <summary>The control sockets of the robot and its viewers were measured. To be repeated within the time to live.</summary>
    public async Task LatencyAsync(string handle, RobotLatency latency, TimeSpan timeToLive) =>
        await store.SetAsync(SharedKeys.RobotLatency(handle), JsonSerializer.Serialize(latency), timeToLive);

    /// <summary>Tells how long the robot and its viewers take to answer the control socket.</summary>
    public async Task<RobotLatency> GetLatencyAsync(string handle) =>
        await store.GetAsync(SharedKeys.RobotLatency(handle)) is { } latency ? JsonSerializer.Deserialize<RobotLatency>(latency)! : RobotLatency.None;

    /// <summary>So many watch a robot's video that new viewers are to be sent to any relay. To be repeated within <see cref="PresenceOptions.NoneAfter"/>.</summary>
    public async Task SpreadViewersAsync(string handle, int viewers) =>
        await store.SetAsync(SharedKeys.RobotSpread(handle), viewers.ToString(CultureInfo.InvariantCulture), options.Value.NoneAfter);

    /// <summary>New viewers of a robot are to be sent to the relay that has its slot again.</summary>
    public async Task GatherViewersAsync(string handle) => await store.RemoveAsync(SharedKeys.RobotSpread(handle));

    /// <summary>Tells whether new viewers of a robot are to be sent to any relay.</summary>
    /// <exception cref="PresenceAwayException">Nobody knows it now.</exception>
    public async Task<bool> AreViewersSpreadAsync(string handle) => await store.GetAsync(SharedKeys.RobotSpread(handle)) is not null;

    /// <summary>Tells the state of a robot now. Its video flows when any of its cameras' does.</summary>
    /// <exception cref="PresenceAwayException">Nobody knows it now.</exception>
    public async Task<RobotState> GetAsync(Robot robot) => (await GetAsync([robot]))[0];

    /// <summary>Tells the states of robots now, in their order.</summary>
    /// <exception cref="PresenceAwayException">Nobody knows them now.</exception>
    public async Task<IReadOnlyList<RobotState>> GetAsync(IReadOnlyList<Robot> robots)
    {
        var states = new List<RobotState>(robots.Count);
        foreach (var part in robots.Chunk(RobotsPerQuestion))
        {
            var values = new Queue<string?>(await store.GetManyAsync([.. part.SelectMany(StateKeys)]));
            states.AddRange(part.Select(robot => StateOf(robot, values)));
        }

        return states;
    }

    /// <summary>Tells the state of a robot now; null when nobody knows it.</summary>
    public async Task<RobotState?> FindAsync(Robot robot)
    {
        try
        {
            return await GetAsync(robot);
        }
        catch (PresenceAwayException)
        {
            return null;
        }
    }

    private static IEnumerable<string> StateKeys(Robot robot) =>
    [
        SharedKeys.RobotLive(robot.Handle),
        SharedKeys.RobotSocket(robot.Handle, ControlService),
        SharedKeys.RobotSocket(robot.Handle, StatusService),
        SharedKeys.RobotViewers(robot.Handle),
        SharedKeys.RobotConflict(robot.Handle),
        .. robot.Cameras.Select(camera => SharedKeys.CameraFrame(camera.CameraId)),
    ];

    /// <summary>Takes the values of a robot's <see cref="StateKeys"/>, in their order.</summary>
    private RobotState StateOf(Robot robot, Queue<string?> values)
    {
        var (said, control, status, viewers, conflict) = (values.Dequeue(), values.Dequeue(), values.Dequeue(), values.Dequeue(), values.Dequeue());
        var video = robot.Cameras.Select(_ => VideoOf(values.Dequeue())).Append(VideoState.None).Max();
        return new RobotState(
            Online: control is not null || status is not null,
            Live: said == "true" || (said is null && video == VideoState.Flowing),
            video,
            viewers is null ? 0 : int.Parse(viewers, CultureInfo.InvariantCulture),
            conflict);
    }

    private async Task SocketOpenAsync(string handle, string service)
    {
        try
        {
            var known = await store.GetAsync(SharedKeys.RobotSocket(handle, service)) is not null;
            await store.SetAsync(SharedKeys.RobotSocket(handle, service), node.Name, options.Value.SocketLifetime);
            if (!known)
            {
                bus.Publish(new RobotStateChanged(handle));
            }
        }
        catch (PresenceAwayException)
        {
            // The robot is served all the same, and this is said again.
        }
    }

    private async Task SocketClosedAsync(string handle, string service)
    {
        // It may have come to another node since.
        await store.RemoveAsync(SharedKeys.RobotSocket(handle, service), node.Name);
        bus.Publish(new RobotStateChanged(handle));
    }

    /// <summary>Tells the state of a feed by the time of its last frame, in milliseconds of the Unix epoch.</summary>
    private VideoState VideoOf(string? frame)
    {
        if (frame is null)
        {
            return VideoState.None;
        }

        var age = clock.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(frame, CultureInfo.InvariantCulture));
        return age < options.Value.StalledAfter ? VideoState.Flowing : VideoState.Stalled;
    }
}
