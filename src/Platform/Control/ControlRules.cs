using System.Text.Json.Serialization;

namespace LiveRobot.Platform.Control;

/// <summary>
/// What the owner of a robot has laid down about its control, as stored. Apart from <see cref="Robots.Robot"/>, because
/// existing robots begin their stream anew when they hear that their settings have changed.
/// </summary>
public sealed record ControlRules
{
    /// <summary>The shortest turn in seconds.</summary>
    public const int MinTurnSeconds = 5;

    /// <summary>The longest turn in seconds.</summary>
    public const int MaxTurnSeconds = 3_600;

    /// <summary>The shortest window of a vote in seconds.</summary>
    public const double MinVoteSeconds = 0.3;

    /// <summary>The longest window of a vote in seconds.</summary>
    public const double MaxVoteSeconds = 10;

    /// <summary>The most people who may stop the robot beside its owner.</summary>
    public const int MaxStoppers = 100;

    /// <summary>The longest time in days for which commands are kept in the log.</summary>
    public const int MaxLogDays = 365;

    /// <summary>The longest time in seconds for which exclusive control is granted; without a time it lasts until it is ended.</summary>
    public const double MaxExclusiveSeconds = 86_400;

    /// <summary>Gets the number of changes so far. What is read with a lower number is older.</summary>
    [JsonIgnore]
    public long Version { get; init; }

    /// <summary>Gets how those who may drive share the robot.</summary>
    [JsonPropertyName("mode")]
    public ControlMode Mode { get; init; }

    /// <summary>Gets how long a turn lasts in <see cref="ControlMode.Queue"/>, in seconds.</summary>
    [JsonPropertyName("turn_seconds")]
    public int TurnSeconds { get; init; } = 60;

    /// <summary>Gets how long votes are counted in <see cref="ControlMode.Vote"/> before the winner is sent, in seconds.</summary>
    [JsonPropertyName("vote_seconds")]
    public double VoteSeconds { get; init; } = 1;

    /// <summary>Gets whether people who have signed in come before those who have not.</summary>
    [JsonPropertyName("registered_first")]
    public bool RegisteredFirst { get; init; }

    /// <summary>Gets whether the robot is driven only while its picture moves.</summary>
    [JsonPropertyName("video_bound")]
    public bool VideoBound { get; init; }

    /// <summary>Gets the names of the accounts that may stop the robot in an emergency, beside the owner.</summary>
    [JsonPropertyName("stoppers")]
    public IReadOnlyList<string> Stoppers { get; init; } = [];

    /// <summary>Gets for how many days commands are kept in the log; 0: none are.</summary>
    [JsonPropertyName("log_days")]
    public int LogDays { get; init; } = 7;

    /// <summary>Gets who has exclusive control; null: nobody.</summary>
    [JsonPropertyName("exclusive")]
    public ExclusiveControl? Exclusive { get; init; }

    /// <summary>Gets the emergency stop that closed the control; null: it is open.</summary>
    [JsonPropertyName("closed")]
    public ControlClosing? Closed { get; init; }

    /// <summary>Tells whether somebody may stop the robot in an emergency.</summary>
    public bool MayStop(Robots.Robot robot, Accounts.Caller caller) =>
        caller.Owns(robot) || (caller.Account is { } account && Stoppers.Contains(account.Name, StringComparer.OrdinalIgnoreCase));
}

/// <summary>Exclusive control of one account, or of one viewer without an account.</summary>
/// <param name="Username">The account's name; of who has none, <c>anonymous</c> and a number, which no account can be called.</param>
/// <param name="Until">When it ends by itself; null: when the owner ends it.</param>
/// <param name="Viewer">What a viewer without an account is recognised by; null: it is an account's.</param>
public sealed record ExclusiveControl(
    [property: JsonPropertyName("username")] string Username,
    [property: JsonPropertyName("until")] DateTimeOffset? Until,
    [property: JsonPropertyName("viewer"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Viewer = null);

/// <summary>An emergency stop.</summary>
/// <param name="By">The name of the account that stopped the robot.</param>
/// <param name="At">When.</param>
public sealed record ControlClosing(
    [property: JsonPropertyName("by")] string By,
    [property: JsonPropertyName("at")] DateTimeOffset At);
