namespace LiveRobot.Platform.Moderation;

/// <summary>What was done, as the moderation log tells it.</summary>
public enum ModerationAction
{
    /// <summary>Somebody was banned for a time.</summary>
    TimeOut,

    /// <summary>Somebody was banned until it is lifted.</summary>
    Ban,

    /// <summary>A ban was lifted before its time.</summary>
    Lift,

    /// <summary>A line was taken back.</summary>
    TakeBack,

    /// <summary>The owner named a moderator.</summary>
    ModeratorAdded,

    /// <summary>Somebody is a moderator no more.</summary>
    ModeratorRemoved,

    /// <summary>The owner changed the rules of chat.</summary>
    Rules,
}

/// <summary>The words of <see cref="ModerationAction"/> in the store and for clients.</summary>
public static class ModerationActionWords
{
    public static string ToWire(this ModerationAction action) => action switch
    {
        ModerationAction.TimeOut => "time_out",
        ModerationAction.Ban => "ban",
        ModerationAction.Lift => "lift",
        ModerationAction.TakeBack => "take_back",
        ModerationAction.ModeratorAdded => "moderator_added",
        ModerationAction.ModeratorRemoved => "moderator_removed",
        ModerationAction.Rules => "rules",
        _ => throw new ArgumentOutOfRangeException(nameof(action), action, null),
    };
}
