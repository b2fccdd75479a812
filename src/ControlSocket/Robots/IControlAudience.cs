using LiveRobot.ControlSocket.Commands;
using LiveRobot.Platform.Robots;

namespace LiveRobot.ControlSocket.Robots;

/// <summary>Those who hear what happens at a robot. Called in order, under the robot's lock: an implementation only queues.</summary>
internal interface IControlAudience
{
    /// <summary>A command was accepted, or the server released one.</summary>
    void CommandAccepted(Robot robot, RobotCommand command);

    /// <summary>What a viewer holds was ended by the server.</summary>
    void HoldRefused(string viewer, Robot robot, string command, Refusal refusal);

    /// <summary>So many viewers have chosen the robot now. Told at most ten times a second.</summary>
    void ViewersChanged(RobotControl robot, int count);

    /// <summary>The robot's first connection has come, or its last one has gone.</summary>
    void ConnectedChanged(RobotControl robot);
}
