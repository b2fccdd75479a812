using LiveRobot.Platform.Presence;

namespace LiveRobot.VideoRelay;

/// <summary>What a feed is for. Each medium of a camera has an ingest and viewers of its own, told apart by port or path.</summary>
public enum Medium
{
    /// <summary>Pictures; there may be sound in the same stream.</summary>
    Video,

    /// <summary>Sound.</summary>
    Audio,
}

/// <summary>The word for a medium.</summary>
public static class MediumNames
{
    /// <summary>Gets <c>video</c> or <c>audio</c>, as it stands in addresses, metrics and messages.</summary>
    public static string Name(this Medium medium) => medium == Medium.Video ? RobotPresence.VideoMedium : RobotPresence.AudioMedium;
}
