using System.ComponentModel.DataAnnotations;

namespace LiveRobot.Platform.Robots;

/// <summary>Limits for those who give robot-ids (configuration section <c>RobotAccess</c>).</summary>
public sealed class RobotAccessOptions
{
    /// <summary>Gets or sets how many robot-ids that nobody has an address (IPv6: one /64) may give at once before it is answered slowly. Defaults to 5.</summary>
    [Range(1, 1_000_000)]
    public int UnknownIds { get; set; } = 5;

    /// <summary>Gets or sets the time after which it may give one more. Defaults to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan UnknownIdInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets how long each answer takes then. Defaults to 2 seconds: robots that share the address still get theirs.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan UnknownIdDelay { get; set; } = TimeSpan.FromSeconds(2);
}
