using System.Text.Json;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Sockets;

using SocketIO;

namespace LiveRobot.ChatSocket;

/// <summary>What chat knows of one of its sockets.</summary>
internal sealed class ChatClient(Visitor visitor, SocketRefusals refusals, MessageRate rate)
{
    public Visitor Visitor { get; } = visitor;

    public MessageRate Rate { get; } = rate;

    /// <summary>The handle of the robot that this socket is.</summary>
    public string? RobotHandle;

    /// <summary>Gets or sets the robot-id by which it is.</summary>
    public string? RobotId { get; set; }

    /// <summary>Gets or sets the robot that this viewer looks at, as it was when they chose it.</summary>
    public Robot? Selected { get; set; }

    /// <summary>Finds the robot that an event names, as <c>{"robot_id": handle}</c> or bare, or else the one that was selected.</summary>
    public async Task<RobotIdentity> FindRobotAsync(RobotAccess access, JsonElement argument) =>
        (NameIn(argument) ?? Selected?.Handle) is { } handle ? await access.FindForViewerAsync(handle, Visitor) : RobotIdentity.Unknown;

    /// <summary>Tells who sent an event that it was not taken.</summary>
    public void Refuse(SocketEvent received, Refusal refusal) => refusals.Refuse(received, refusal.Code, refusal.Error, refusal.Wait);

    /// <summary>Gives the robot's name in an event's argument; null when there is none.</summary>
    public static string? NameIn(JsonElement argument) => argument.ValueKind switch
    {
        JsonValueKind.String => argument.GetString(),
        JsonValueKind.Object when argument.TryGetProperty("robot_id", out var id) && id.ValueKind == JsonValueKind.String => id.GetString(),
        _ => null,
    };
}
