using System.Globalization;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Presence;

namespace LiveRobot.Platform.Redis;

/// <summary>
/// The names of all keys and channels that processes share, behind <see cref="RedisOptions.KeyPrefix"/>: what is there, and for
/// how long. All robots are named by handle. A process alone has the same keys in its memory.
/// </summary>
internal static class SharedKeys
{
    /// <summary>The set of the names of nodes that may be there. It stays; who reads it takes out those that have lapsed.</summary>
    public const string Nodes = "nodes";

    /// <summary><c>1</c>, as long as Redis keeps its data.</summary>
    public const string Cluster = "cluster";

    /// <summary><c>1</c> for <see cref="ClusterOptions.LeaseTime"/> after <see cref="Cluster"/> was missing: only those who have slots may take them then.</summary>
    public const string NewCluster = "cluster:new";

    /// <summary>The name of the node that holds a socket of the robot, for <see cref="PresenceOptions.SocketLifetime"/>; said again at a third of it.</summary>
    /// <param name="handle">The robot's handle.</param>
    /// <param name="service"><c>control</c> or <c>status</c>.</param>
    public static string RobotSocket(string handle, string service) => $"robot:{handle}:{service}";

    /// <summary><c>true</c> or <c>false</c>: what the robot last said by <c>send_video_status</c>, for <see cref="PresenceOptions.LiveLifetime"/>.</summary>
    public static string RobotLive(string handle) => $"robot:{handle}:live";

    /// <summary>How many viewers have chosen the robot, for <see cref="PresenceOptions.SocketLifetime"/>; said again at a third of it.</summary>
    public static string RobotViewers(string handle) => $"robot:{handle}:viewers";

    /// <summary>How many watch its video while new viewers are sent to any relay, for <see cref="PresenceOptions.NoneAfter"/>; said each second.</summary>
    public static string RobotSpread(string handle) => $"robot:{handle}:spread";

    /// <summary>The medium that two encoders fight over, for a minute.</summary>
    public static string RobotConflict(string handle) => $"robot:{handle}:conflict";

    /// <summary>A <see cref="Presence.RobotLatency"/> as JSON, for three measurements.</summary>
    public static string RobotLatency(string handle) => $"robot:{handle}:latency";

    /// <summary>A <see cref="Presence.RefusedRobot"/> as JSON, the last that was not let in, for <see cref="PresenceOptions.NoticeLifetime"/>.</summary>
    public static string RobotRefused(string handle) => $"robot:{handle}:refused";

    /// <summary><see cref="AlternatingAddresses"/> as JSON, two that take the robot from each other, for <see cref="PresenceOptions.NoticeLifetime"/>.</summary>
    public static string RobotAlternating(string handle) => $"robot:{handle}:alternating";

    /// <summary><see cref="Presence.RobotAddresses"/> as JSON, those that it says it has, for <see cref="PresenceOptions.NoticeLifetime"/>.</summary>
    public static string RobotAddresses(string handle) => $"robot:{handle}:addresses";

    /// <summary><c>accepted</c> while it accepts reverse SSH, for <see cref="PresenceOptions.SocketLifetime"/>; said again at a third of it.</summary>
    public static string RobotReverseSsh(string handle) => $"robot:{handle}:reverse_ssh";

    /// <summary>A <see cref="ReverseSshInfo"/> as JSON, for <see cref="PresenceOptions.NoticeLifetime"/>.</summary>
    public static string RobotReverseSshInfo(string handle) => $"robot:{handle}:reverse_ssh_info";

    /// <summary>The time of the last video frame in milliseconds of the Unix epoch, for <see cref="PresenceOptions.NoneAfter"/>; said four times a second.</summary>
    public static string CameraFrame(int id) => string.Create(CultureInfo.InvariantCulture, $"camera:{id}:frame");

    /// <summary>A <see cref="FeedState"/> as JSON, for <see cref="PresenceOptions.NoneAfter"/>; said each second.</summary>
    /// <param name="id">The camera's id.</param>
    /// <param name="medium"><c>video</c> or <c>audio</c>.</param>
    public static string CameraFeed(int id, string medium) => string.Create(CultureInfo.InvariantCulture, $"camera:{id}:{medium}");

    /// <summary>Some <see cref="ChatPerson"/> as JSON, those who are in chat at a node; said again at a third of the time it lives.</summary>
    public static string ChatPeople(string node) => $"chat:{node}:people";

    /// <summary>The name of the node that has the slot, for <see cref="ClusterOptions.LeaseTime"/>; renewed at a third of it.</summary>
    /// <param name="slot">As <c>{service}:{number}</c>.</param>
    public static string SlotHolder(Slot slot) => $"slot:{slot}";

    /// <summary>A <see cref="NodeState"/> as JSON, for <see cref="ClusterOptions.LeaseTime"/>; said again at a third of it.</summary>
    public static string Node(string name) => $"node:{name}";

    /// <summary>The channel of a kind of message of the <see cref="IBus"/>: <c>{process} {json}</c>.</summary>
    public static string BusChannel(string kind) => $"bus:{kind}";

    /// <summary>The channel of the rooms of a Socket.IO server, as <c>SocketIO.Redis</c> writes it; each node's own is <c>{channel}:{node}</c>.</summary>
    public static string RoomsChannel(string server) => $"rooms:{server}";
}
