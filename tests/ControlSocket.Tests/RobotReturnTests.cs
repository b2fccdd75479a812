using LiveRobot.ControlSocket.Commands;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>What a robot is told first that connects, or comes back while somebody drives it.</summary>
public sealed class RobotReturnTests : RobotControlScene
{
    [Fact]
    public void StartGuard_RobotOfTheOldKind_IsSentNothingForTwoSeconds()
    {
        var old = new RecordedRobot(_clock) { NeedsStartGuard = true };
        Connect(old);

        Wait(1_999);
        Assert.Equal(Refusal.RobotStarting, Down(Ann, "F"));
        Assert.Null(Up(Ann, "F"));
        Assert.Empty(old.Sent);

        Wait(1);
        Assert.Null(Down(Ann, "F"));
        Assert.EndsWith("F:down", old.Heard);
    }

    [Fact]
    public void StartGuard_RobotOfTheNewKind_TakesCommandsAtOnce()
    {
        Connect();

        Assert.Null(Down(Ann, "F"));
    }

    [Fact]
    public void Return_AfterAHoldEndedMeanwhile_BeginsWithAStop()
    {
        Connect();
        Down(Ann, "F");
        _control.Disconnect(_robot);
        _control.Leave(Ann);

        var returned = new RecordedRobot(_clock);
        Connect(returned);

        Assert.Equal("stop:up", returned.Heard);
    }

    [Fact]
    public void Return_AfterAHoldBeganMeanwhile_BeginsWithAStopAndNeedsAFreshPress()
    {
        Connect();
        _control.Disconnect(_robot);
        Assert.Equal(Refusal.RobotOffline, Down(Ann, "F"));

        var returned = new RecordedRobot(_clock);
        Connect(returned);

        Assert.Equal("stop:up", returned.Heard);
        Assert.Equal(Refusal.Released, Down(Ann, "F"));
        Up(Ann, "F");
        Down(Ann, "F");
        Assert.EndsWith("F:down", returned.Heard);
    }

    [Fact]
    public void Return_WithNothingChanged_GoesOnWithoutAStop()
    {
        Connect();
        Down(Ann, "F");
        _control.Disconnect(_robot);
        Assert.Equal(Refusal.RobotOffline, Say(Ann, "F", KeyPosition.Intermediate));

        var returned = new RecordedRobot(_clock);
        Connect(returned);
        Say(Ann, "F", KeyPosition.Intermediate);

        // This connection has not seen the key go down.
        Assert.Equal("F:down", returned.Heard);
    }

    [Fact]
    public void Return_WhileTwoKeysAreHeld_IsReleasedFromBothWhenItReadsNoMore()
    {
        Connect(_robot, OurClient);
        Down(Ann, "F");
        Down(Ann, "L");
        _control.Disconnect(_robot);
        var returned = new RecordedRobot(_clock);
        Connect(returned, OurClient);
        returned.Suspend();

        // Only one of them is said on the new connection; the robot may move by both.
        Say(Ann, "F", KeyPosition.Intermediate);
        Wait(750);

        Assert.Equal(["F:up", "L:up"], returned.Heard.Split(' ').Order());
    }

    [Fact]
    public void Return_OfARobotThatNeverReadItsRelease_BeginsWithAStop()
    {
        Connect();
        Down(Ann, "F");
        _robot.Suspend();
        _control.Leave(Ann);

        // The old connection is half open: nobody has noticed yet.
        var returned = new RecordedRobot(_clock);
        Connect(returned);

        Assert.Equal("stop:up", returned.Heard);
    }

    [Fact]
    public void Return_OfARobotThatProvedToReadOnlyBeforeItsRelease_BeginsWithAStop()
    {
        Connect();
        Down(Ann, "F");
        _robot.Suspend();
        Wait(300);
        _control.Leave(Ann);
        _robot.AnswerOldestProbe();
        _control.Disconnect(_robot);

        var returned = new RecordedRobot(_clock);
        Connect(returned);

        Assert.Equal("stop:up", returned.Heard);
    }

    [Fact]
    public void Return_BesideAConnectionThatProvesNothing_ReleasesThatOneToo()
    {
        Connect(_robot, OurClient);
        _control.Join(Ann, ticket: null, Person.Anonymous, owns: false);
        _robot.Suspend();
        Down(Ann, "F");

        var returned = new RecordedRobot(_clock);
        Connect(returned);

        Assert.Equal("F:down F:up", _robot.Heard);
        Assert.Equal("stop:up", returned.Heard);
        Assert.Equal([(Ann, "F", "released")], _audience.Refused);
    }

    [Fact]
    public void Return_OfTheOldKind_GetsItsStopWhenItCanTakeOne()
    {
        _control.Disconnect(_robot);
        Down(Ann, "F");
        var returned = new RecordedRobot(_clock) { NeedsStartGuard = true };
        Connect(returned);

        Wait(1_999);
        Assert.Empty(returned.Sent);
        Wait(1);
        Assert.Equal("stop:up", returned.Heard);
    }

    [Fact]
    public void Return_ThatEndsBeforeItsStop_LeavesTheStopToTheNext()
    {
        Down(Ann, "F");
        var returned = new RecordedRobot(_clock) { NeedsStartGuard = true };
        Connect(returned);
        _control.Disconnect(returned);

        var next = new RecordedRobot(_clock);
        Connect(next);

        Assert.Equal("stop:up", next.Heard);
    }
}
