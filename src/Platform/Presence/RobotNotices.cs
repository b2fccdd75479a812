namespace LiveRobot.Platform.Presence;

/// <summary>The addresses that a robot says it has on its own network, for its owner alone.</summary>
/// <param name="Addresses">IPv4 and IPv6.</param>
/// <param name="At">When it said so last.</param>
public sealed record RobotAddresses(IReadOnlyList<string> Addresses, DateTimeOffset At);

/// <summary>What a robot has said of its reverse SSH tunnel, for its owner alone.</summary>
/// <param name="Text">Its own words: existing ones say <c>starting</c> and <c>return code: N</c>.</param>
/// <param name="At">When.</param>
public sealed record ReverseSshInfo(string Text, DateTimeOffset At);
