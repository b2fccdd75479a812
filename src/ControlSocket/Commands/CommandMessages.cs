using System.Buffers;
using System.Text.Json;

using LiveRobot.Platform.Robots;

using SocketIO;

namespace LiveRobot.ControlSocket.Commands;

/// <summary>
/// Writes events, one for each audience, field by field: what a viewer sent beside the fields that count goes nowhere.
/// </summary>
internal static class CommandMessages
{
    /// <summary>
    /// <c>command_to_robot</c>. Existing robots need all five fields: one that misses <c>user</c> or
    /// <c>anonymous</c> is never heard again. <c>username</c> is for Hexa robots.
    /// </summary>
    /// <param name="robotId">The robot's private id: existing robots drop a command with another.</param>
    public static EventMessage ToRobot(string robotId, RobotCommand command) => Write("command_to_robot", json =>
    {
        json.WriteString("robot_id", robotId);
        json.WriteString("command", command.Command);
        json.WriteString("user", command.By.User);
        json.WriteString("key_position", command.Position.ToWire());
        json.WriteBoolean("anonymous", command.By.IsAnonymous);
        json.WriteString("username", command.By.User);
    });

    /// <summary><c>robot_command_has_hit_webserver</c>: what the robot's viewers see of a command.</summary>
    public static EventMessage ToViewers(Robot robot, RobotCommand command) => Write("robot_command_has_hit_webserver", json =>
    {
        json.WriteString("robot_id", robot.Handle);
        json.WriteString("robot_name", robot.Name);
        json.WriteString("command", command.Command);
        json.WriteString("key_position", command.Position.ToWire());
        json.WriteString("user", command.By.User);
        json.WriteBoolean("anonymous", command.By.IsAnonymous);
    });

    /// <summary><c>command_refused</c>: to a viewer that asked for no acknowledgement, or whose hold was ended.</summary>
    public static EventMessage Refused(string? handle, string command, Refusal refusal) => Write("command_refused", json =>
    {
        json.WriteString("robot_id", handle);
        json.WriteString("command", command);
        json.WriteString("error", refusal.Error);
        json.WriteString("code", refusal.Code);
    });

    private static EventMessage Write(string name, Action<Utf8JsonWriter> writeFields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            writeFields(json);
            json.WriteEndObject();
        }

        return EventMessage.FromJson(name, buffer.WrittenSpan);
    }
}
