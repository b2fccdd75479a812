using System.Text.Json;

using LiveRobot.Platform.Moderation;

namespace LiveRobot.Api.Moderation;

/// <summary>Reads what an owner wants changed of the rules of chat: a JSON object with the changed keys alone (RFC 7396). Keys that are not known are passed over.</summary>
internal static class ChatRulesRequest
{
    /// <summary>Gives the rules with the changes.</summary>
    /// <exception cref="ArgumentException">A value is wrong; the message names its key.</exception>
    public static ChatRules Apply(ChatRules rules, JsonElement request, ModerationOptions limits)
    {
        foreach (var field in request.EnumerateObject())
        {
            var (key, value) = (field.Name, field.Value);
            rules = key switch
            {
                "slow_mode_seconds" => rules with { SlowModeSeconds = Number(key, value, limits.MaxSlowModeSeconds) },
                "links" => rules with { Links = Rule(key, value) },
                "words" => rules with { Words = Words(key, value, limits) },
                "speech_delay_seconds" => rules with { SpeechDelaySeconds = Number(key, value, limits.MaxSpeechDelaySeconds) },
                _ => rules,
            };
        }

        return rules;
    }

    /// <summary>Tells whether a key is one of a rule.</summary>
    public static bool IsRule(string key) => key is "slow_mode_seconds" or "links" or "words" or "speech_delay_seconds";

    private static int Number(string key, JsonElement value, int most) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= 0 && number <= most
            ? number
            : throw Wrong(key, FormattableString.Invariant($"a whole number from 0 to {most} is expected"));

    private static LinkRule Rule(string key, JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.Deserialize<LinkRule>() : throw new JsonException();
        }
        catch (JsonException)
        {
            throw Wrong(key, "everyone, accounts or nobody is expected");
        }
    }

    private static string[] Words(string key, JsonElement value, ModerationOptions limits)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > limits.MaxWords)
        {
            throw Wrong(key, FormattableString.Invariant($"an array of at most {limits.MaxWords} words is expected"));
        }

        return
        [
            .. value.EnumerateArray().Select((word, number) =>
                word.ValueKind == JsonValueKind.String && word.GetString()!.Length <= limits.MaxWordLength && WordFilter.IsWord(word.GetString()!)
                    ? word.GetString()!.Trim()
                    : throw Wrong(
                        FormattableString.Invariant($"{key}[{number}]"),
                        FormattableString.Invariant($"a word with a letter or a digit and at most {limits.MaxWordLength} characters is expected"))),
        ];
    }

    private static ArgumentException Wrong(string key, string what) => new($"{key}: {what}.");
}
