using LiveRobot.ControlSocket.Commands;
using LiveRobot.ControlSocket.Robots;
using LiveRobot.Platform.Robots;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>What viewers say to a robot, and how it is released.</summary>
public sealed class RobotControlTests : RobotControlScene
{
    [Fact]
    public void Command_RobotIsAway_IsRefused()
    {
        Assert.Equal(Refusal.RobotOffline, Down(Ann, "F"));

        Assert.Empty(_audience.Accepted);
    }

    [Fact]
    public void Command_DownRepeatedAndUp_ReachesTheRobotAsSaid()
    {
        Connect();

        Down(Ann, "F");
        Wait(100);
        Assert.Null(Say(Ann, "F", KeyPosition.Intermediate));
        Wait(100);
        Assert.Null(Up(Ann, "F"));

        Assert.Equal("F:down F:intermediate F:up", _robot.Heard);
        Assert.Equal([KeyPosition.Down, KeyPosition.Intermediate, KeyPosition.Up], _audience.Accepted.Select(command => command.Position));
    }

    [Fact]
    public void Command_ByTheViewer_CarriesWhoTheServerSaysItIs()
    {
        Connect();

        _control.Command(Ann, new Person("alice", false), "F", KeyPosition.Down);

        Assert.Equal(new Person("alice", false), Assert.Single(_robot.Sent).Command.By);
    }

    [Fact]
    public void Command_SeveralConnections_GetsToAll()
    {
        var second = new RecordedRobot(_clock);
        Connect();
        Connect(second);

        Down(Ann, "F");

        Assert.Equal("F:down", _robot.Heard);
        Assert.Equal("F:down", second.Heard);
    }

    [Fact]
    public void Command_IntermediateWithoutAHold_IsRefused()
    {
        Connect();

        Assert.Equal(Refusal.NotHeld, Say(Ann, "F", KeyPosition.Intermediate));

        Assert.Empty(_robot.Sent);
    }

    [Theory]
    [InlineData(ReleaseRule.Up, "F:down F:up")]
    [InlineData(ReleaseRule.Stop, "F:down stop:up")]
    [InlineData(ReleaseRule.None, "F:down")]
    public void Command_Up_FollowsTheOwnersRule(ReleaseRule rule, string heard)
    {
        _control.Update(Samples.Robot with { Release = rule });
        Connect();
        Down(Ann, "F");

        Assert.Null(Up(Ann, "F"));

        Assert.Equal(heard, _robot.Heard);
    }

    [Fact]
    public void Command_UpOfOneOfTwoHolders_LeavesTheRobotToTheOther()
    {
        Connect();
        Down(Ann, "F");
        Down(Bob, "F");

        Up(Ann, "F");
        Assert.Equal("F:down F:down", _robot.Heard);

        Up(Bob, "F");
        Assert.Equal("F:down F:down F:up", _robot.Heard);
    }

    [Fact]
    public void Command_UpOfWhatNobodyHolds_CannotMoveTheRobot()
    {
        Connect();

        Assert.Null(Up(Ann, "F"));

        Assert.Equal("stop:up", _robot.Heard);
    }

    [Fact]
    public void Command_FloodOfUpsOfNothing_EndsInSilence()
    {
        Connect();
        for (var i = 0; i < 1_000; i++)
        {
            Assert.Null(Up(Ann, $"F{i}"));
        }

        Assert.Equal(10, _robot.Sent.Count);

        Down(Ann, "F");
        Up(Ann, "F");
        Assert.EndsWith("F:down F:up", _robot.Heard);
    }

    [Fact]
    public void Leave_WhileHolding_ReleasesAtOnce()
    {
        Connect();
        Down(Ann, "F");

        _control.Leave(Ann);

        Assert.Equal("F:down stop:up", _robot.Heard);
        Assert.Equal(RobotCommand.Up("F", Person.Anonymous), _audience.Accepted[^1]);
    }

