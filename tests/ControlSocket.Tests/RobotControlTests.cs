using LiveRobot.ControlSocket.Commands;
using LiveRobot.ControlSocket.Robots;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.ControlSocket.Tests;

public sealed class RobotControlTests : IDisposable
{
    private const string Ann = "ann";
    private const string Bob = "bob";

    private static readonly RobotCapabilities OurClient = new(KeyPosition: true, Acknowledge: true);

    private readonly ManualClock _clock = new();
    private readonly RecordedAudience _audience = new();
    private readonly ControlOptions _options = new();
    private readonly RobotControl _control;
    private readonly RecordedRobot _robot;

    public RobotControlTests()
    {
        _control = new RobotControl(Samples.Robot, _options, _clock, _audience);
        _robot = new RecordedRobot(_clock);
    }

    public void Dispose() => _control.Dispose();

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

    private void Connect() => Connect(_robot);

    private void Connect(RecordedRobot robot, RobotCapabilities? capabilities = null) =>
        _control.Connect(robot, capabilities ?? RobotCapabilities.None);

    private void Wait(int milliseconds) => _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));

    private Refusal? Down(string viewer, string command) => Say(viewer, command, KeyPosition.Down);

    private Refusal? Up(string viewer, string command) => Say(viewer, command, KeyPosition.Up);

    private void Repeat(string viewer, string command, int times)
    {
        for (var i = 0; i < times; i++)
        {
            Wait(200);
            Say(viewer, command, KeyPosition.Intermediate);
        }
    }

    private Refusal? Say(string viewer, string command, KeyPosition position) =>
        _control.Command(viewer, Person.Anonymous, command, position);
}
