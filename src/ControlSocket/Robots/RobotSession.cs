using System.Text.Json;

using LiveRobot.ControlSocket.Commands;
using LiveRobot.ControlSocket.Latency;
using LiveRobot.ControlSocket.Viewers;
using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Chat;
using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Sockets;

using SocketIO;

namespace LiveRobot.ControlSocket.Robots;

/// <summary>
/// What one socket does as a robot: it presents its private id, again every 60 seconds, and says what it understands.
/// Existing clients send others' ids too.
/// </summary>
internal sealed partial class RobotSession(
    Socket socket,
    Visitor visitor,
    SocketRefusals refusals,
    ViewerSession viewer,
    RobotAccess access,
    RobotSockets robotSockets,
    RobotControls controls,
    LatencyBoard latency,
    RobotSpeech speech,
    RobotVoice voice,
    SlotLeases leases,
    ControlOptions options,
    ControlMetrics metrics,
    TimeProvider clock,
    ILogger<ControlHub> logger)
{
    private const string ServiceName = Slot.Control;

    private readonly Lock _gate = new();
    private RobotCapabilities _capabilities = RobotCapabilities.None;
    private RobotControl? _robot;
    private SocketRobotLink? _link;
    private bool _hasEnded;

    public void Attach()
    {
        socket.On("robot_id", IdentifyAsync);
        socket.On("identify_robot_id", IdentifyAsync);
        socket.On("robot_capabilities", Declare);
        socket.On("chat_message", Say);
        // As in ViewerSession: the socket may end under a robot's lock.
        socket.OnDisconnect(reason => ThreadPool.UnsafeQueueUserWorkItem(session => session.End(reason), this, preferLocal: false));
    }

    /// <summary>Takes <c>{"message"}</c>: the robot says something in its chat, which is served elsewhere.</summary>
    private void Say(SocketEvent received)
    {
        if (_robot is not { } control)
        {
            refusals.Refuse(received, "not_identified", "This is for a robot that has said who it is.");
        }
        else if (speech.Refuse(control.Robot, received[0], out var text) is { } refusal)
        {
            refusals.Refuse(received, refusal.Code, refusal.Error);
        }
        else
        {
            // What else the robot sends does not wait for chat.
            _ = SayAsync(control.Robot, text, received);
        }
    }

    private async Task SayAsync(Robot robot, string text, SocketEvent received)
    {
        if (await voice.SayAsync(robot, text) is { } messageId)
        {
            received.Acknowledge(new { ok = true, _id = messageId });
        }
        else
        {
            Log.NotSaid(logger, robot.Handle);
            refusals.Refuse(received, "not_said", "The chat has not confirmed that this was said.");
        }
    }

    private async ValueTask IdentifyAsync(SocketEvent received)
    {
        var name = received[0].ValueKind switch
        {
            JsonValueKind.String => received[0].GetString()!,
            JsonValueKind.Number => received[0].GetRawText(),
            _ => "",
        };
        var identity = await access.IdentifyAsync(name, visitor);
        if (identity.Refusal is { } refusal)
        {
            Forget(name);
            socket.RefuseRobot(received, refusal);
        }
        else if (identity.Robot is { } robot)
        {
            if (!leases.Admit(socket, ServiceName, robot.Slot))
            {
                return;
            }

            Identify(robot, await controls.OfAsync(robot));
            await robotSockets.TakeAsync(ServiceName, robot.Handle, socket, Resign);
            if (!socket.IsConnected)
            {
                robotSockets.Leave(ServiceName, robot.Handle, socket);
            }

            received.Acknowledge(Reply.To(null));
        }
        else if (await access.FindForViewerAsync(name, visitor) is var found && found.Robot is { } watched)
        {
            viewer.Watch(watched);
            received.Acknowledge(Reply.To(null));
        }
        else
        {
            Forget(name);
            var refused = Refusal.Of(found.Refusal);
            refusals.Refuse(received, refused.Code, refused.Error);
        }
    }

    private void Identify(Robot robot, RobotControl control)
    {
        lock (_gate)
        {
            if (_hasEnded || (_robot == control && _link?.RobotId == robot.RobotId))
            {
                return;
            }

            Leave();
            _robot = control;
            _link = new SocketRobotLink(socket, robot.RobotId, options, metrics, clock);
            control.Connect(_link, _capabilities);
            latency.RobotCame(socket, robot.Handle);
            Log.RobotConnected(logger, robot.Handle, socket.Handshake.EngineIOVersion);
        }
    }

    /// <summary>
    /// The owner may have replaced or restricted the robot-id, or deleted the robot; or who is no robot may have been banned
    /// from the site: then the socket is cut off.
    /// </summary>
    public async Task ReviewAsync()
    {
        if (_link is { } link && !await access.IsStillAsync(link.RobotId, visitor))
        {
            Forget(link.RobotId);
            socket.Disconnect();
        }
        else if (_link is null && await access.RefusesAsync(visitor) is { } refusal)
        {
            socket.CutOff(refusal);
        }
    }

    /// <summary>A newer socket is the robot; this one lets go of everything.</summary>
    private void Resign()
    {
        lock (_gate)
        {
            if (_link is not null)
            {
                _robot?.Release(_link);
            }

            Leave();
        }
    }

    /// <summary>The id by which this socket was a robot's is no longer valid: its owner has replaced it.</summary>
    private void Forget(string robotId)
    {
        lock (_gate)
        {
            if (_link?.RobotId == robotId)
            {
                Leave();
            }
        }
    }

    /// <summary>Takes <c>{"key_position": bool, "acknowledge": bool}</c>.</summary>
    private void Declare(SocketEvent received)
    {
        if (received[0].ValueKind != JsonValueKind.Object)
        {
            refusals.Refuse(received, Refusal.BadRequest.Code, Refusal.BadRequest.Error);
            return;
        }

        lock (_gate)
        {
            _capabilities = new RobotCapabilities(IsTrue(received[0], "key_position"), IsTrue(received[0], "acknowledge"));
            if (_link is not null)
            {
                _robot?.Declare(_link, _capabilities);
            }
        }

        received.Acknowledge(Reply.To(null));
    }

    private static bool IsTrue(JsonElement argument, string name) =>
        argument.ValueKind == JsonValueKind.Object && argument.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private void End(DisconnectReason reason)
    {
        lock (_gate)
        {
            _hasEnded = true;
            if (_robot is not null)
            {
                Log.RobotDisconnected(logger, _robot.Robot.Handle, reason);
            }

            Leave();
        }
    }

    private void Leave()
    {
        if (_link is not null && _robot is not null)
        {
            _robot.Disconnect(_link);
            latency.RobotLeft(socket);
            robotSockets.Leave(ServiceName, _robot.Robot.Handle, socket);
        }

        _robot = null;
        _link = null;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Robot {Handle} has opened its control socket (Engine.IO {Version}).", EventName = "RobotConnected")]
        public static partial void RobotConnected(ILogger logger, string handle, int version);

        [LoggerMessage(2, LogLevel.Information, "Robot {Handle} has closed its control socket: {Reason}.", EventName = "RobotDisconnected")]
        public static partial void RobotDisconnected(ILogger logger, string handle, DisconnectReason reason);

        [LoggerMessage(3, LogLevel.Warning, "The chat has not confirmed what robot {Handle} said.", EventName = "NotSaid")]
        public static partial void NotSaid(ILogger logger, string handle);
    }
}
