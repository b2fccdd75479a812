using System.ComponentModel.DataAnnotations;

namespace LiveRobot.Platform.Moderation;

/// <summary>Limits of moderation (configuration section <c>Moderation</c>).</summary>
public sealed class ModerationOptions
{
    /// <summary>Gets or sets how many moderators a robot may have. Defaults to 20.</summary>
    [Range(0, 1_000)]
    public int MaxModerators { get; set; } = 20;
}
