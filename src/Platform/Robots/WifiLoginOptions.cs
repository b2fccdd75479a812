using System.ComponentModel.DataAnnotations;

namespace LiveRobot.Platform.Robots;

/// <summary>Wi-Fi logins that owners leave for their robots (configuration section <c>WifiLogins</c>).</summary>
public sealed class WifiLoginOptions : IValidatableObject
{
    /// <summary>Gets or sets how long a login is given out when its owner says nothing else. Defaults to 24 hours.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Gets or sets the longest time that an owner may say. Defaults to 30 days.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan MaxLifetime { get; set; } = TimeSpan.FromDays(30);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => Lifetime <= MaxLifetime
        ? []
        : [new($"WifiLogins: Lifetime ({Lifetime}) is longer than MaxLifetime ({MaxLifetime}).", [nameof(Lifetime), nameof(MaxLifetime)])];
}
