using System.Text.Json.Serialization;

using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;

namespace LiveRobot.Api.Robots;

/// <summary>A robot in a list, as anyone may see it.</summary>
internal class RobotSummary(RobotNow now)
{
    [JsonPropertyName("handle")]
    public string Handle { get; } = now.Robot.Handle;

    [JsonPropertyName("name")]
    public string Name { get; } = now.Robot.Name;

    [JsonPropertyName("description")]
    public string Description { get; } = now.Robot.Description;

    [JsonPropertyName("owner")]
    public string Owner { get; } = now.Robot.Owner;

    /// <summary>Whether the robot has a socket open.</summary>
    [JsonPropertyName("online")]
    public bool Online { get; } = now.State.Online;

    /// <summary>LIVE as the API document means it: the robot says that it streams, or it does.</summary>
    [JsonPropertyName("live")]
    public bool Live { get; } = now.State.Live;

    /// <summary><c>flowing</c>, <c>stalled</c> or <c>none</c>: whether a picture really comes.</summary>
    [JsonPropertyName("video")]
    public string Video { get; } = now.State.Video.ToWire();

    [JsonPropertyName("viewers")]
    public int Viewers { get; } = now.State.Viewers;

    /// <summary><c>video</c> or <c>audio</c> while two encoders fight over it, for the owner to see; else null.</summary>
    [JsonPropertyName("feed_conflict")]
    public string? FeedConflict { get; } = now.State.FeedConflict;

    /// <summary>Whether it charges, as it said last; null when it has said nothing of it.</summary>
    [JsonPropertyName("charging")]
    public bool? Charging { get; } = now.Robot.Charge?.IsCharging;

    /// <summary>Since when.</summary>
    [JsonPropertyName("charging_since")]
    public DateTimeOffset? ChargingSince { get; } = now.Robot.Charge?.Since;

    [JsonPropertyName("cameras")]
    public IReadOnlyList<CameraView> Cameras { get; } = now.Cameras;
}

/// <summary>A camera, as anyone may see it, with what its encoder sends: null when there is none.</summary>
internal sealed record CameraView(
    [property: JsonPropertyName("camera_id")] int CameraId,
    [property: JsonPropertyName("video")] VideoFeedView? Video,
    [property: JsonPropertyName("audio")] AudioFeedView? Audio);

/// <summary>The robots of the site.</summary>
internal sealed record RobotList([property: JsonPropertyName("robots")] IReadOnlyList<RobotSummary> Robots);
