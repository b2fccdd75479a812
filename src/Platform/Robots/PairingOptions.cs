using System.ComponentModel.DataAnnotations;

namespace LiveRobot.Platform.Robots;

/// <summary>Pairing codes (configuration section <c>Pairing</c>).</summary>
public sealed class PairingOptions
{
    /// <summary>Gets or sets how long a pairing code may be used. Defaults to 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan CodeLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets or sets how many wrong codes an address (IPv6: one /64) may give at once. Defaults to 5.</summary>
    [Range(1, 1_000_000)]
    public int TriesPerAddress { get; set; } = 5;

    /// <summary>Gets or sets the time after which it may give one more. Defaults to 2 minutes: five in the life of a code.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan TryInterval { get; set; } = TimeSpan.FromMinutes(2);
}
