using LiveRobot.ControlSocket.Commands;
using LiveRobot.ControlSocket.Robots;
using LiveRobot.Platform.Robots;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>Keeps what viewers would be told.</summary>
internal sealed class RecordedAudience : IControlAudience
{
    public List<RobotCommand> Accepted { get; } = [];

    public List<(string Viewer, string Command, string Code)> Refused { get; } = [];

    public List<int> ViewerCounts { get; } = [];

    public int ConnectedChanges { get; private set; }

    public void CommandAccepted(Robot robot, RobotCommand command) => Accepted.Add(command);

    public void HoldRefused(string viewer, Robot robot, string command, Refusal refusal) => Refused.Add((viewer, command, refusal.Code));

    public void ViewersChanged(RobotControl robot, int count) => ViewerCounts.Add(count);

    public void ConnectedChanged(RobotControl robot) => ConnectedChanges++;
}
