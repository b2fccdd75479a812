using System.Text.Json.Serialization;

using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;

namespace LiveRobot.Api.Robots;

/// <summary>A robot in a list, as anyone may see it.</summary>
internal class RobotSummary(Robot robot, RobotState state, IReadOnlyList<CameraView> cameras)
{
    [JsonPropertyName("handle")]
    public string Handle { get; } = robot.Handle;

    [JsonPropertyName("name")]
    public string Name { get; } = robot.Name;

    [JsonPropertyName("description")]
    public string Description { get; } = robot.Description;

    [JsonPropertyName("owner")]
    public string Owner { get; } = robot.Owner;

    /// <summary>Whether the robot has a socket open.</summary>
    [JsonPropertyName("online")]
    public bool Online { get; } = state.Online;

    /// <summary>LIVE as the API document means it: the robot says that it streams, or it does.</summary>
    [JsonPropertyName("live")]
    public bool Live { get; } = state.Live;

    /// <summary><c>flowing</c>, <c>stalled</c> or <c>none</c>: whether a picture really comes.</summary>
    [JsonPropertyName("video")]
    public string Video { get; } = state.Video.ToWire();

    [JsonPropertyName("viewers")]
    public int Viewers { get; } = state.Viewers;

    /// <summary><c>video</c> or <c>audio</c> while two encoders fight over it, for the owner to see; else null.</summary>
    [JsonPropertyName("feed_conflict")]
    public string? FeedConflict { get; } = state.FeedConflict;

    /// <summary>Whether it charges, as it said last; null when it has said nothing of it.</summary>
    [JsonPropertyName("charging")]
    public bool? Charging { get; } = robot.Charge?.IsCharging;

    /// <summary>Since when.</summary>
    [JsonPropertyName("charging_since")]
    public DateTimeOffset? ChargingSince { get; } = robot.Charge?.Since;

    [JsonPropertyName("cameras")]
    public IReadOnlyList<CameraView> Cameras { get; } = cameras;
}

/// <summary>A camera, as anyone may see it, with what its encoder sends: null when there is none.</summary>
internal sealed record CameraView(
    [property: JsonPropertyName("camera_id")] int CameraId,
    [property: JsonPropertyName("video")] VideoFeedView? Video,
    [property: JsonPropertyName("audio")] AudioFeedView? Audio)
{
    /// <summary>Reads what is known of a robot's cameras now.</summary>
    public static async Task<IReadOnlyList<CameraView>> ReadAsync(Robot robot, RobotPresence presence)
    {
        var cameras = new List<CameraView>();
        foreach (var camera in robot.Cameras)
        {
            var video = await presence.GetFeedAsync(camera, RobotPresence.VideoMedium);
            var audio = await presence.GetFeedAsync(camera, RobotPresence.AudioMedium);
            cameras.Add(new CameraView(camera.CameraId, VideoFeedView.Of(video), AudioFeedView.Of(audio)));
        }

        return cameras;
    }
}

/// <summary>The robots of the site.</summary>
internal sealed record RobotList([property: JsonPropertyName("robots")] IReadOnlyList<RobotSummary> Robots);