    [Fact]
    public void Leave_RobotKnowsKeyPositions_IsReleasedByTheSameCommand()
    {
        Connect(_robot, OurClient);
        Down(Ann, "F");

        _control.Leave(Ann);
        Wait(5_000);

        Assert.Equal("F:down F:up", _robot.Heard);
        Assert.All(_robot.Sent, sent => Assert.True(sent.Acknowledge));
    }

    [Fact]
    public void Leave_RobotThatCannotAcknowledge_IsToldAgainAfter300MillisecondsAndASecond()
    {
        Connect();
        Down(Ann, "F");
        Wait(100);

        _control.Leave(Ann);
        Wait(10_000);

        Assert.Equal("F:down stop:up stop:up stop:up", _robot.Heard);
        Assert.Equal([0, 100, 400, 1_100], _robot.Sent.Select(sent => sent.At.TotalMilliseconds));
        Assert.All(_robot.Sent, sent => Assert.False(sent.Acknowledge));
    }

    [Fact]
    public void Leave_RobotKnowsKeyPositionsButCannotAcknowledge_IsToldAgainToo()
    {
        Connect(_robot, new RobotCapabilities(KeyPosition: true, Acknowledge: false));
        Down(Ann, "F");

        _control.Leave(Ann);
        Wait(10_000);

        Assert.Equal("F:down F:up F:up F:up", _robot.Heard);
    }

    [Fact]
    public void Leave_ThenANewPress_IsNotToldAgain()
    {
        Connect();
        Down(Ann, "F");
        _control.Leave(Ann);
        Wait(500);

        Down(Bob, "L");
        Wait(10_000);

        Assert.Equal("F:down stop:up stop:up L:down", _robot.Heard);
    }

    [Fact]
    public void Leave_OneOfTwoHolders_DoesNotReleaseTheOther()
    {
        Connect();
        Down(Ann, "F");
        Down(Bob, "F");

        _control.Leave(Ann);

        Assert.Equal("F:down F:down", _robot.Heard);
    }

    [Fact]
    public void Hold_OfAClientThatRepeats_EndsASecondAfterTheLastRepeat()
    {
        Connect();
        Down(Ann, "F");
        Wait(300);
        Say(Ann, "F", KeyPosition.Down);

        Wait(999);
        Assert.Equal("F:down F:down", _robot.Heard);
        Wait(1);
        Assert.Equal("F:down F:down stop:up", _robot.Heard);
        Assert.Equal(Refusal.NotHeld, Say(Ann, "F", KeyPosition.Intermediate));
    }

    [Fact]
    public void Hold_OfAClientThatNeverRepeats_StaysAsLongAsTheClient()
    {
        Connect();
        Down(Ann, "F");

        Wait(600_000);
        Assert.Equal("F:down", _robot.Heard);

        _control.Leave(Ann);
        Assert.Equal("F:down stop:up", _robot.Heard);
    }

    [Fact]
    public void Tap_OfAClientThatNeverRepeats_IsFollowedByNothing()
    {
        Connect();

        Say(Ann, "LED_FULL", KeyPosition.Pulse);
        Wait(60_000);

        Assert.Equal("LED_FULL:", _robot.Heard);
    }

    [Fact]
    public void Pulses_Repeated_AreReleasedWhenTheyStop()
    {
        Connect();
        for (var i = 0; i < 4; i++)
        {
            Say(Ann, "F", KeyPosition.Pulse);
            Wait(200);
        }

        Wait(800);
        Assert.Equal("F: F: F: F: stop:up", _robot.Heard);
    }

    [Fact]
    public void Stop_ByAViewer_IsPassedOnAndEndsWhatItHolds()
    {
        Connect(_robot, OurClient);
        Down(Ann, "F");

        Assert.Null(Down(Ann, "stop"));

        Assert.Equal("F:down F:up stop:down", _robot.Heard);
        Assert.Equal(Refusal.Released, Say(Ann, "F", KeyPosition.Intermediate));
        Assert.Null(Up(Ann, "F"));
        Assert.Null(Down(Ann, "F"));
    }

