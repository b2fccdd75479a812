using System.ComponentModel.DataAnnotations;

namespace LiveRobot.Platform.Moderation;

/// <summary>Limits of moderation (configuration section <c>Moderation</c>).</summary>
public sealed class ModerationOptions
{
    /// <summary>Gets or sets how many moderators a robot may have. Defaults to 20.</summary>
    [Range(0, 1_000)]
    public int MaxModerators { get; set; } = 20;

    /// <summary>Gets or sets how many words an owner may forbid at a robot. Defaults to 200.</summary>
    [Range(0, 10_000)]
    public int MaxWords { get; set; } = 200;

    /// <summary>Gets or sets the most UTF-16 code units of such a word. Defaults to 50.</summary>
    [Range(1, 1_000)]
    public int MaxWordLength { get; set; } = 50;

    /// <summary>Gets or sets the longest time between two lines of somebody, in seconds. Defaults to 3,600.</summary>
    [Range(0, 86_400)]
    public int MaxSlowModeSeconds { get; set; } = 3_600;

    /// <summary>Gets or sets the longest time for which a line is kept from the robot, in seconds. Defaults to 60.</summary>
    [Range(0, 3_600)]
    public int MaxSpeechDelaySeconds { get; set; } = 60;
}
