using System.Text.Json.Serialization;

using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;

using SocketIO;

namespace LiveRobot.StatusSocket;

/// <summary>An entry of <c>robot_statuses</c>. <c>status</c> is what existing viewers read: "online" means live.</summary>
internal sealed record RobotStatus(
    [property: JsonPropertyName("robot_id")] string Handle,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("online")] bool Online,
    [property: JsonPropertyName("live")] bool Live,
    [property: JsonPropertyName("video")] string Video,
    [property: JsonPropertyName("viewers")] int Viewers,
    [property: JsonPropertyName("feed_conflict")] string? FeedConflict,
    [property: JsonPropertyName("charging")] bool? Charging,
    [property: JsonIgnore] bool IsPublic)
{
    public static RobotStatus Of(Robot robot, RobotState state) => new(
        robot.Handle,
        state.Live ? "online" : "offline",
        state.Online,
        state.Live,
        state.Video.ToWire(),
        state.Viewers,
        state.FeedConflict,
        robot.Charge?.IsCharging,
        robot.Visibility == Visibility.Public);

    /// <summary>The event that tells them.</summary>
    public static EventMessage Message(IEnumerable<RobotStatus> statuses) =>
        EventMessage.Create("robot_statuses", new { robot_statuses = statuses });

    /// <summary>The event that tells of the charging alone, under the name by which robots do.</summary>
    public EventMessage ChargeMessage() => EventMessage.Create("charge_state", new { robot_id = Handle, charging = Charging });
}
