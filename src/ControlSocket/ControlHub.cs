using System.Collections.Concurrent;

using LiveRobot.ControlSocket.Commands;
using LiveRobot.ControlSocket.Latency;
using LiveRobot.ControlSocket.Robots;
using LiveRobot.ControlSocket.Turns;
using LiveRobot.ControlSocket.Viewers;
using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Chat;
using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Control;
using LiveRobot.Platform.Identity;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Sockets;

using Microsoft.Extensions.Options;

using SocketIO;

namespace LiveRobot.ControlSocket;

/// <summary>Gives each socket its handlers, and viewers what happens at their robot.</summary>
internal sealed partial class ControlHub(
    ControlPresence presence,
    IOptions<ControlOptions> options,
    RobotAccess access,
    ControlRulesStore rules,
    MovingRobots moving,
    CommandLogWriter log,
    Visitors visitors,
    BanDirectory bans,
    Callers callers,
    RobotSockets robotSockets,
    EventRefusals refusals,
    UserSocket userSocket,
    ControlMetrics metrics,
    LatencyBoard latency,
    AnonymousNames names,
    RobotSpeech speech,
    RobotVoice voice,
    SlotLeases leases,
    TimeProvider clock,
    ILogger<ControlHub> logger) : IControlAudience
{
    /// <summary>Who has exclusive control of which robot, as viewers were told last.</summary>
    private readonly ConcurrentDictionary<string, string> _exclusive = new(StringComparer.Ordinal);

    private Namespace? _sockets;

    /// <summary>The room of those who see a robot's commands.</summary>
    public static string ViewersOf(string handle) => $"control:{handle}";

    /// <summary>Registers the handlers on a server.</summary>
    public void Attach(SocketIOServer server, RobotControls controls)
    {
        _sockets = server.Root;
        server.Root.RefuseBanned(bans, callers);
        server.Root.OnConnection(socket =>
        {
            var visitor = visitors.Open(socket.Handshake.OpeningRequest());
            var refused = refusals.Watch(socket, "control");
            var viewer = AttachViewer(socket, visitor, refused, controls, robot => leases.Admit(socket, Slot.Control, robot.Slot));
            var robot = new RobotSession(socket, visitor, refused, viewer, access, robotSockets, controls, latency, speech, voice, leases, options.Value, metrics, clock, logger);
            robot.Attach();
            visitor.OnReview(async () =>
            {
                await viewer.ReviewAsync();
                await robot.ReviewAsync();
            });
        });

        // Chat's sockets stay, whichever robots are controlled here.
        bool IsServed(Robot robot) => leases.Serves(Slot.Control, robot.Slot);
        userSocket.OnConnection(socket =>
        {
            var visitor = visitors.Open(socket.Handshake.OpeningRequest());
            var viewer = AttachViewer(socket, visitor, refusals.Of(socket, "control"), controls, IsServed);
            visitor.OnReview(viewer.ReviewAsync);
        });
    }

    public void CommandAccepted(Robot robot, RobotCommand command) =>
        Tell(ViewersOf(robot.Handle), CommandMessages.ToViewers(robot, command));

    public void Released(Robot robot, RobotCommand command)
    {
        CommandAccepted(robot, command);
        log.Append(robot.Handle, command, CommandLogWriter.Released);
    }

    public void Elected(Robot robot, RobotCommand command) => log.Append(robot.Handle, command, CommandLogWriter.Voted);

    public void HoldRefused(string viewer, Robot robot, string command, Refusal refusal) =>
        Tell(viewer, CommandMessages.Refused(robot.Handle, command, refusal));

    public void TurnsChanged(RobotControl robot, TurnState state)
    {
        var handle = robot.Robot.Handle;
        Tell(ViewersOf(handle), CommandMessages.State(robot.Robot, state));
        if (state.Exclusive is { } username)
        {
            if (!_exclusive.TryGetValue(handle, out var told) || told != username)
            {
                _exclusive[handle] = username;
                Tell(ViewersOf(handle), CommandMessages.ExclusiveControlStatus(robot.Robot, username));
            }
        }
        else if (_exclusive.TryRemove(handle, out _))
        {
            Tell(ViewersOf(handle), CommandMessages.ExclusiveControlStatus(robot.Robot, null));
        }
    }

    public void Greeted(string viewer, Robot robot, Greeting greeting)
    {
        Tell(viewer, CommandMessages.State(robot, greeting.Turns, greeting.Number));
        foreach (var (command, pressers) in greeting.Pressed)
        {
            Tell(viewer, CommandMessages.Pressers(robot, command, pressers));
        }

        foreach (var (command, left) in greeting.Cooldowns)
        {
            Tell(viewer, CommandMessages.CoolsDown(robot, command, left));
        }

        if (greeting.Obeys != RobotCommand.StopCommand)
        {
            Tell(viewer, CommandMessages.Obeys(robot, greeting.Obeys));
        }

        if (greeting.Turns.Exclusive is { } username)
        {
            Tell(viewer, CommandMessages.ExclusiveControlStatus(robot, username));
        }
    }

    public void PressersChanged(Robot robot, string command, IReadOnlyCollection<Presser> pressers) =>
        Tell(ViewersOf(robot.Handle), CommandMessages.Pressers(robot, command, pressers));

    public void ObeysChanged(Robot robot, string command) => Tell(ViewersOf(robot.Handle), CommandMessages.Obeys(robot, command));

    public void CoolsDown(Robot robot, string command, TimeSpan time) => Tell(ViewersOf(robot.Handle), CommandMessages.CoolsDown(robot, command, time));

    public void RegisteredActive(Robot robot) => Tell(ViewersOf(robot.Handle), CommandMessages.RegisteredUserActive(robot));

    public void ExclusiveEnded(Robot robot, ExclusiveControl exclusive) => _ = EndExclusiveAsync(robot.Handle, exclusive);

    public void MovingChanged(Robot robot, bool mayBeMoving) => moving.Changed(robot.Handle, mayBeMoving);

    public void ViewersChanged(RobotControl robot, int count)
    {
        Tell(ViewersOf(robot.Robot.Handle), EventMessage.Create("num_viewers", count));
        presence.Changed(robot);
    }

    public void ConnectedChanged(RobotControl robot) => presence.Changed(robot);

    private ViewerSession AttachViewer(Socket socket, Visitor visitor, SocketRefusals refused, RobotControls controls, Func<Robot, bool> admit)
    {
        var viewer = new ViewerSession(socket, visitor, refused, access, controls, admit, log, latency, names, options.Value, metrics, clock);
        viewer.Attach();
        new OwnerRequests(socket, visitor, refused, viewer, rules, clock).Attach();
        return viewer;
    }

    /// <summary>Tells a room, or one socket by its id, here and on the user socket.</summary>
    private void Tell(string room, EventMessage message)
    {
        _sockets?.To(room).Emit(message);
        userSocket.Emit(room, message);
    }

    private async Task EndExclusiveAsync(string handle, ExclusiveControl exclusive)
    {
        // Off the robot's lock.
        await Task.Yield();
        try
        {
            await rules.EndExclusiveAsync(handle, exclusive);
        }
#pragma warning disable CA1031 // It has ended here; whatever the store throws, the next start of this service finds that it is over.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.ExclusiveNotStored(logger, exception, handle);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The end of exclusive control of robot {Handle} could not be stored.", EventName = "ExclusiveNotStored")]
        public static partial void ExclusiveNotStored(ILogger logger, Exception exception, string handle);
    }
}
