using System.Globalization;
using System.Text.Json;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Robots;

using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Presence;

/// <summary>
/// Signs of life of robots: who writes which key, and what follows from them. All robots are named by handle.
/// </summary>
/// <remarks>
/// <c>robot:{handle}:{service}</c> the node of the service that holds a socket of the robot; <c>robot:{handle}:live</c> its last
/// <c>send_video_status</c>; <c>robot:{handle}:viewers</c> a count; <c>robot:{handle}:conflict</c> the medium that two
/// encoders fight over; <c>robot:{handle}:refused</c> who gave its robot-id and was not let in, last, as JSON;
/// <c>robot:{handle}:alternating</c> two addresses that take it from each other, as JSON;
/// <c>robot:{handle}:latency</c> what was measured of its control sockets, as JSON;
/// <c>robot:{handle}:addresses</c> those that it says it has, as JSON; <c>robot:{handle}:reverse_ssh</c> it accepts reverse
/// SSH; <c>robot:{handle}:reverse_ssh_info</c> what it said of that, as JSON;
/// <c>robot:{handle}:spread</c> how many watch its video, while new viewers are sent to any relay;
/// <c>camera:{id}:frame</c> the time of the last video frame, in milliseconds of the Unix epoch;
/// <c>camera:{id}:{medium}</c> what is known of a feed, as JSON.
/// </remarks>
public sealed class RobotPresence(IPresenceStore store, IBus bus, ThisNode node, IOptions<PresenceOptions> options, TimeProvider clock)
{
    /// <summary>The two media of a camera, as they stand in keys.</summary>
    public const string VideoMedium = "video";

    /// <inheritdoc cref="VideoMedium"/>
    public const string AudioMedium = "audio";

