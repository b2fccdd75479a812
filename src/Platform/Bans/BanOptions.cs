using System.ComponentModel.DataAnnotations;

namespace LiveRobot.Platform.Bans;

/// <summary>Limits of bans (configuration section <c>Bans</c>).</summary>
public sealed class BanOptions
{
    /// <summary>Gets or sets how many bans a robot, an owner and the site may have each. Defaults to 1,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxBans { get; set; } = 1_000;

    /// <summary>Gets or sets the most characters of a reason. Defaults to 200.</summary>
    [Range(0, 10_000)]
    public int MaxReasonLength { get; set; } = 200;

    /// <summary>Gets or sets the longest ban that ends by itself. Defaults to 3,650 days.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "36500.00:00:00")]
    public TimeSpan MaxDuration { get; set; } = TimeSpan.FromDays(3_650);
}
