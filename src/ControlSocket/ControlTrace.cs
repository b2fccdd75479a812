using System.Diagnostics;

using LiveRobot.ControlSocket.Commands;

namespace LiveRobot.ControlSocket;

/// <summary>
/// The trace of a command: <c>command</c>, from a viewer's event to its answer, and within it <c>send</c> for each connection
/// of the robot that it is written to, which ends with the robot's acknowledgement where it gives one. A span knows the
/// robot by its handle, never by its robot-id, and of people nothing.
/// </summary>
internal static class ControlTrace
{
    private static readonly ActivitySource Source = new("LiveRobot.Control");

    /// <summary>A viewer says a command. Null when this one is not traced.</summary>
    public static Activity? Command(CommandRequest request) => Source.StartActivity("command", ActivityKind.Server)?
        .SetTag("command.position", request.Position.ToWire());

    /// <summary>A command is written to a robot. Null when it is not traced.</summary>
    public static Activity? Send(RobotCommand command) => Source.StartActivity("send", ActivityKind.Producer)?
        .SetTag("command.position", command.IsStop ? "stop" : command.Position.ToWire());

    /// <summary>Tells how it went.</summary>
    /// <param name="handle">The robot that the viewer has chosen; what the viewer calls it may be no handle.</param>
    public static void Ended(this Activity activity, string? handle, Refusal? refusal) => activity
        .SetTag("robot.handle", handle)
        .SetTag("command.outcome", refusal?.Code ?? "accepted");
}
