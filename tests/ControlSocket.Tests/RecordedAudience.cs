using LiveRobot.ControlSocket.Commands;
using LiveRobot.ControlSocket.Robots;
using LiveRobot.ControlSocket.Turns;
using LiveRobot.Platform.Control;
using LiveRobot.Platform.Robots;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>Keeps what viewers would be told.</summary>
internal sealed class RecordedAudience : IControlAudience
{
    public List<RobotCommand> Accepted { get; } = [];

    public List<(string Viewer, string Command, string Code)> Refused { get; } = [];

    public List<int> ViewerCounts { get; } = [];

    public List<TurnState> Turns { get; } = [];

    /// <summary>Gets what a newcomer was told last.</summary>
    public Greeting? Greeting { get; private set; }

    /// <summary>Gets what viewers saw others press, as <c>command:numbers</c>.</summary>
    public List<string> Pressers { get; } = [];

    /// <summary>Gets what won votes.</summary>
    public List<string> Votes { get; } = [];

    public List<string> Obeys { get; } = [];

    public List<(string Command, TimeSpan Time)> Cooldowns { get; } = [];

    public int RegisteredActives { get; private set; }

    public List<ExclusiveControl> EndedExclusives { get; } = [];

    public bool MayBeMoving { get; private set; }

    public int ConnectedChanges { get; private set; }

    public void CommandAccepted(Robot robot, RobotCommand command) => Accepted.Add(command);

    public void Released(Robot robot, RobotCommand command) => Accepted.Add(command);

    public void Elected(Robot robot, RobotCommand command) => Votes.Add(command.Command);

    public void HoldRefused(string viewer, Robot robot, string command, Refusal refusal) => Refused.Add((viewer, command, refusal.Code));

    public void TurnsChanged(RobotControl robot, TurnState state) => Turns.Add(state);

    public void Greeted(string viewer, Robot robot, Greeting greeting) => Greeting = greeting;

    public void PressersChanged(Robot robot, string command, IReadOnlyCollection<Presser> pressers) =>
        Pressers.Add($"{command}:{string.Join(',', pressers.Select(presser => presser.Number).Order())}");

    public void ObeysChanged(Robot robot, string command) => Obeys.Add(command);

    public void CoolsDown(Robot robot, string command, TimeSpan time) => Cooldowns.Add((command, time));

    public void RegisteredActive(Robot robot) => RegisteredActives++;

    public void ExclusiveEnded(Robot robot, ExclusiveControl exclusive) => EndedExclusives.Add(exclusive);

    public void MovingChanged(Robot robot, bool mayBeMoving) => MayBeMoving = mayBeMoving;

    public void ViewersChanged(RobotControl robot, int count) => ViewerCounts.Add(count);

    public void ConnectedChanged(RobotControl robot) => ConnectedChanges++;
}
