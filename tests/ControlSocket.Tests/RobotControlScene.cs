using LiveRobot.ControlSocket.Commands;
using LiveRobot.ControlSocket.Robots;
using LiveRobot.Testing;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>The control of one robot, two viewers of it and what the robot has heard, on a clock that stands still.</summary>
public abstract class RobotControlScene : IDisposable
{
    private protected const string Ann = "ann";
    private protected const string Bob = "bob";

    private protected static readonly RobotCapabilities OurClient = new(KeyPosition: true, Acknowledge: true);

    private protected readonly ManualClock _clock = new();
    private protected readonly RecordedAudience _audience = new();
    private protected readonly ControlOptions _options = new();
    private protected readonly RobotControl _control;
    private protected readonly RecordedRobot _robot;

    private protected RobotControlScene()
    {
        _control = new RobotControl(Samples.Robot, _options, _clock, _audience);
        _robot = new RecordedRobot(_clock);
    }

    public void Dispose()
    {
        _control.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected void Connect() => Connect(_robot);

    private protected void Connect(RecordedRobot robot, RobotCapabilities? capabilities = null) =>
        _control.Connect(robot, capabilities ?? RobotCapabilities.None);

    private protected void Wait(int milliseconds) => _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));

    private protected Refusal? Down(string viewer, string command) => Say(viewer, command, KeyPosition.Down);

    private protected Refusal? Up(string viewer, string command) => Say(viewer, command, KeyPosition.Up);

    private protected void Repeat(string viewer, string command, int times)
    {
        for (var i = 0; i < times; i++)
        {
            Wait(200);
            Say(viewer, command, KeyPosition.Intermediate);
        }
    }

    private protected Refusal? Say(string viewer, string command, KeyPosition position) =>
        _control.Command(viewer, Person.Anonymous, command, position);
}
