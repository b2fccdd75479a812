using System.ComponentModel.DataAnnotations;

namespace LiveRobot.Platform.Telemetry;

/// <summary>Where metrics and traces go (configuration section <c>Telemetry</c>).</summary>
public sealed class TelemetryOptions
{
    /// <summary>
    /// Gets or sets the collector's address for OTLP over HTTP, as protobuf: <c>http://collector:4318</c>. Without it nothing
    /// is exported.
    /// </summary>
    public Uri? Endpoint { get; set; }

    /// <summary>Gets or sets how often metrics are sent. Defaults to 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Gets or sets which part of all commands is traced, from 0 to 1. Defaults to 0.01: a robot may get a hundred in a second.</summary>
    [Range(0.0, 1.0)]
    public double TracedPart { get; set; } = 0.01;
}
