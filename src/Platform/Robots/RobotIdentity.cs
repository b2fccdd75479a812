namespace LiveRobot.Platform.Robots;

/// <summary>What came of giving a robot-id. Without a robot and a refusal, nobody has this robot-id.</summary>
/// <param name="Robot">The robot that somebody has shown to be.</param>
/// <param name="Refusal">Why somebody with a right robot-id is not let in.</param>
public readonly record struct RobotIdentity(Robot? Robot, RobotRefusal? Refusal)
{
    public static RobotIdentity Unknown => default;
}

/// <summary>Why somebody with a right robot-id is not let in. Both the robot and its owner are told.</summary>
/// <param name="Code">For programs: stable, snake case.</param>
/// <param name="Error">For people.</param>
public sealed record RobotRefusal(string Code, string Error)
{
    public static RobotRefusal TokenWanted { get; } = new("robot_token_wanted", "Its owner lets this robot in with its robot token only.");

    public static RobotRefusal TlsWanted { get; } = new("tls_wanted", "Its owner lets this robot in over TLS or with its robot token only.");

    public static RobotRefusal OtherNetwork { get; } = new("other_network", "Its owner lets this robot in from other networks, or with its robot token, only.");

    public static RobotRefusal WrongToken { get; } = new("wrong_robot_token", "This is not the robot token of this robot, or no longer.");
}
