using LiveRobot.ControlSocket.Commands;
using LiveRobot.ControlSocket.Robots;
using LiveRobot.Platform.Robots;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>What is written to a robot that may not read: nothing that could move it late.</summary>
public sealed class RobotProofTests : RobotControlScene
{
    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    public void WhenTheProofIsNoLongerKeptFresh_NothingIsTimed_AlsoAfterALateAnswer(int late)
    {
        Connect();
        Down(Ann, "F");
        Up(Ann, "F");
        Wait((int)_options.ProveFor.TotalMilliseconds - 500);
        var probes = _robot.Probes;

        // One more is sent within the half second that is left.
        _robot.Suspend();
        Wait(500 + late);
        _robot.Resume();

        Assert.True(_robot.Probes > probes);
        Assert.Equal(0, _clock.Timers);
    }

    [Fact]
    public void Suspended_WhileAKeyIsHeldAndReleased_FindsTheStopAndNoStaleMovement()
    {
        Connect();
        Down(Ann, "F");
        Repeat(Ann, "F", times: 10);
        var before = _robot.Sent.Count;

        _robot.Suspend();
        Repeat(Ann, "F", times: 25);
        Up(Ann, "F");
        Wait(2_000);
        _robot.Resume();
        Wait(2_000);

        Assert.All(_robot.Sent.Skip(before), sent => Assert.True(sent.Command.IsStop));
        Assert.NotEmpty(_robot.Sent.Skip(before));
    }

    [Fact]
    public void Suspended_WhileTheViewerVanishes_FindsTheStopAndNoStaleMovement()
    {
        Connect();
        Down(Ann, "F");
        Repeat(Ann, "F", times: 10);
        var before = _robot.Sent.Count;

        _robot.Suspend();
        Repeat(Ann, "F", times: 3);
        _control.Leave(Ann);

        // At once, not when the robot is back.
        Assert.Equal(RobotCommand.StopCommand, Assert.Single(_robot.Sent.Skip(before)).Command.Command);
        Wait(5_000);
        _robot.Resume();
        Wait(5_000);
        Assert.All(_robot.Sent.Skip(before), sent => Assert.True(sent.Command.IsStop));
    }

    [Fact]
    public void Suspended_AndLetGoInTheSameMoment_FindsTheStopInPlaceOfTheUp()
    {
        Connect();
        Down(Ann, "F");
        var before = _robot.Sent.Count;

        // The last proof is of this very moment, and still says nothing of what comes.
        _robot.Suspend();
        Up(Ann, "F");
        Wait(750);
        _robot.Resume();

        Assert.Equal(RobotCommand.Stop(Person.Anonymous), Assert.Single(_robot.Sent.Skip(before)).Command);
    }

    [Fact]
    public void Suspended_PastTheLastRepeatOfItsRelease_IsToldOnceMoreWhenItReadsAgain()
    {
        Connect();
        Down(Ann, "F");
        _robot.Suspend();
        _control.Leave(Ann);
        Wait(5_000);
        Assert.Equal("F:down stop:up stop:up stop:up", _robot.Heard);

        // It finds them all at once, and may be deaf to all for the rest of its movement.
        _robot.Resume();
        Wait(299);
        Assert.Equal("F:down stop:up stop:up stop:up", _robot.Heard);
        Wait(1);
        Assert.Equal("F:down stop:up stop:up stop:up stop:up", _robot.Heard);
        Wait(60_000);
        Assert.Equal("F:down stop:up stop:up stop:up stop:up", _robot.Heard);
    }

    [Fact]
    public void Suspended_PastTheLastRepeatOfItsRelease_IsNotToldOnceMoreAfterANewPress()
    {
        Connect();
        Down(Ann, "F");
        _robot.Suspend();
        _control.Leave(Ann);
        Wait(5_000);
        _robot.Resume();

        Down(Ann, "F");
        Wait(1_000);

        Assert.EndsWith("F:down", _robot.Heard);
    }

