namespace LiveRobot.Platform.Presence;

/// <summary>Somebody who gave a right robot-id and was not let in, for the robot's owner to see.</summary>
/// <param name="Code">Why: the code of a <see cref="Robots.RobotRefusal"/>.</param>
/// <param name="Address">The address that they came from.</param>
/// <param name="At">When.</param>
public sealed record RefusedRobot(string Code, string Address, DateTimeOffset At);
