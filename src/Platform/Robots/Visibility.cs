namespace LiveRobot.Platform.Robots;

/// <summary>Who may watch a robot.</summary>
public enum Visibility
{
    /// <summary>Everybody; the robot is in lists.</summary>
    Public,

    /// <summary>Whoever knows its handle; it is in no list, and no number leads to it.</summary>
    Unlisted,

    /// <summary>Whoever shows a viewing token (<see cref="ViewingTokens"/>).</summary>
    Private,
}

/// <summary>The words of <see cref="Visibility"/> in the API, on the command line and in the store.</summary>
public static class VisibilityWords
{
    public static string ToWire(this Visibility visibility) => visibility switch
    {
        Visibility.Unlisted => "unlisted",
        Visibility.Private => "private",
        _ => "public",
    };
}
