namespace LiveRobot.RobotClient.Media;

/// <summary>How a feed is to be sent: the arguments of its ffmpeg, and the directory to run in.</summary>
internal sealed record FeedPlan(IReadOnlyList<string> Arguments, string Directory)
{
    public bool IsSameAs(FeedPlan? other) =>
        other is not null && Directory == other.Directory && Arguments.SequenceEqual(other.Arguments);
}