    [Fact]
    public void Suspended_LetGoAndPressedAgain_FindsTheStopInPlaceOfTheUp()
    {
        Connect();
        Down(Ann, "F");
        Wait(5_000);
        var before = _robot.Sent.Count;
        _robot.Suspend();
        Wait(1_000);

        Up(Ann, "F");
        Down(Ann, "L");

        Assert.Equal(RobotCommand.Stop(Person.Anonymous), Assert.Single(_robot.Sent.Skip(before)).Command);
        _robot.Resume();
        Assert.EndsWith("L:down", _robot.Heard);
    }

    [Fact]
    public void Suspended_RobotThatKnowsKeyPositions_FindsTheUpAndNoStaleMovement()
    {
        Connect(_robot, OurClient);
        Down(Ann, "F");
        var before = _robot.Sent.Count;

        _robot.Suspend();
        Repeat(Ann, "F", times: 3);
        Up(Ann, "F");

        Assert.Equal(RobotCommand.Up("F", Person.Anonymous), Assert.Single(_robot.Sent.Skip(before)).Command);
        Wait(5_000);
        _robot.Resume();
        Assert.Single(_robot.Sent.Skip(before));
    }

    [Fact]
    public void Suspended_ThenPressedAfresh_BecomesTheReleaseWhenTooOld()
    {
        Connect();
        Wait(1_000);
        _control.Join(Ann, ticket: null, Person.Anonymous, owns: false);
        _robot.Suspend();
        Wait(1_000);

        Assert.Null(Down(Ann, "F"));
        Wait(749);
        Assert.Empty(_robot.Sent);
        Wait(1);

        Assert.Equal("stop:up", _robot.Heard);
        Assert.Equal([(Ann, "F", "robot_not_reading")], _audience.Refused);
        Assert.Equal(Refusal.Released, Say(Ann, "F", KeyPosition.Intermediate));
        _robot.Resume();
        Assert.Equal("stop:up", _robot.Heard);
    }

    [Fact]
    public void Suspended_AndBackInTime_GetsTheNewestMovementOnly()
    {
        Connect();
        Down(Ann, "F");
        var before = _robot.Sent.Count;
        _robot.Suspend();
        Wait(300);

        Say(Ann, "F", KeyPosition.Intermediate);
        Say(Ann, "F", KeyPosition.Intermediate);
        Down(Bob, "L");
        _robot.Resume();

        Assert.Equal("L", Assert.Single(_robot.Sent.Skip(before)).Command.Command);
    }

    [Fact]
    public void Suspended_ZombieBesideALiveConnection_DoesNotKeepTheRobotFromDriving()
    {
        var zombie = new RecordedRobot(_clock);
        Connect();
        Connect(zombie);
        zombie.Suspend();
        Wait(1_000);

        Down(Ann, "F");
        Wait(2_000);
        Assert.Null(Say(Ann, "F", KeyPosition.Intermediate));

        Assert.Equal("F:down F:intermediate", _robot.Heard);
        Assert.All(zombie.Sent, sent => Assert.True(sent.Command.IsStop));
    }

    [Fact]
    public void Suspended_ZombieBackAfterItsRelease_WaitsForAFreshPress()
    {
        var zombie = new RecordedRobot(_clock);
        Connect();
        Connect(zombie);
        zombie.Suspend();
        Wait(1_000);
        Down(Ann, "F");
        Wait(800);

        Say(Ann, "F", KeyPosition.Intermediate);
        zombie.Resume();
        Assert.All(zombie.Sent, sent => Assert.True(sent.Command.IsStop));

        Down(Bob, "L");
        Assert.EndsWith("L:down", zombie.Heard);
    }

    [Fact]
    public void Suspended_AndLetGoWithNoReleaseWanted_FindsNothing()
    {
        _control.Update(Samples.Robot with { Release = ReleaseRule.None });
        Connect();
        Wait(1_000);
        _robot.Suspend();

        Down(Ann, "F");
        Up(Ann, "F");
        _robot.Resume();

        Assert.Empty(_robot.Sent);
    }

