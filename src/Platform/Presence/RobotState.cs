namespace LiveRobot.Platform.Presence;

/// <summary>What is known of a robot at one moment.</summary>
/// <param name="Online">A robot with this robot-id has a control or status socket open.</param>
/// <param name="Live">The robot says that it streams, or its feed moves without it saying so (the API document's LIVE).</param>
/// <param name="Video">Whether a picture really comes.</param>
/// <param name="Viewers">How many viewers have chosen the robot.</param>
/// <param name="FeedConflict"><c>video</c> or <c>audio</c> when two encoders fought over it within the last minute, else null.</param>
public sealed record RobotState(bool Online, bool Live, VideoState Video, int Viewers, string? FeedConflict = null);

/// <summary>Whether a robot's picture moves.</summary>
public enum VideoState
{
    /// <summary>There is no feed, or it has had no frame for 5 seconds (option).</summary>
    None,

    /// <summary>There is a feed whose last frame is older than it should be.</summary>
    Stalled,

    /// <summary>Frames come.</summary>
    Flowing,
}

/// <summary>The words of <see cref="VideoState"/> in the API and on sockets.</summary>
public static class VideoStateWords
{
    public static string ToWire(this VideoState state) => state switch
    {
        VideoState.Flowing => "flowing",
        VideoState.Stalled => "stalled",
        _ => "none",
    };
}
