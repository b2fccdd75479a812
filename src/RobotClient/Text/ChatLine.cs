using System.Text.Json;

namespace LiveRobot.RobotClient.Text;

/// <summary>A chat message as it is printed.</summary>
internal static class ChatLine
{
    /// <summary>
    /// Makes <c>chat [robot] name: text</c> of <c>{name, message}</c>. The message begins with the robot's name in
    /// brackets, which says where it was written. Null when it is no message.
    /// </summary>
    public static string? From(JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object
            || Text(message, "message") is not { } text
            || Text(message, "name") is not { } name)
        {
            return null;
        }

        var bracket = text.StartsWith('[') ? text.IndexOf(']') : -1;
        return bracket < 0
            ? $"chat {name}: {text}"
            : $"chat {text[..(bracket + 1)]} {name}: {text[(bracket + 1)..].TrimStart()}";
    }

    private static string? Text(JsonElement message, string key) =>
        message.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
