using System.Text.Json;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Control;

namespace LiveRobot.Api.Control;

/// <summary>Reads what an owner wants changed of the rules of control: a JSON object with the changed keys alone. Keys that are not known are passed over.</summary>
internal static class ControlRulesRequest
{
    /// <summary>Gives the rules with the changes.</summary>
    /// <exception cref="ArgumentException">A value is wrong; the message names its key.</exception>
    public static ControlRules Apply(ControlRules rules, JsonElement request)
    {
        foreach (var field in request.EnumerateObject())
        {
            var (key, value) = (field.Name, field.Value);
            rules = key switch
            {
                "mode" => rules with { Mode = Mode(key, value) },
                "turn_seconds" => rules with { TurnSeconds = (int)Number(key, value, ControlRules.MinTurnSeconds, ControlRules.MaxTurnSeconds) },
                "vote_seconds" => rules with { VoteSeconds = Number(key, value, ControlRules.MinVoteSeconds, ControlRules.MaxVoteSeconds) },
                "registered_first" => rules with { RegisteredFirst = Bool(key, value) },
                "video_bound" => rules with { VideoBound = Bool(key, value) },
                "stoppers" => rules with { Stoppers = Names(key, value) },
                "log_days" => rules with { LogDays = (int)Number(key, value, 0, ControlRules.MaxLogDays) },
                _ => rules,
            };
        }

        return rules;
    }

    private static ControlMode Mode(string key, JsonElement value)
    {
        try
        {
            return value.Deserialize<ControlMode>();
        }
        catch (JsonException)
        {
            throw Wrong(key, "everyone, vote, queue or owner is expected");
        }
    }

    private static bool Bool(string key, JsonElement value) =>
        value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(key, "true or false is expected");

    private static double Number(string key, JsonElement value, double least, double most) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= least && number <= most
            ? number
            : throw Wrong(key, FormattableString.Invariant($"a number from {least} to {most} is expected"));

    private static string[] Names(string key, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > ControlRules.MaxStoppers)
        {
            throw Wrong(key, $"an array of at most {ControlRules.MaxStoppers} names is expected");
        }

        return
        [
            .. value.EnumerateArray().Select((name, number) => name.ValueKind == JsonValueKind.String && AccountNames.IsWellFormed(name.GetString()!)
                ? name.GetString()!
                : throw Wrong($"{key}[{number}]", "the name of an account is expected")),
        ];
    }

    private static ArgumentException Wrong(string key, string what) => new($"{key}: {what}.");
}
