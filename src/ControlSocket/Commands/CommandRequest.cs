using System.Text.Json;

namespace LiveRobot.ControlSocket.Commands;

/// <summary>The argument of a viewer's <c>command_to_robot</c>, as far as it counts. Who presses is never taken from it.</summary>
/// <param name="Handle"><c>robot_id</c>, or <c>_id</c> as old viewers send it; null: the robot chosen before.</param>
/// <param name="Command"><c>command</c>.</param>
/// <param name="Position"><c>key_position</c>; old viewers send none.</param>
/// <param name="SentAt"><c>t</c>: the viewer's own monotonic clock in milliseconds; null when it sends none.</param>
internal sealed record CommandRequest(string? Handle, string Command, KeyPosition Position, double? SentAt)
{
    /// <summary>Reads an argument; the refusal is null when it can be used.</summary>
    public static Refusal? TryRead(JsonElement argument, int maxCommandLength, out CommandRequest request)
    {
        request = new CommandRequest(null, "", KeyPosition.Pulse, null);
        if (argument.ValueKind != JsonValueKind.Object)
        {
            return Refusal.BadRequest;
        }

        request = request with { Handle = TextOf(argument, "robot_id") ?? TextOf(argument, "_id"), SentAt = TimeOf(argument) };
        if (TextOf(argument, "command") is not { Length: > 0 } command || command.Any(char.IsControl))
        {
            return Refusal.BadCommand;
        }

        if (command.Length > maxCommandLength)
        {
            return Refusal.TooLong(maxCommandLength);
        }

        request = request with { Command = command };
        var hasPosition = argument.TryGetProperty("key_position", out var position) && position.ValueKind != JsonValueKind.Null;
        if (hasPosition && position.ValueKind != JsonValueKind.String
            || !KeyPositions.TryParse(hasPosition ? position.GetString() : null, out var parsed))
        {
            return Refusal.BadKeyPosition;
        }

        request = request with { Position = parsed };
        return null;
    }

    private static string? TextOf(JsonElement argument, string name) =>
        argument.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static double? TimeOf(JsonElement argument) =>
        argument.TryGetProperty("t", out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var time) && double.IsFinite(time)
            ? time
            : null;
}