    [Fact]
    public void Suspended_WhileAKeyIsRepeated_IsReleasedAfter10SecondsAndTheViewerTold()
    {
        Connect();
        Down(Ann, "F");
        _robot.Suspend();
        for (var repeat = 0; repeat < 34; repeat++)
        {
            Wait(290);
            Assert.Null(Say(Ann, "F", KeyPosition.Intermediate));
        }

        Assert.Empty(_audience.Refused);
        Wait(600);

        Assert.Equal([(Ann, "F", "robot_not_reading")], _audience.Refused);
        Assert.Equal("released", Say(Ann, "F", KeyPosition.Intermediate)?.Code);
        _robot.Resume();
        Assert.Equal("F:down stop:up", _robot.Heard);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Tap_ShorterThanTheProofTakes_IsPassedOnWhole(bool keyPosition)
    {
        Connect(_robot, new RobotCapabilities(keyPosition, Acknowledge: false));
        Wait(1_000);
        _robot.Suspend();

        Down(Ann, "F");
        Up(Ann, "F");
        Assert.Empty(_robot.Sent);
        _robot.Resume();

        Assert.Equal("F:down F:up", _robot.Heard);
    }

    [Fact]
    public void Tap_OfARobotThatDoesNotRead_MovesItNoMore()
    {
        Connect(_robot, OurClient);
        Wait(1_000);
        _robot.Suspend();

        Down(Ann, "F");
        Up(Ann, "F");
        Wait(750);
        _robot.Resume();

        Assert.Equal("F:up", _robot.Heard);
    }

    [Fact]
    public void Repeat_AnsweredByAProbeThatBeganBeforeIt_WaitsForTheNext()
    {
        Connect();
        Down(Ann, "F");
        _robot.Suspend();
        Wait(300);

        Say(Ann, "F", KeyPosition.Intermediate);
        _robot.AnswerOldestProbe();
        Assert.Equal("F:down", _robot.Heard);

        _robot.AnswerOldestProbe();
        Assert.Equal("F:down F:intermediate", _robot.Heard);
    }

    [Fact]
    public void Repeat_OfAnotherKey_TakesBackWhatIsStillToBeSaidOfARelease()
    {
        Connect();
        Down(Ann, "F");
        Down(Bob, "L");
        _control.Leave(Ann);
        Wait(100);

        Say(Bob, "L", KeyPosition.Intermediate);
        Wait(900);

        // The stop has ended what the robot knew of L, so it is told anew that this key is down.
        Assert.Equal("F:down L:down stop:up L:down", _robot.Heard);
    }

    [Fact]
    public void FreshPress_WhileARepeatOfTheSameKeyWaits_TakesItsPlace()
    {
        Connect();
        Down(Ann, "F");
        _robot.Suspend();
        Say(Ann, "F", KeyPosition.Intermediate);

        Down(Bob, "F");
        _robot.Resume();

        Assert.Equal("F:down F:down", _robot.Heard);
    }

    [Fact]
    public void FreshPress_WithAProofOfNow_DoesNotWaitForAnother()
    {
        Connect();
        _control.Join(Ann, ticket: null, Person.Anonymous, owns: false);
        Wait(250);
        _robot.Suspend();

        Down(Ann, "F");

        Assert.Equal("F:down", _robot.Heard);
    }

    [Fact]
    public void Repeat_IsNotWrittenOnAnOlderProof()
    {
        Connect();
        Down(Ann, "F");
        _robot.Suspend();

        Say(Ann, "F", KeyPosition.Intermediate);

        Assert.Equal("F:down", _robot.Heard);
    }

    [Fact]
    public void Proof_OfARobotThatNobodyDrives_IsNotRenewed()
    {
        Connect();
        _control.Join(Ann, ticket: null, Person.Anonymous, owns: false);
        Wait(20_000);
        var probes = _robot.Probes;

        Wait(600_000);

        Assert.Equal(probes, _robot.Probes);
    }
}
