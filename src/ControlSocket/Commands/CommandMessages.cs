using System.Buffers;
using System.Text.Json;

using LiveRobot.ControlSocket.Turns;
using LiveRobot.Platform.Presence;
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
        json.WriteString("user", command.By.Name);
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

    /// <summary><c>control_state</c>: who drives, who waits, and by what rules.</summary>
    /// <param name="you">For one viewer alone: the number (<c>id</c>) by which it finds itself.</param>
    public static EventMessage State(Robot robot, TurnState state, int? you = null) => Write("control_state", json =>
    {
        json.WriteString("robot_id", robot.Handle);
        if (you is { } number)
        {
            json.WriteNumber("you", number);
        }

        json.WriteString("mode", JsonSerializer.SerializeToElement(state.Rules.Mode).GetString());
        json.WriteNumber("turn_seconds", state.Rules.TurnSeconds);
        json.WriteNumber("vote_seconds", state.Rules.VoteSeconds);
        json.WriteBoolean("registered_first", state.Rules.RegisteredFirst);
        json.WriteBoolean("closed", state.Rules.Closed is not null);
        json.WriteString("closed_by", state.Rules.Closed?.By);
        json.WriteBoolean("video_bound", state.Rules.VideoBound);
        json.WriteBoolean("video_stalled", state.IsVideoStalled);
        json.WriteString("exclusive", state.Exclusive);
        if (state.ExclusiveNumber is { } exclusive)
        {
            json.WriteNumber("exclusive_id", exclusive);
        }
        else
        {
            json.WriteNull("exclusive_id");
        }

        WriteMilliseconds(json, "exclusive_ends_in_ms", state.ExclusiveEndsIn);
        json.WritePropertyName("driver");
        WritePlace(json, state.Driver);
        WriteMilliseconds(json, "turn_ends_in_ms", state.TurnEndsIn);
        json.WriteStartArray("line");
        foreach (var place in state.Line)
        {
            WritePlace(json, place);
        }

        json.WriteEndArray();
    });

    /// <summary><c>exclusive_control_status</c>, as existing viewers know it.</summary>
    public static EventMessage ExclusiveControlStatus(Robot robot, string? username) => Write("exclusive_control_status", json =>
    {
        json.WriteString("robot_id", robot.Handle);
        json.WriteString("status", username is null ? "end" : "start");
        json.WriteString("username", username ?? "");
    });

    /// <summary><c>pip</c>: who presses a command now, as existing viewers know it; by name, with the number where several may have it.</summary>
    public static EventMessage Pressers(Robot robot, string command, IReadOnlyCollection<Presser> pressers) => Write("pip", json =>
    {
        json.WriteString("robot_id", robot.Handle);
        json.WriteString("command", command);
        json.WriteStartObject("users");
        foreach (var (number, person) in pressers)
        {
            json.WriteStartObject(person.IsAnonymous ? $"{NameOf(number, person)} ({number})" : person.Name);
            json.WriteNumber("id", number);
            json.WriteString("username", person.Name);
            json.WriteBoolean("anonymous", person.IsAnonymous);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    });

    /// <summary><c>aggregate_color_change</c>: the command that the robot obeys now, <c>stop</c> when it obeys none, as existing viewers know it.</summary>
    public static EventMessage Obeys(Robot robot, string command) => Write("aggregate_color_change", json =>
    {
        json.WriteString("robot_id", robot.Handle);
        json.WriteString("command", command);
    });

    /// <summary><c>cooldown</c>: a button that nobody can press for so long.</summary>
    public static EventMessage CoolsDown(Robot robot, string command, TimeSpan time) => Write("cooldown", json =>
    {
        json.WriteString("robot_id", robot.Handle);
        json.WriteString("command", command);
        WriteMilliseconds(json, "ms", time);
    });

    /// <summary><c>registered_user_active</c>; existing viewers look for the robot under the name <c>robot_name</c>.</summary>
    public static EventMessage RegisteredUserActive(Robot robot) => Write("registered_user_active", json =>
    {
        json.WriteString("robot_id", robot.Handle);
        json.WriteString("robot_name", robot.Handle);
    });

    /// <summary><c>latency</c>: round trips in milliseconds, of the viewer that is told and of the robot it looks at.</summary>
    public static EventMessage Latency(string handle, TimeSpan viewer, TimeSpan? robot, DateTimeOffset now) => Write("latency", json =>
    {
        json.WriteString("robot_id", handle);
        json.WriteNumber("viewer_ms", RobotLatency.Milliseconds(viewer));
        if (robot is { } known)
        {
            json.WriteNumber("robot_ms", RobotLatency.Milliseconds(known));
        }
        else
        {
            json.WriteNull("robot_ms");
        }

        json.WriteNumber("time", now.ToUnixTimeMilliseconds());
    });

    /// <summary>What somebody is called before others: no account can be named like those who have none.</summary>
    public static string NameOf(int number, Person person) => person.Name.Length > 0 ? person.Name : $"anonymous {number}";

    private static void WritePlace(Utf8JsonWriter json, Place? place)
    {
        if (place is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        json.WriteNumber("id", place.Number);
        json.WriteString("username", place.Person.Name);
        json.WriteBoolean("anonymous", place.Person.IsAnonymous);
        json.WriteBoolean("present", place.IsPresent);
        json.WriteEndObject();
    }

    private static void WriteMilliseconds(Utf8JsonWriter json, string name, TimeSpan? time)
    {
        if (time is { } known)
        {
            json.WriteNumber(name, (long)Math.Max(0, known.TotalMilliseconds));
        }
        else
        {
            json.WriteNull(name);
        }
    }

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
