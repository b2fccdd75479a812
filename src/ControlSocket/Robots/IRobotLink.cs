using LiveRobot.ControlSocket.Commands;

namespace LiveRobot.ControlSocket.Robots;

/// <summary>The way to one connected robot.</summary>
internal interface IRobotLink
{
    /// <summary>Gets whether the robot is of the kind that a command in its first moments jams for good.</summary>
    bool NeedsStartGuard { get; }

    /// <summary>Writes a command and returns at once.</summary>
    /// <param name="command">The command.</param>
    /// <param name="acknowledge">Whether to ask for an acknowledgement; only of robots that have said that they give one.</param>
    void Send(RobotCommand command, bool acknowledge);

    /// <summary>Completes with true once the robot has proven to read what was sent before this call; with false when the connection has ended.</summary>
    Task<bool> ProbeAsync();
}
