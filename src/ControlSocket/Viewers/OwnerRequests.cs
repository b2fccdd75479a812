using System.Data.Common;
using System.Text.Json;

using LiveRobot.ControlSocket.Commands;
using LiveRobot.ControlSocket.Robots;
using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Control;
using LiveRobot.Platform.Sockets;

using SocketIO;

namespace LiveRobot.ControlSocket.Viewers;

/// <summary>What the owner of a robot, and those whom the owner lets, do to its control from the page.</summary>
internal sealed class OwnerRequests(
    Socket socket, Visitor visitor, SocketRefusals refusals, ViewerSession viewer, ControlRulesStore rules, TimeProvider clock)
{
    public void Attach()
    {
        socket.On("emergency_stop", StopAsync);
        socket.On("grant_exclusive_control", GrantAsync);
        socket.On("end_exclusive_control", EndExclusiveAsync);
    }

    /// <summary>Takes nothing: the robot stops and its control is closed. It stops before anybody waits for the store.</summary>
    private ValueTask StopAsync(SocketEvent received) => AnswerAsync(received, Refusal.NotStored, async (robot, caller) =>
        !robot.Rules.MayStop(robot.Robot, caller) ? Refusal.MayNotStop
        : await rules.StopAsync(robot.Robot.Handle, caller.Account!.Name) ? null
        : Refusal.UnknownRobot);

    /// <summary>Takes <c>{"id": the number of who is here, "seconds"?: number}</c>: they alone drive from now on.</summary>
    private ValueTask GrantAsync(SocketEvent received) => AnswerAsync(received, Refusal.NotChanged, async (robot, caller) =>
        !caller.Owns(robot.Robot) ? Refusal.NotTheOwner
        : !TryRead(received[0], out var number, out var time) ? Refusal.BadRequest
        : robot.ExclusiveFor(number, clock.GetUtcNow() + time) is not { } exclusive ? Refusal.UnknownViewer
        : await rules.GrantAsync(robot.Robot.Handle, exclusive) ? null
        : Refusal.UnknownRobot);

    /// <summary>Takes nothing: whoever has exclusive control gives it back, or the owner takes it back.</summary>
    private ValueTask EndExclusiveAsync(SocketEvent received) => AnswerAsync(received, Refusal.NotChanged, async (robot, caller) =>
        !caller.Owns(robot.Robot) && !robot.HasExclusive(socket.Id) ? Refusal.NotTheOwner
        : await rules.EndExclusiveAsync(robot.Robot.Handle) ? null
        : Refusal.UnknownRobot);

    /// <summary>Asks for the chosen robot and who wants something of it, and tells what became of that.</summary>
    /// <param name="notStored">What is told when the store fails.</param>
    private async ValueTask AnswerAsync(SocketEvent received, Refusal notStored, Func<RobotControl, Caller, Task<Refusal?>> request)
    {
        Refusal? refusal;
        try
        {
            refusal = visitor.IsSpectator ? Refusal.Spectator : viewer.Selected is { } robot ? await request(robot, await visitor.CallerAsync()) : Refusal.NothingSelected;
        }
        catch (DbException)
        {
            refusal = notStored;
        }

        refusals.Answer(received, refusal);
    }

    private static bool TryRead(JsonElement request, out int number, out TimeSpan? time)
    {
        (number, time) = (0, null);
        if (request.ValueKind != JsonValueKind.Object || !request.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.Number || !id.TryGetInt32(out number))
        {
            return false;
        }

        if (!request.TryGetProperty("seconds", out var seconds) || seconds.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        if (seconds.ValueKind != JsonValueKind.Number || !seconds.TryGetDouble(out var length) || length is not (> 0 and <= ControlRules.MaxExclusiveSeconds))
        {
            return false;
        }

        time = TimeSpan.FromSeconds(length);
        return true;
    }
}
