using System.Text.Json;

namespace LiveRobot.RobotClient.Driving;

/// <summary>A command as it came: free text, the key's position (empty for clients that know none), and who sent it.</summary>
internal readonly record struct RobotCommand(string Command, string KeyPosition, string User)
{
    /// <summary>Longer command texts are refused; no button has one.</summary>
    public const int LongestCommand = 1024;

    /// <summary>The command that ends all movement.</summary>
    public const string Stop = "stop";

    public bool IsStop => Command == Stop;

    public bool IsHeld => KeyPosition is "down" or "intermediate";

    public bool IsRepeat => KeyPosition == "intermediate";

    public bool IsRelease => KeyPosition == "up";

    /// <summary>Reads <c>{robot_id, command, key_position, user, anonymous}</c>; false when it is no command for this robot.</summary>
    public static bool TryRead(JsonElement message, string robotId, out RobotCommand command)
    {
        command = default;
        if (message.ValueKind != JsonValueKind.Object
            || Text(message, "command") is not { Length: > 0 and <= LongestCommand } text
            || (Text(message, "robot_id") is { } addressee && addressee != robotId))
        {
            return false;
        }

        var keyPosition = Text(message, "key_position") is "down" or "intermediate" or "up" ? Text(message, "key_position")! : "";
        var user = Text(message, "user") is { Length: > 0 } name ? name : "anonymous";
        command = new RobotCommand(text, keyPosition, user);
        return true;
    }

    /// <summary>What is shown: <c>F down</c>, or <c>stop</c> alone, whose position says nothing.</summary>
    public override string ToString() => IsStop || KeyPosition.Length == 0 ? Command : $"{Command} {KeyPosition}";

    private static string? Text(JsonElement message, string key) =>
        message.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
