namespace LiveRobot.Platform.Presence;

/// <summary>Two addresses that take a robot from each other, for its owner to see: somebody else has its robot-id, or it runs twice.</summary>
/// <param name="Service">The service at which they do, e.g. <c>control</c>.</param>
/// <param name="Former">The address that was the robot last.</param>
/// <param name="Address">The address that was the robot before, and is again.</param>
/// <param name="At">When it took the robot back.</param>
public sealed record AlternatingAddresses(string Service, string Former, string Address, DateTimeOffset At);
