using LiveRobot.ControlSocket.Commands;
using LiveRobot.ControlSocket.Robots;
using LiveRobot.ControlSocket.Viewers;
using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Sockets;

using Microsoft.Extensions.Options;

using SocketIO;

namespace LiveRobot.ControlSocket;

/// <summary>Gives each socket its handlers, and viewers what happens at their robot.</summary>
internal sealed class ControlHub(
    ControlPresence presence,
    IOptions<ControlOptions> options,
    RobotAccess access,
    Visitors visitors,
    RobotSockets robotSockets,
    EventRefusals refusals,
    ControlMetrics metrics,
    TimeProvider clock,
    ILogger<ControlHub> logger) : IControlAudience
{
    private Namespace? _sockets;

    /// <summary>The room of those who see a robot's commands.</summary>
    public static string ViewersOf(string handle) => $"viewers:{handle}";

    /// <summary>Registers the handlers on a server.</summary>
    public void Attach(SocketIOServer server, RobotControls controls)
    {
        _sockets = server.Root;
        server.Root.OnConnection(socket =>
        {
            ViewerSession? viewer = null;
            RobotSession? robot = null;
            var visitor = visitors.Open(
                socket.Handshake.OpeningRequest(),
                async () =>
                {
                    await viewer!.ReviewAsync();
                    await robot!.ReviewAsync();
                });
            var refused = refusals.Watch(socket, "control");
            viewer = new ViewerSession(socket, visitor, refused, access, controls, options.Value, metrics, clock);
            robot = new RobotSession(socket, visitor, refused, viewer, access, robotSockets, controls, options.Value, metrics, clock, logger);
            viewer.Attach();
            robot.Attach();
        });
    }

    public void CommandAccepted(Robot robot, RobotCommand command) =>
        _sockets?.To(ViewersOf(robot.Handle)).Emit(CommandMessages.ToViewers(robot, command));

    public void HoldRefused(string viewer, Robot robot, string command, Refusal refusal) =>
        _sockets?.To(viewer).Emit(CommandMessages.Refused(robot.Handle, command, refusal));

    public void ViewersChanged(RobotControl robot, int count)
    {
        _sockets?.To(ViewersOf(robot.Robot.Handle)).Emit(EventMessage.Create("num_viewers", count));
        presence.Changed(robot);
    }

    public void ConnectedChanged(RobotControl robot) => presence.Changed(robot);
}
