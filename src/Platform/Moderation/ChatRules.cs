using System.Text.Json.Serialization;

namespace LiveRobot.Platform.Moderation;

/// <summary>What the owner of a robot has laid down about its chat, as stored. It does not concern who moderates the robot.</summary>
public sealed record ChatRules
{
    /// <summary>Gets how long each waits after a line before they say the next, in seconds; 0: no time.</summary>
    [JsonPropertyName("slow_mode_seconds")]
    public int SlowModeSeconds { get; init; }

    /// <summary>Gets who may say links.</summary>
    [JsonPropertyName("links")]
    public LinkRule Links { get; init; }

    /// <summary>Gets the words that nobody may say, compared as <see cref="WordFilter"/> does.</summary>
    [JsonPropertyName("words")]
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>Gets how long a line can be taken back before the robot hears, and speaks, it, in seconds; 0: it hears it at once.</summary>
    [JsonPropertyName("speech_delay_seconds")]
    public int SpeechDelaySeconds { get; init; }
}

/// <summary>Who may say links.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LinkRule>))]
public enum LinkRule
{
    /// <summary>Everyone.</summary>
    [JsonStringEnumMemberName("everyone")]
    Everyone,

    /// <summary>Everyone who has signed in.</summary>
    [JsonStringEnumMemberName("accounts")]
    Accounts,

    /// <summary>Nobody but who moderates the robot.</summary>
    [JsonStringEnumMemberName("nobody")]
    Nobody,
}
