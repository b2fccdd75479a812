using System.Text.Json;

using LiveRobot.ControlSocket.Commands;
using LiveRobot.ControlSocket.Latency;
using LiveRobot.ControlSocket.Robots;
using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Identity;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Sockets;

using SocketIO;

namespace LiveRobot.ControlSocket.Viewers;

/// <summary>
/// What one socket does as a viewer: it chooses a robot and presses keys. A watcher sees a robot's commands without
/// being counted.
/// </summary>
/// <param name="admit">Tells whether the robot is served here, and keeps the socket only as long as it is.</param>
internal sealed class ViewerSession(
    Socket socket,
    Visitor visitor,
    SocketRefusals refusals,
    RobotAccess robots,
    RobotControls controls,
    Func<Robot, bool> admit,
    CommandLogWriter log,
    LatencyBoard latency,
    AnonymousNames names,
    ControlOptions options,
    ControlMetrics metrics,
    TimeProvider clock)
{
    /// <summary>A ticket is a secret that the viewer makes, such as a UUID.</summary>
    private const int MaxTicketLength = 64;

    /// <summary>How often the same refusal is written to the log.</summary>
    private static readonly TimeSpan NoteInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly ViewerClock _clock = new();
    private readonly CommandRate _rate = new(options.CommandsPerSecond);
    private readonly FloodGauge _flood = new(options.FloodCommands);
    private readonly long _origin = clock.GetTimestamp();
    private RobotControl? _selected;
    private Person? _anonymous;
    private string? _watched;
    private Refusal? _notedRefusal;
    private TimeSpan _notedAt;
    private bool _hasEnded;

    /// <summary>Gets the robot that the viewer has chosen.</summary>
    public RobotControl? Selected => _selected;

    public void Attach()
    {
        socket.On("select_robot", SelectAsync);
        socket.On("command_to_robot", CommandAsync);
        socket.On("join_line", JoinLineAsync);
        socket.On("leave_line", LeaveLine);
        // The socket may end inside an Emit, that is, under a robot's lock: never take the session's lock there.
        socket.OnDisconnect(reason => ThreadPool.UnsafeQueueUserWorkItem(session => session.End(reason), this, preferLocal: false));
    }

    /// <summary>Shows a robot's commands on this socket. Some existing panels ask for it with the event by which robots identify.</summary>
    public void Watch(Robot robot)
    {
        if (!admit(robot))
        {
            return;
        }

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
            var found = await robots.FindForViewerAsync(handle, visitor);
            if (found.Robot is not { } robot)
            {
                // Its turn passes on at once: it is not expected back.
                selected?.LeaveLine(socket.Id);
                socket.CutOff(found.Refusal);
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

    /// <summary>
    /// Takes <c>{"robot_id": handle}</c> or the bare handle; with <c>ticket</c>, a secret of the viewer's own, it gets its
    /// place back when it returns, and with <c>latency: true</c> it is told round trips.
    /// </summary>
    private async ValueTask SelectAsync(SocketEvent received)
    {
        var argument = received[0];
        var isObject = argument.ValueKind == JsonValueKind.Object;
        var handle = isObject && argument.TryGetProperty("robot_id", out var id) ? id : argument;
        var ticket = isObject && argument.TryGetProperty("ticket", out var secret) && secret.ValueKind == JsonValueKind.String ? secret.GetString() : null;
        var wantsLatency = isObject && argument.TryGetProperty("latency", out var wants) && wants.ValueKind == JsonValueKind.True;
        var isReadable = handle.ValueKind == JsonValueKind.String && !(ticket?.Length > MaxTicketLength);
        var refusal = isReadable ? await SelectAsync(handle.GetString()!, ticket) : Refusal.BadRequest;
        refusals.Answer(received, refusal);
        if (refusal is null && _selected is { } selected)
        {
            selected.Greet(socket.Id);
            latency.ViewerCame(socket, selected.Robot.Handle, wantsLatency);
        }
    }

    private async ValueTask<Refusal?> SelectAsync(string handle, string? ticket)
    {
        var found = await robots.FindForViewerAsync(handle, visitor);
        return found.Robot is not { } robot ? Refusal.Of(found.Refusal)
            : !admit(robot) ? Refusal.Elsewhere
            : await SelectAsync(await controls.OfAsync(robot), ticket, visitor.IsSpectator ? Caller.Anonymous : await visitor.CallerAsync());
    }

    private async Task<Refusal?> SelectAsync(RobotControl robot, string? ticket, Caller caller) =>
        Select(robot, ticket, await PersonAsync(caller), caller.Owns(robot.Robot));

    private Refusal? Select(RobotControl robot, string? ticket, Person person, bool owns)
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
            if (robot.Join(socket.Id, ticket, person, owns) is { } refusal)
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

    /// <summary>Takes nothing: the viewer wants its turn no longer.</summary>
    private void LeaveLine(SocketEvent received)
    {
        _selected?.LeaveLine(socket.Id);
        refusals.Answer(received, _selected is null ? Refusal.NothingSelected : null);
    }

    /// <summary>Takes nothing: the viewer wants a turn.</summary>
    private async ValueTask JoinLineAsync(SocketEvent received)
    {
        var refusal = _selected is not { } selected ? Refusal.NothingSelected
            : ForbidsDriving(selected.Robot, await visitor.CallerAsync()) ?? selected.JoinLine(socket.Id);
        refusals.Answer(received, refusal);
    }

    private async ValueTask CommandAsync(SocketEvent received)
    {
        var came = clock.GetTimestamp();
        var refusal = CommandRequest.TryRead(received[0], options.MaxCommandLength, out var request);
        using var trace = ControlTrace.Command(request);
        var isRepeat = _selected?.IsPressed(socket.Id, request.Command) == true && request.Position != KeyPosition.Up;
        var caller = await visitor.CallerAsync();
        var person = await PersonAsync(caller);
        refusal ??= await SelectForAsync(request) ?? Command(request, caller, person);
        metrics.Commanded(refusal, clock.GetElapsedTime(came));
        trace?.Ended(_selected?.Robot.Handle, refusal);
        Note(request, person, isRepeat, refusal);
        if (received.WantsAcknowledgement)
        {
            received.Acknowledge(Reply.To(refusal));
        }
        else if (refusal is not null && socket.BufferedBytes <= options.MaxUnreadBytes)
        {
            socket.Emit(CommandMessages.Refused(request.Handle, request.Command, refusal));
        }
    }

    /// <summary>Writes the log: each press and release once, and a refusal that goes on once a second.</summary>
    private void Note(CommandRequest request, Person person, bool isRepeat, Refusal? refusal)
    {
        var now = clock.GetElapsedTime(_origin);
        if (_selected is not { } robot || (refusal is null && isRepeat) || (refusal is not null && refusal == _notedRefusal && now - _notedAt < NoteInterval))
        {
            return;
        }

        (_notedRefusal, _notedAt) = (refusal, now);
        log.Append(robot.Robot.Handle, new RobotCommand(request.Command, request.Position, person), refusal?.Code ?? CommandLogWriter.Sent);
    }

    /// <summary>Old viewers name the robot in each command and choose none.</summary>
    private async ValueTask<Refusal?> SelectForAsync(CommandRequest request)
    {
        if (_selected is { } selected)
        {
            return request.Handle is null || request.Handle == selected.Robot.Handle ? null : Refusal.OtherRobot;
        }

        return request.Handle is null ? Refusal.NothingSelected : await SelectAsync(request.Handle, ticket: null);
    }

    private Refusal? Command(CommandRequest request, Caller caller, Person person)
    {
        var now = clock.GetElapsedTime(_origin);
        var age = request.SentAt is { } sentAt ? _clock.Age(sentAt, now) : TimeSpan.Zero;

        // No limit counts, and no age drops, what lets a robot stand still.
        if (request.Position != KeyPosition.Up && request.Command != RobotCommand.StopCommand)
        {
            if (!_rate.TryTake(now))
            {
                if (_flood.Refused(now))
                {
                    _selected?.Flooded(socket.Id);
                }

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
                ?? _selected.Command(
                    socket.Id, person, request.Command, request.Position, caller.Owns(_selected.Robot), _selected.Rules.MayStop(_selected.Robot, caller));
        }
    }

    /// <summary>Tells why somebody may not say a command to a robot now; null when it may be said.</summary>
    private Refusal? Forbids(RobotControl control, Caller caller, string command)
    {
        var robot = control.Robot;
        if (ForbidsDriving(robot, caller) is { } refusal)
        {
            return refusal;
        }

        // Stopping is on every panel.
        return control.Panels is not { } panels || command == RobotCommand.StopCommand || DriveRights.MayPress(robot, panels.Find(command), caller) ? null
            : panels.Find(command) is null ? Refusal.NotOnPanel
            : Refusal.MayNotPress;
    }

    /// <summary>Who this is before others: by the account, or by the name that chat gives them.</summary>
    private async ValueTask<Person> PersonAsync(Caller caller) => caller.Account is { } account
        ? new Person(account.Name, IsAnonymous: false)
        : _anonymous ??= new Person(await names.NameAsync(socket.Handshake), IsAnonymous: true);

    private Refusal? ForbidsDriving(Robot robot, Caller caller) =>
        visitor.IsSpectator ? Refusal.Spectator
        : DriveRights.MayDrive(robot, caller) ? null
        : DriveRights.WouldSigningInHelp(robot, caller) ? Refusal.SignInFirst
        : Refusal.MayNotDrive;

    private void End(DisconnectReason reason)
    {
        lock (_gate)
        {
            _hasEnded = true;
            if (reason == DisconnectReason.ServerDisconnected)
            {
                // It was cut off, on the user socket perhaps by another service, and is not expected back.
                _selected?.LeaveLine(socket.Id);
            }

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
