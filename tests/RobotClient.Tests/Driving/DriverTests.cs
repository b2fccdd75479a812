using System.Globalization;

using LiveRobot.RobotClient.Driving;

namespace LiveRobot.RobotClient.Tests.Driving;

public sealed class DriverTests
{
    private readonly RecordingMotors _motors = new();
    private readonly LogList<Driver> _log = new();
    private readonly Driver _driver;

    public DriverTests() => _driver = new Driver([_motors], _log);

    [Theory]
    [InlineData("F down")]
    [InlineData("F intermediate")]
    [InlineData("F down, L down, F up")]
    [InlineData("F down, F up, F down")]
    public void StopIfMoving_WhileAKeyIsHeld_Stops(string commands)
    {
        Obey(commands);

        _driver.StopIfMoving("connection lost");

        Assert.Equal("stop (connection lost)", _motors.Done[^1]);
    }

    [Theory]
    [InlineData("F down, F up")]
    [InlineData("F down, L down, stop up")]
    [InlineData("F down, L down, L up, F up")]
    [InlineData("LED_OFF")]
    public void StopIfMoving_WithoutAHeldKey_DoesNothing(string commands)
    {
        Obey(commands);
        var done = _motors.Done.Count;

        _driver.StopIfMoving("connection lost");

        Assert.Equal(done, _motors.Done.Count);
    }

    [Fact]
    public void StopIfMoving_Twice_StopsOnce()
    {
        Obey("F down");

        _driver.StopIfMoving("connection lost");
        _driver.StopIfMoving("connection lost");

        Assert.Equal(["F down", "stop (connection lost)"], _motors.Done);
    }

    [Fact]
    public void Obey_MoreKeysThanTheLimit_RefusesThemButNoRelease()
    {
        for (var i = 0; i <= Driver.MostHeldKeys; i++)
        {
            _driver.Obey(new RobotCommand(i.ToString(CultureInfo.InvariantCulture), "down", "ada"));
        }

        Assert.Equal(Driver.MostHeldKeys, _motors.Done.Count);
        Assert.Single(_log.Entries);

        Obey("0 intermediate, 64 up, stop up");
        Assert.Equal(["0 intermediate", "64 up", "stop"], _motors.Done.Skip(Driver.MostHeldKeys));
    }

    [Fact]
    public void Stop_WhenOneOfTheMotorsFails_ReachesTheOthers()
    {
        var driver = new Driver([new BrokenMotors(), _motors], _log);
        driver.Obey(new RobotCommand("F", "down", "ada"));

        driver.StopIfMoving("connection lost");

        Assert.Equal(["F down", "stop (connection lost)"], _motors.Done);
        Assert.Equal(2, _log.Entries.Count);
    }

    private void Obey(string commands)
    {
        foreach (var command in commands.Split(", "))
        {
            var words = command.Split(' ');
            _driver.Obey(new RobotCommand(words[0], words.Length > 1 ? words[1] : "", "ada"));
        }
    }

    private sealed class RecordingMotors : IMotors
    {
        public List<string> Done { get; } = [];

        public void Obey(RobotCommand command) => Done.Add(command.ToString());

        public void Stop(string reason) => Done.Add($"stop ({reason})");
    }

    private sealed class BrokenMotors : IMotors
    {
        public void Obey(RobotCommand command) => throw new InvalidOperationException("no power");

        public void Stop(string reason) => throw new InvalidOperationException("no power");
    }
}
