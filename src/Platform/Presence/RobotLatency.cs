using System.Text.Json.Serialization;

namespace LiveRobot.Platform.Presence;

/// <summary>How long a robot and its viewers take to answer the control socket, in milliseconds.</summary>
/// <param name="RobotMs">The robot's round trip; null when it is not connected, or has not answered yet.</param>
/// <param name="Viewers">How many viewers were measured.</param>
/// <param name="MedianMs">The median of their round trips (of an even number the upper); null when there are none.</param>
/// <param name="SlowestMs">The longest of them.</param>
public sealed record RobotLatency(
    [property: JsonPropertyName("robot_ms")] double? RobotMs,
    [property: JsonPropertyName("viewers")] int Viewers,
    [property: JsonPropertyName("viewers_median_ms")] double? MedianMs,
    [property: JsonPropertyName("viewers_slowest_ms")] double? SlowestMs)
{
    /// <summary>Gets what is known before anything was measured.</summary>
    public static RobotLatency None { get; } = new(null, 0, null, null);

    /// <summary>Sums round trips up; those that are null were not measured.</summary>
    public static RobotLatency Of(TimeSpan? robot, IEnumerable<TimeSpan?> viewers)
    {
        double[] measured = [.. viewers.OfType<TimeSpan>().Select(Milliseconds).Order()];
        return new RobotLatency(
            robot is { } known ? Milliseconds(known) : null,
            measured.Length,
            measured.Length == 0 ? null : measured[measured.Length / 2],
            measured.Length == 0 ? null : measured[^1]);
    }

    /// <summary>A round trip as it is published: to the tenth of a millisecond.</summary>
    public static double Milliseconds(TimeSpan roundTrip) => Math.Round(roundTrip.TotalMilliseconds, 1);
}