    [Fact]
    public void Press_BeyondWhatARobotMayBeToldInASecond_IsRefused_AndWhatIsHeldGoesOn()
    {
        _control.Connect(_robot, OurClient);
        Assert.Null(_control.Command(Ann, Person.Anonymous, "F", KeyPosition.Down));
        var refusals = Enumerable.Range(1, _options.RobotCommandsPerSecond)
            .Select(number => _control.Command($"viewer {number}", Person.Anonymous, "L", KeyPosition.Down)?.Code)
            .ToArray();

        Assert.All(refusals.SkipLast(1), Assert.Null);
        Assert.Equal("robot_too_fast", refusals[^1]);
        Assert.Null(_control.Command(Ann, Person.Anonymous, "F", KeyPosition.Intermediate));
        Assert.Null(_control.Command(Ann, Person.Anonymous, "F", KeyPosition.Up));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(_control.Command(Bob, Person.Anonymous, "F", KeyPosition.Down));
    }

    [Fact]
    public void Greet_WhoComesLater_IsToldWhatTheOthersWereTold()
    {
        _control.Update(Samples.Robot with { ButtonPanels = """[{"button_panel_label":"","buttons":[{"label":"Horn","command":"HORN","cooldown":30}]}]""" });
        _control.Connect(_robot, OurClient);
        _control.Join(Ann, null, new Person("ann", IsAnonymous: false), owns: false);
        _control.Command(Ann, new Person("ann", IsAnonymous: false), "HORN", KeyPosition.Down);
        _clock.Advance(TimeSpan.FromSeconds(10));

        _control.Join(Bob, null, Person.Anonymous, owns: false);
        _control.Greet(Bob);

        var greeting = _audience.Greeting!;
        Assert.Equal(2, greeting.Number);
        Assert.Equal("HORN", greeting.Obeys);
        Assert.Equal(("HORN", TimeSpan.FromSeconds(20)), Assert.Single(greeting.Cooldowns));
        var (command, pressers) = Assert.Single(greeting.Pressed);
        Assert.Equal("HORN", command);
        Assert.Equal("ann", Assert.Single(pressers).Person.User);
    }

    [Fact]
    public void Join_BeyondTheLimitOfViewers_IsRefused()
    {
        var options = new ControlOptions { ViewersPerRobot = 2 };
        using var control = new RobotControl(Samples.Robot, options, _clock, _audience);

        Assert.Null(control.Join("1", ticket: null, Person.Anonymous, owns: false));
        Assert.Null(control.Join("2", ticket: null, Person.Anonymous, owns: false));
        Assert.Null(control.Join("2", ticket: null, Person.Anonymous, owns: false));
        Assert.Equal("robot_full", control.Join("3", ticket: null, Person.Anonymous, owns: false)?.Code);
        control.Leave("1");
        Assert.Null(control.Join("3", ticket: null, Person.Anonymous, owns: false));
    }

    [Fact]
    public void Join_InARush_IsToldTenTimesASecond()
    {
        for (var i = 0; i < 100; i++)
        {
            _control.Join($"{i}", ticket: null, Person.Anonymous, owns: false);
        }

        Assert.Equal([1], _audience.ViewerCounts);
        Wait(99);
        Assert.Equal([1], _audience.ViewerCounts);
        Wait(1);
        Assert.Equal([1, 100], _audience.ViewerCounts);
        Wait(60_000);
        _control.Leave("7");
        _control.Leave("7");
        Assert.Equal([1, 100, 99], _audience.ViewerCounts);
    }

    [Fact]
    public void Connect_FirstAndLastConnection_ChangePresence()
    {
        var second = new RecordedRobot(_clock);
        Connect();
        Connect(second);
        Assert.Equal(1, _audience.ConnectedChanges);

        _control.Disconnect(_robot);
        Assert.True(_control.IsConnected);
        _control.Disconnect(second);
        _control.Disconnect(second);

        Assert.False(_control.IsConnected);
        Assert.Equal(2, _audience.ConnectedChanges);
    }
}
