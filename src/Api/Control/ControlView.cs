using System.Text.Json.Serialization;

using LiveRobot.Platform.Control;

namespace LiveRobot.Api.Control;

/// <summary>The rules of a robot's control, as far as they concern the caller.</summary>
internal sealed class ControlView(ControlRules rules, bool mayStop, bool isForOwner)
{
    [JsonPropertyName("mode")]
    public ControlMode Mode { get; } = rules.Mode;

    [JsonPropertyName("turn_seconds")]
    public int TurnSeconds { get; } = rules.TurnSeconds;

    [JsonPropertyName("vote_seconds")]
    public double VoteSeconds { get; } = rules.VoteSeconds;

    [JsonPropertyName("registered_first")]
    public bool RegisteredFirst { get; } = rules.RegisteredFirst;

    [JsonPropertyName("video_bound")]
    public bool VideoBound { get; } = rules.VideoBound;

    /// <summary>Whether the caller may stop the robot in an emergency.</summary>
    [JsonPropertyName("may_stop")]
    public bool MayStop { get; } = mayStop;

    /// <summary>Who has exclusive control; null: nobody.</summary>
    [JsonPropertyName("exclusive")]
    public ExclusiveControl? Exclusive { get; } = rules.Exclusive is { } exclusive ? exclusive with { Viewer = null } : null;

    /// <summary>The emergency stop that closed the control; null: it is open.</summary>
    [JsonPropertyName("closed")]
    public ControlClosing? Closed { get; } = rules.Closed;

    [JsonPropertyName("stoppers"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Stoppers { get; } = isForOwner ? rules.Stoppers : null;

    [JsonPropertyName("log_days"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? LogDays { get; } = isForOwner ? rules.LogDays : null;
}
