using System.Globalization;
using System.Text.Json.Serialization;

namespace LiveRobot.ChatSocket;

/// <summary>Why a message was not taken, as its sender is told: <c>{"ok": false, "error", "code"}</c>.</summary>
internal sealed record Refusal(
    [property: JsonPropertyName("error")] string Error,
    [property: JsonPropertyName("code")] string Code)
{
    public static Refusal UnknownRobot { get; } = new("There is no robot of that name.", "unknown_robot");

    public static Refusal NoText { get; } = new("There is nothing to say in this message.", "no_text");

    public static Refusal TooFast { get; } = new("You are sending messages too fast. Wait a moment.", "too_fast");

    [JsonPropertyName("ok")]
    public bool Ok { get; }

    public static Refusal TooLong(int limit) => new(
        string.Create(CultureInfo.InvariantCulture, $"A message has at most {limit} characters."), "too_long");
}
