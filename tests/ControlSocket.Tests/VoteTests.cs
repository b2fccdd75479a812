using LiveRobot.ControlSocket.Commands;
using LiveRobot.ControlSocket.Robots;
using LiveRobot.Platform.Control;
using LiveRobot.Testing;

namespace LiveRobot.ControlSocket.Tests;

public sealed class VoteTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly RecordedAudience _audience = new();
    private readonly RobotControl _control;
    private readonly RecordedRobot _robot;

    public VoteTests()
    {
        _control = new RobotControl(Samples.Robot, new ControlOptions(), _clock, _audience);
        _robot = new RecordedRobot(_clock);
        _control.Connect(_robot, new RobotCapabilities(KeyPosition: true, Acknowledge: true));
        _control.Update(new ControlRules { Version = 1, Mode = ControlMode.Vote });
    }

    public void Dispose() => _control.Dispose();

    [Fact]
    public void WhatMostPress_IsSentWhenTheWindowEnds()
    {
        Say("a", "F", KeyPosition.Down);
        Say("b", "L", KeyPosition.Down);
        Say("c", "L", KeyPosition.Down);

        Wait(999);
        Assert.Empty(_robot.Sent);
        Wait(1);

        Assert.Equal("L:down", _robot.Heard);
    }

    [Fact]
    public void OfTwoWithAsMany_TheOneThatWasWantedFirstWins()
    {
        Say("a", "F", KeyPosition.Down);
        Say("b", "L", KeyPosition.Down);

        Wait(1_000);

        Assert.Equal("F:down", _robot.Heard);
    }

    [Fact]
    public void EachHasOneVote_ItsNewestPress()
    {
        Say("a", "F", KeyPosition.Down);
        Say("a", "L", KeyPosition.Down);
        Say("a", "F", KeyPosition.Intermediate);
        Say("b", "F", KeyPosition.Down);
        Say("c", "L", KeyPosition.Down);

        Wait(1_000);

        Assert.Equal("L:down", _robot.Heard);
    }

    [Fact]
    public void TheWinner_IsHeldAndRepeatedUntilTheNextIsCounted()
    {
        Say("a", "F", KeyPosition.Down);
        Wait(1_000);
        Say("b", "L", KeyPosition.Pulse);
        Say("c", "L", KeyPosition.Pulse);

        Wait(1_000);

        Assert.Equal("F:down F:intermediate F:intermediate F:intermediate F:up L:down", _robot.Heard);
    }

    [Fact]
    public void ATap_CountsForOneWindow_AndThenTheRobotIsReleased()
    {
        Say("a", "F", KeyPosition.Down);
        Say("a", "F", KeyPosition.Up);
        Wait(1_000);
        Assert.Equal("F:down", _robot.Heard);

        Wait(1_000);

        Assert.EndsWith("F:up", _robot.Heard);
        var heard = _robot.Heard;
        Wait(60_000);
        Assert.Equal(heard, _robot.Heard);
    }

    [Fact]
    public void AVoteWhoseRepeatsFailToCome_CountsNoMore()
    {
        Say("a", "F", KeyPosition.Down);
        Wait(300);
        Say("a", "F", KeyPosition.Intermediate);
        Wait(700);
        Assert.Equal("F:down", _robot.Heard);

        Wait(299);
        Assert.DoesNotContain("F:up", _robot.Heard);
        Wait(1);

        Assert.EndsWith("F:up", _robot.Heard);
    }

    [Fact]
    public void TheWinner_IsReleasedAtOnceWhenTheLastWhoHoldsItLetsGo()
    {
        Say("a", "F", KeyPosition.Down);
        Say("b", "F", KeyPosition.Down);
        Wait(1_000);

        Say("a", "F", KeyPosition.Up);
        Assert.Equal("F:down", _robot.Heard);
        Say("b", "F", KeyPosition.Up);

        Assert.Equal("F:down F:up", _robot.Heard);
        Wait(60_000);
        Assert.Equal("F:down F:up", _robot.Heard);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WhoeverLeaves_TakesTheWinnerAlong(bool isTap)
    {
        Say("a", "F", isTap ? KeyPosition.Pulse : KeyPosition.Down);
        Wait(1_000);
        Assert.Equal("F:down", _robot.Heard);

        _control.Leave("a");

        Assert.Equal("F:down F:up", _robot.Heard);
    }

    [Fact]
    public void WhoeverWantsSomethingElse_HoldsTheWinnerNoLonger()
    {
        Say("a", "F", KeyPosition.Down);
        Wait(1_000);

        Say("a", "L", KeyPosition.Down);
        Assert.Equal("F:down F:up", _robot.Heard);
        Wait(1_000);

        Assert.Equal("F:down F:up L:down", _robot.Heard);
    }

    [Fact]
    public void WhoeverLeaves_TakesTheVoteAlong()
    {
        Say("a", "F", KeyPosition.Down);
        _control.Leave("a");

        Wait(1_000);

        Assert.Empty(_robot.Sent);
    }

    [Fact]
    public void Stop_CanWin_AndMakesNoHold()
    {
        Say("a", "stop", KeyPosition.Down);

        Wait(3_000);

        Assert.Equal("stop:up", _robot.Heard);
    }

    [Fact]
    public void WithAnotherMode_TheWinnerIsReleasedAtOnce()
    {
        Say("a", "F", KeyPosition.Down);
        Wait(1_000);

        _control.Update(new ControlRules { Version = 2 });

        Assert.Equal("F:down F:up", _robot.Heard);
        Assert.Equal("not_held", Say("a", "F", KeyPosition.Intermediate));
    }

    [Fact]
    public void HoldsByHand_EndWhenTheVoteBegins()
    {
        _control.Update(new ControlRules { Version = 2 });
        Say("a", "F", KeyPosition.Down);

        _control.Update(new ControlRules { Version = 3, Mode = ControlMode.Vote });

        Assert.Equal("F:down F:up", _robot.Heard);
        Assert.Equal(("a", "F", "released"), Assert.Single(_audience.Refused));
    }

    [Fact]
    public void TheRobotIsAway_TheVoteIsRefused()
    {
        _control.Disconnect(_robot);

        Assert.Equal("robot_offline", Say("a", "F", KeyPosition.Down));
    }

    [Fact]
    public void Viewers_SeeWhoVotesForWhat_AndWhatTheRobotObeys()
    {
        Say("a", "F", KeyPosition.Down);
        Say("b", "F", KeyPosition.Down);
        Wait(1_100);

        Assert.Equal("F:1,2", _audience.Pressers[^1]);
        Assert.Equal(["F"], _audience.Obeys);

        _control.Leave("a");
        _control.Leave("b");
        Wait(2_000);
        Assert.Equal("F:", _audience.Pressers[^1]);
        Assert.Equal(["F", "stop"], _audience.Obeys);
    }

    private string? Say(string viewer, string command, KeyPosition position) => _control.Command(viewer, Person.Anonymous, command, position)?.Code;

    private void Wait(int milliseconds) => _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
}
