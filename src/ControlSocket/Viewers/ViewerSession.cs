using System.Text.Json;

using LiveRobot.ControlSocket.Commands;
using LiveRobot.ControlSocket.Robots;
using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Sockets;

using SocketIO;

namespace LiveRobot.ControlSocket.Viewers;

/// <summary>
/// What one socket does as a viewer: it chooses a robot and presses keys. A watcher sees a robot's commands without
/// being counted.
/// </summary>
internal sealed class ViewerSession(
    Socket socket,
    Visitor visitor,
    SocketRefusals refusals,
    RobotAccess robots,
    RobotControls controls,
    ControlOptions options,
    ControlMetrics metrics,
    TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly ViewerClock _clock = new();
    private readonly CommandRate _rate = new(options.CommandsPerSecond);
    private readonly long _origin = clock.GetTimestamp();
    private RobotControl? _selected;
    private string? _watched;
    private bool _hasEnded;

    public void Attach()
    {
        socket.On("select_robot", SelectAsync);
        socket.On("command_to_robot", CommandAsync);
        // The socket may end inside an Emit, that is, under a robot's lock: never take the session's lock there.
        socket.OnDisconnect(_ => ThreadPool.UnsafeQueueUserWorkItem(session => session.End(), this, preferLocal: false));
    }

    /// <summary>Shows a robot's commands on this socket. Some existing panels ask for it with the event by which robots identify.</summary>
    public void Watch(Robot robot)
    {
        lock (_gate)
        {
            if (_hasEnded || _watched == robot.Handle)
            {
                return;
            }

            var former = _watched;
            _watched = robot.Handle;
            LeaveRoom(former);
            socket.Join(ControlHub.ViewersOf(robot.Handle));
        }
    }

    /// <summary>
    /// A right may have been withdrawn. Whoever may no longer watch is cut off; whoever may no longer drive, or press a
    /// button, lets go of it.
    /// </summary>
    public async Task ReviewAsync()
    {
        var (selected, watched) = (_selected, _watched);
        foreach (var handle in new[] { selected?.Robot.Handle, watched }.OfType<string>().Distinct())
        {
            if (await robots.FindForViewerAsync(handle, visitor) is not { } robot)
            {
                socket.Disconnect();
                return;
            }

            if (selected?.Robot.Handle == handle)
            {
                selected.Update(robot);
                var caller = await visitor.CallerAsync();
                selected.Withdraw(socket.Id, command => Forbids(selected, caller, command));
            }
        }
    }

    /// <summary>Takes <c>{"robot_id": handle}</c> or the bare handle.</summary>
    private async ValueTask SelectAsync(SocketEvent received)
    {
        var argument = received[0];
        var handle = argument.ValueKind == JsonValueKind.Object && argument.TryGetProperty("robot_id", out var id) ? id : argument;
        if ((handle.ValueKind == JsonValueKind.String ? await SelectAsync(handle.GetString()!) : Refusal.BadRequest) is { } refusal)
        {
            refusals.Refuse(received, refusal.Code, refusal.Error);
            return;
        }

        received.Acknowledge(Reply.To(null));
    }

    private async ValueTask<Refusal?> SelectAsync(string handle) =>
        await robots.FindForViewerAsync(handle, visitor) is { } robot ? Select(controls.Of(robot)) : Refusal.UnknownRobot;

    private Refusal? Select(RobotControl robot)
    {
        lock (_gate)
        {
            if (_hasEnded || _selected == robot)
            {
                return null;
            }

            // First into the room, so that the newcomer is told how many they are now.
            var handle = robot.Robot.Handle;
            var former = _selected;
            _selected = robot;
            socket.Join(ControlHub.ViewersOf(handle));
            if (robot.Join(socket.Id) is { } refusal)
            {
                _selected = former;
                LeaveRoom(handle);
                return refusal;
            }

            former?.Leave(socket.Id);
            LeaveRoom(former?.Robot.Handle);
            return null;
        }
    }

    private async ValueTask CommandAsync(SocketEvent received)
    {
        var refusal = CommandRequest.TryRead(received[0], options.MaxCommandLength, out var request);
        refusal ??= await SelectForAsync(request) ?? Command(request, await visitor.CallerAsync());
        metrics.Commanded(refusal);
        if (received.WantsAcknowledgement)
        {
            received.Acknowledge(Reply.To(refusal));
        }
        else if (refusal is not null && socket.BufferedBytes <= options.MaxUnreadBytes)
        {
            socket.Emit(CommandMessages.Refused(request.Handle, request.Command, refusal));
        }
    }

    /// <summary>Old viewers name the robot in each command and choose none.</summary>
    private async ValueTask<Refusal?> SelectForAsync(CommandRequest request)
    {
        if (_selected is { } selected)
        {
            return request.Handle is null || request.Handle == selected.Robot.Handle ? null : Refusal.OtherRobot;
        }

        return request.Handle is null ? Refusal.NothingSelected : await SelectAsync(request.Handle);
    }

    private Refusal? Command(CommandRequest request, Caller caller)
    {
        var now = clock.GetElapsedTime(_origin);
        var age = request.SentAt is { } sentAt ? _clock.Age(sentAt, now) : TimeSpan.Zero;

        // No limit counts, and no age drops, what lets a robot stand still.
        if (request.Position != KeyPosition.Up && request.Command != RobotCommand.StopCommand)
        {
            if (!_rate.TryTake(now))
            {
                return Refusal.TooFast(options.CommandsPerSecond);
            }

            if (age > options.MaxCommandAge)
            {
                return Refusal.Stale;
            }
        }

        lock (_gate)
        {
            if (_hasEnded || _selected is null)
            {
                return Refusal.NothingSelected;
            }

            // Whoever holds a key may always let it go.
            return (request.Position == KeyPosition.Up && _selected.IsPressed(socket.Id, request.Command) ? null : Forbids(_selected, caller, request.Command))
                ?? _selected.Command(socket.Id, Person.Of(caller), request.Command, request.Position);
        }
    }

    /// <summary>Tells why somebody may not say a command to a robot now; null when it may be said.</summary>
    private static Refusal? Forbids(RobotControl control, Caller caller, string command)
    {
        var robot = control.Robot;
        if (!DriveRights.MayDrive(robot, caller))
        {
            return DriveRights.WouldSigningInHelp(robot, caller) ? Refusal.SignInFirst : Refusal.MayNotDrive;
        }

        // Stopping is on every panel.
        return control.Panels is not { } panels || command == RobotCommand.StopCommand || DriveRights.MayPress(robot, panels.Find(command), caller) ? null
            : panels.Find(command) is null ? Refusal.NotOnPanel
            : Refusal.MayNotPress;
    }

    private void End()
    {
        lock (_gate)
        {
            _hasEnded = true;
            _selected?.Leave(socket.Id);
            _selected = null;
        }

        visitor.Dispose();
    }

    private void LeaveRoom(string? handle)
    {
        if (handle is not null && handle != _watched && handle != _selected?.Robot.Handle)
        {
            socket.Leave(ControlHub.ViewersOf(handle));
        }
    }
}
