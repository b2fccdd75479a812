using LiveRobot.Platform.Bans;

namespace LiveRobot.Platform.Robots;

/// <summary>What came of giving a robot-id or, for a viewer, a handle. Without a robot and a refusal, there is none for them.</summary>
/// <param name="Robot">The robot that somebody has shown to be, or may watch.</param>
/// <param name="Refusal">Why somebody is not let in.</param>
public readonly record struct RobotIdentity(Robot? Robot, RobotRefusal? Refusal)
{
    public static RobotIdentity Unknown => default;
}

/// <summary>Why somebody with a right robot-id is not let in, of which both the robot and its owner are told; or a viewer is not.</summary>
/// <param name="Code">For programs: stable, snake case.</param>
/// <param name="Error">For people.</param>
public sealed record RobotRefusal(string Code, string Error)
{
    /// <summary>The code of <see cref="Banned"/>.</summary>
    public const string BannedCode = "banned";

    public static RobotRefusal OwnerBanned { get; } = new("owner_banned", "The owner of this robot is banned from this site.");

    public static RobotRefusal TokenWanted { get; } = new("robot_token_wanted", "Its owner lets this robot in with its robot token only.");

    public static RobotRefusal TlsWanted { get; } = new("tls_wanted", "Its owner lets this robot in over TLS or with its robot token only.");

    public static RobotRefusal OtherNetwork { get; } = new("other_network", "Its owner lets this robot in from other networks, or with its robot token, only.");

    public static RobotRefusal WrongToken { get; } = new("wrong_robot_token", "This is not the robot token of this robot, or no longer.");

    /// <summary>Gets the ban, when it is that.</summary>
    public Ban? Ban { get; private init; }

    public static RobotRefusal Banned(Ban ban) => new(BannedCode, ban.Text) { Ban = ban };
}
