using LiveRobot.ControlSocket.Commands;
using LiveRobot.ControlSocket.Turns;
using LiveRobot.Platform.Control;
using LiveRobot.Platform.Robots;

namespace LiveRobot.ControlSocket.Robots;

/// <summary>Those who hear what happens at a robot. Called in order, under the robot's lock: an implementation only queues.</summary>
internal interface IControlAudience
{
    /// <summary>A viewer's command was accepted.</summary>
    void CommandAccepted(Robot robot, RobotCommand command);

    /// <summary>The server released a command by itself, or stopped the robot.</summary>
    void Released(Robot robot, RobotCommand command);

    /// <summary>The robot is told what most have voted for.</summary>
    void Elected(Robot robot, RobotCommand command);

    /// <summary>What a viewer holds was ended by the server.</summary>
    void HoldRefused(string viewer, Robot robot, string command, Refusal refusal);

    /// <summary>Who drives, who waits, or what the owner has laid down has changed. Told at most ten times a second.</summary>
    void TurnsChanged(RobotControl robot, TurnState state);

    /// <summary>One viewer is told how things stand.</summary>
    void Greeted(string viewer, Robot robot, Greeting greeting);

    /// <summary>Others press a command than before, or nobody any longer. Told at most ten times a second.</summary>
    void PressersChanged(Robot robot, string command, IReadOnlyCollection<Presser> pressers);

    /// <summary>The robot obeys another command than before, <c>stop</c> when it obeys none. Told at most ten times a second.</summary>
    void ObeysChanged(Robot robot, string command);

    /// <summary>A button was pressed that nobody can press again for a time.</summary>
    void CoolsDown(Robot robot, string command, TimeSpan time);

    /// <summary>Somebody who has signed in drives, and those who have not wait.</summary>
    void RegisteredActive(Robot robot);

    /// <summary>Exclusive control has ended by itself; the stored rules still say otherwise.</summary>
    void ExclusiveEnded(Robot robot, ExclusiveControl exclusive);

    /// <summary>The robot may be moving now, or no longer is.</summary>
    void MovingChanged(Robot robot, bool mayBeMoving);

    /// <summary>So many viewers have chosen the robot now. Told at most ten times a second.</summary>
    void ViewersChanged(RobotControl robot, int count);

    /// <summary>The robot's first connection has come, or its last one has gone.</summary>
    void ConnectedChanged(RobotControl robot);
}