    private const string ControlService = "control";
    private const string StatusService = "status";

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
        await store.ExpireAsync(LiveKey(handle), options.Value.LiveAfterClose);
    }

    /// <summary>The robot has said whether it streams.</summary>
    public async Task VideoStatusAsync(string handle, bool streams)
    {
        await store.SetAsync(LiveKey(handle), streams ? "true" : "false", options.Value.LiveLifetime);
        bus.Publish(new RobotStateChanged(handle));
    }

    /// <summary>A camera's feed has begun. What the robot said earlier no longer holds against it.</summary>
    public async Task FeedStartedAsync(Camera camera)
    {
        if (await store.GetAsync(LiveKey(camera.Handle)) == "false")
        {
            await store.RemoveAsync(LiveKey(camera.Handle));
        }

        bus.Publish(new RobotStateChanged(camera.Handle));
    }

    /// <summary>A video frame of the camera has arrived. To be called for each frame, or at most every quarter of a second.</summary>
    public async Task FrameArrivedAsync(Camera camera)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        await store.SetAsync(FrameKey(camera.CameraId), now.ToString(CultureInfo.InvariantCulture), options.Value.NoneAfter);
    }

    /// <summary>A feed of the camera was measured. To be called about once a second.</summary>
    public async Task FeedMeasuredAsync(Camera camera, string medium, FeedState feed) =>
        await store.SetAsync(FeedKey(camera.CameraId, medium), JsonSerializer.Serialize(feed), options.Value.NoneAfter);

    /// <summary>Tells what was measured of a feed of the camera; null when nothing is sent.</summary>
    public async Task<FeedState?> GetFeedAsync(Camera camera, string medium) =>
        await store.GetAsync(FeedKey(camera.CameraId, medium)) is { } feed ? JsonSerializer.Deserialize<FeedState>(feed) : null;

    /// <summary>The camera's sound has ended.</summary>
    public async Task AudioEndedAsync(Camera camera) => await store.RemoveAsync(FeedKey(camera.CameraId, AudioMedium));

    /// <summary>The camera's feed has ended.</summary>
    public async Task FeedEndedAsync(Camera camera)
    {
        await store.RemoveAsync(FeedKey(camera.CameraId, VideoMedium));
        await store.RemoveAsync(FrameKey(camera.CameraId));
        bus.Publish(new RobotStateChanged(camera.Handle));
    }

    /// <summary>Two encoders take the camera's feed from each other, again and again; the newest was refused.</summary>
    public async Task FeedConflictAsync(Camera camera, string medium)
    {
        await store.SetAsync(ConflictKey(camera.Handle), medium, ConflictLifetime);
        bus.Publish(new RobotStateChanged(camera.Handle));
    }

    /// <summary>Somebody with the right robot-id was not let in.</summary>
    public async Task RobotRefusedAsync(string handle, RefusedRobot refused) =>
        await store.SetAsync(RefusedKey(handle), JsonSerializer.Serialize(refused), options.Value.NoticeLifetime);

    /// <summary>Tells who was not let in last; null when nobody was for some time.</summary>
    public async Task<RefusedRobot?> GetRefusedAsync(string handle) =>
        await store.GetAsync(RefusedKey(handle)) is { } refused ? JsonSerializer.Deserialize<RefusedRobot>(refused) : null;

    /// <summary>Two addresses take the robot from each other.</summary>
    public async Task AddressesAlternateAsync(string handle, AlternatingAddresses addresses) =>
        await store.SetAsync(AlternatingKey(handle), JsonSerializer.Serialize(addresses), options.Value.NoticeLifetime);

    /// <summary>Tells which two addresses took the robot from each other last; null when none did for some time.</summary>
    public async Task<AlternatingAddresses?> GetAlternatingAsync(string handle) =>
        await store.GetAsync(AlternatingKey(handle)) is { } addresses ? JsonSerializer.Deserialize<AlternatingAddresses>(addresses) : null;

    /// <summary>The robot has said which addresses it has on its own network.</summary>
    public async Task AddressesAsync(string handle, IReadOnlyList<string> addresses) => await store.SetAsync(
        AddressesKey(handle), JsonSerializer.Serialize(new RobotAddresses(addresses, clock.GetUtcNow())), options.Value.NoticeLifetime);

    /// <summary>Tells which addresses the robot has on its own network; null when it said nothing of it for some time.</summary>
    public async Task<RobotAddresses?> GetAddressesAsync(string handle) =>
        await store.GetAsync(AddressesKey(handle)) is { } addresses ? JsonSerializer.Deserialize<RobotAddresses>(addresses) : null;

    /// <summary>The robot that is connected accepts reverse SSH. To be repeated at a third of <see cref="PresenceOptions.SocketLifetime"/>.</summary>
    public async Task ReverseSshAcceptedAsync(string handle) => await store.SetAsync(ReverseSshKey(handle), "accepted", options.Value.SocketLifetime);

    /// <summary>No robot that accepts reverse SSH is connected any more.</summary>
    public async Task ReverseSshEndedAsync(string handle) => await store.RemoveAsync(ReverseSshKey(handle));

    /// <summary>Tells whether the robot is connected and accepts reverse SSH.</summary>
    public async Task<bool> AcceptsReverseSshAsync(string handle) => await store.GetAsync(ReverseSshKey(handle)) is not null;

    /// <summary>The robot has said how its reverse SSH tunnel is.</summary>
    public async Task ReverseSshSaidAsync(string handle, string text) => await store.SetAsync(
        ReverseSshInfoKey(handle), JsonSerializer.Serialize(new ReverseSshInfo(text, clock.GetUtcNow())), options.Value.NoticeLifetime);

    /// <summary>Tells what the robot said of its reverse SSH tunnel last; null when it said nothing for some time.</summary>
    public async Task<ReverseSshInfo?> GetReverseSshInfoAsync(string handle) =>
        await store.GetAsync(ReverseSshInfoKey(handle)) is { } info ? JsonSerializer.Deserialize<ReverseSshInfo>(info) : null;

    /// <summary>So many viewers have chosen the robot. To be repeated at a third of <see cref="PresenceOptions.SocketLifetime"/> while there are any.</summary>
    public async Task ViewersAsync(string handle, int count)
    {
        await store.SetAsync(ViewersKey(handle), count.ToString(CultureInfo.InvariantCulture), options.Value.SocketLifetime);
        bus.Publish(new RobotStateChanged(handle));
    }

    /// <summary>The control sockets of the robot and its viewers were measured. To be repeated within the time to live.</summary>
    public async Task LatencyAsync(string handle, RobotLatency latency, TimeSpan timeToLive) =>
        await store.SetAsync(LatencyKey(handle), JsonSerializer.Serialize(latency), timeToLive);

    /// <summary>Tells how long the robot and its viewers take to answer the control socket.</summary>
    public async Task<RobotLatency> GetLatencyAsync(string handle) =>
        await store.GetAsync(LatencyKey(handle)) is { } latency ? JsonSerializer.Deserialize<RobotLatency>(latency)! : RobotLatency.None;

    /// <summary>So many watch a robot's video that new viewers are to be sent to any relay. To be repeated within <see cref="PresenceOptions.NoneAfter"/>.</summary>
    public async Task SpreadViewersAsync(string handle, int viewers) =>
        await store.SetAsync(SpreadKey(handle), viewers.ToString(CultureInfo.InvariantCulture), options.Value.NoneAfter);

    /// <summary>New viewers of a robot are to be sent to the relay that has its slot again.</summary>
    public async Task GatherViewersAsync(string handle) => await store.RemoveAsync(SpreadKey(handle));

    /// <summary>Tells whether new viewers of a robot are to be sent to any relay.</summary>
    /// <exception cref="PresenceAwayException">Nobody knows it now.</exception>
    public async Task<bool> AreViewersSpreadAsync(string handle) => await store.GetAsync(SpreadKey(handle)) is not null;

    /// <summary>Tells the state of a robot now. Its video flows when any of its cameras' does.</summary>
    /// <exception cref="PresenceAwayException">Nobody knows it now.</exception>
    public async Task<RobotState> GetAsync(Robot robot)
    {
        var handle = robot.Handle;
        var values = await store.GetManyAsync(
        [
            LiveKey(handle),
            SocketKey(handle, ControlService),
            SocketKey(handle, StatusService),
            ViewersKey(handle),
            ConflictKey(handle),
            .. robot.Cameras.Select(camera => FrameKey(camera.CameraId)),
        ]);
        var (said, control, status, viewers, conflict) = (values[0], values[1], values[2], values[3], values[4]);
        var video = values.Skip(5).Select(VideoOf).Append(VideoState.None).Max();
        return new RobotState(
            Online: control is not null || status is not null,
            Live: said == "true" || (said is null && video == VideoState.Flowing),
            video,
            viewers is null ? 0 : int.Parse(viewers, CultureInfo.InvariantCulture),
            conflict);
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

    private static string SocketKey(string handle, string service) => $"robot:{handle}:{service}";

    private static string LiveKey(string handle) => $"robot:{handle}:live";

    private static string ViewersKey(string handle) => $"robot:{handle}:viewers";

    private static string ConflictKey(string handle) => $"robot:{handle}:conflict";

    private static string RefusedKey(string handle) => $"robot:{handle}:refused";

    private static string LatencyKey(string handle) => $"robot:{handle}:latency";

    private static string AlternatingKey(string handle) => $"robot:{handle}:alternating";

    private static string AddressesKey(string handle) => $"robot:{handle}:addresses";

    private static string ReverseSshKey(string handle) => $"robot:{handle}:reverse_ssh";

    private static string SpreadKey(string handle) => $"robot:{handle}:spread";

    private static string ReverseSshInfoKey(string handle) => $"robot:{handle}:reverse_ssh_info";

    private static string FrameKey(int cameraId) => string.Create(CultureInfo.InvariantCulture, $"camera:{cameraId}:frame");

    private static string FeedKey(int cameraId, string medium) => string.Create(CultureInfo.InvariantCulture, $"camera:{cameraId}:{medium}");

    private async Task SocketOpenAsync(string handle, string service)
    {
        try
        {
            var known = await store.GetAsync(SocketKey(handle, service)) is not null;
            await store.SetAsync(SocketKey(handle, service), node.Name, options.Value.SocketLifetime);
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
        await store.RemoveAsync(SocketKey(handle, service), node.Name);
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
