using LiveRobot.ControlSocket.Commands;
using LiveRobot.ControlSocket.Turns;
using LiveRobot.Platform.Control;

namespace LiveRobot.ControlSocket.Tests;

public sealed class TurnMachineTests
{
    private static readonly Person Olga = new("olga", IsAnonymous: false);
    private static readonly Person Ann = new("ann", IsAnonymous: false);

    private readonly ControlOptions _options = new() { LineLength = 3 };
    private readonly TurnMachine _turns;
    private TimeSpan _now;
    private long _version;

    public TurnMachineTests() => _turns = new TurnMachine(_options);

    private string? Driver => _turns.State(_now).Driver is { } driver ? NameOf(driver) : null;

    private string Line => string.Join(' ', _turns.State(_now).Line.Select(NameOf));

    [Fact]
    public void Everyone_MayDriveAtOnce()
    {
        Come("a", "b");

        Assert.Null(Forbids("a"));
        Assert.Null(Forbids("b"));
        Assert.Equal("no_line", _turns.Join("a", _now)?.Code);
    }

    [Fact]
    public void Owner_DrivesAloneInTheOwnersMode()
    {
        Rule(rules => rules with { Mode = ControlMode.Owner });
        Come("a");
        _turns.Come("o", null, Olga, owns: true, _now);

        Assert.Equal("owner_only", Forbids("a"));
        Assert.Null(Forbids("o"));
    }

    [Fact]
    public void Queue_FirstWhoJoinsDrives_AndTheOthersWaitInOrder()
    {
        Queue("a", "b", "c");

        Assert.Equal("a", Driver);
        Assert.Equal("b c", Line);
        Assert.Null(Forbids("a"));
        Assert.Equal("not_your_turn", Forbids("b"));
    }

    [Fact]
    public void Queue_JoiningTwice_KeepsThePlace()
    {
        Queue("a", "b", "c");

        Assert.Null(_turns.Join("b", _now));
        Assert.Null(_turns.Join("a", _now));

        Assert.Equal("a", Driver);
        Assert.Equal("b c", Line);
    }

    [Fact]
    public void Queue_TurnIsOver_TheNextDrives()
    {
        Queue("a", "b");
        _turns.Pressed("a", _now);

        Wait(59.9);
        Assert.Equal("a", Driver);
        Wait(0.1);

        Assert.Equal("b", Driver);
        Assert.Equal("", Line);
        Assert.Equal("not_your_turn", Forbids("a"));
    }

    [Fact]
    public void Queue_NobodyWaits_TheDriverGoesOn_AndHasAGraceWhenSomebodyComes()
    {
        Queue("a");
        _turns.Pressed("a", _now);
        Wait(600);
        Assert.Equal("a", Driver);
        Assert.Null(_turns.State(_now).TurnEndsIn);

        Come("b");
        _turns.Join("b", _now);
        Wait(9.9);
        Assert.Equal("a", Driver);
        Wait(0.1);

        Assert.Equal("b", Driver);
    }

    [Fact]
    public void Queue_DriverWhoPressesNothing_LosesTheTurnToWhoWaits()
    {
        Queue("a", "b");

        Wait(10);

        Assert.Equal("b", Driver);
    }

    [Fact]
    public void Queue_DriverLeaves_TheNextDrives()
    {
        Queue("a", "b");

        _turns.Leave("a", _now);

        Assert.Equal("b", Driver);
    }

    [Fact]
    public void Queue_DriverIsLostAndBackInTime_GoesOnDriving()
    {
        Rule(rules => rules with { Mode = ControlMode.Queue });
        _turns.Come("a", "secret", Person.Anonymous, owns: false, _now);
        Join("a");
        _turns.Pressed("a", _now);
        Come("b");
        Join("b");

        _turns.Go("a", _now);
        Assert.False(_turns.State(_now).Driver!.IsPresent);
        Wait(9.9);
        _turns.Come("a2", "secret", Person.Anonymous, owns: false, _now);

        Assert.Null(Forbids("a2"));
        Assert.Equal("not_your_turn", Forbids("b"));
    }

    [Fact]
    public void Queue_DriverIsLostForLonger_TheNextDrives()
    {
        Queue("a", "b");
        _turns.Pressed("a", _now);

        _turns.Go("a", _now);
        Wait(10);

        Assert.Equal("b", Driver);
    }

    [Fact]
    public void Queue_WhoWaitsAndIsLost_KeepsThePlaceForAWhile()
    {
        Rule(rules => rules with { Mode = ControlMode.Queue });
        Come("a");
        _turns.Come("b", null, Ann, owns: false, _now);
        Come("c");
        Join("a", "b", "c");
        _turns.Pressed("a", _now);

        _turns.Go("b", _now);
        Wait(9);
        Assert.Equal("ann c", Line);
        _turns.Come("b2", null, Ann, owns: false, _now);
        Assert.Equal("ann c", Line);
        _turns.Go("b2", _now);
        Wait(10);

        Assert.Equal("c", Line);
    }

    [Fact]
    public void Queue_WhoIsAbsentWhenItsTurnComes_IsPassedOver()
    {
        Queue("a", "b", "c");
        _turns.Go("b", _now);

        _turns.Leave("a", _now);

        Assert.Equal("c", Driver);
        Assert.Equal("b", Line);
    }

    [Fact]
    public void Queue_AtTheLimit_RefusesOneMore()
    {
        Queue("a", "b", "c", "d");
        Come("e");

        Assert.Equal("line_full", _turns.Join("e", _now)?.Code);
    }

    [Fact]
    public void Queue_RegisteredFirst_PassesThoseWithoutAnAccount()
    {
        Rule(rules => rules with { Mode = ControlMode.Queue, RegisteredFirst = true });
        Come("a", "b");
        Join("a", "b");
        _turns.Come("c", null, Ann, owns: false, _now);

        Join("c");

        Assert.Equal("a", Driver);
        Assert.Equal("ann b", Line);
    }

    [Fact]
    public void Exclusive_StopsTheTurnsClock_AndGivesItBack()
    {
        Queue("a", "b");
        _turns.Pressed("a", _now);
        Wait(20);
        _turns.Come("o", null, Olga, owns: true, _now);

        Rule(rules => rules with { Exclusive = new ExclusiveControl("olga", null) });
        Assert.Equal("exclusive_control", Forbids("a"));
        Assert.Null(Forbids("o"));
        Wait(300);
        Rule(rules => rules with { Exclusive = null });

        Assert.Null(Forbids("a"));
        Assert.Equal("not_your_turn", Forbids("o"));
        Assert.Equal(TimeSpan.FromSeconds(40), _turns.State(_now).TurnEndsIn);
    }

    [Fact]
    public void Queue_SomebodyComesWhileTheClockStandsStill_TheDriverHasAGraceWhenItGoesOn()
    {
        Queue("a");
        _turns.Pressed("a", _now);
        Wait(100);
        Rule(rules => rules with { Exclusive = new ExclusiveControl("olga", null) });
        Come("b");
        Join("b");
        Wait(30);
        Rule(rules => rules with { Exclusive = null });

        Assert.Equal("a", Driver);
        Assert.Equal(_options.TurnGrace, _turns.State(_now).TurnEndsIn);
    }

    [Fact]
    public void Exclusive_ForATime_EndsByItself()
    {
        Come("a");
        _turns.Come("o", null, Olga, owns: true, _now);
        var granted = new ExclusiveControl("olga", DateTimeOffset.UnixEpoch);
        _turns.Apply(new ControlRules { Version = ++_version, Exclusive = granted }, _now + TimeSpan.FromSeconds(30), _now);

        Wait(29.9);
        Assert.Equal("exclusive_control", Forbids("a"));
        Assert.Null(_turns.TakeEndedExclusive());
        Wait(0.1);

        Assert.Null(Forbids("a"));
        Assert.Equal(granted, _turns.TakeEndedExclusive());
        Assert.Null(_turns.TakeEndedExclusive());
    }

    [Fact]
    public void Exclusive_OfSomebodyWhoStaysAway_EndsByItself()
    {
        Come("a");
        Rule(rules => rules with { Exclusive = new ExclusiveControl("ann", null) });
        _turns.Come("b", null, Ann, owns: false, _now);
        Wait(600);
        Assert.Null(Forbids("b"));

        _turns.Go("b", _now);
        Wait(59.9);
        Assert.Equal("exclusive_control", Forbids("a"));
        Wait(0.1);

        Assert.Null(Forbids("a"));
    }

    [Fact]
    public void Closed_NobodyDrives_NotEvenTheOwner_UntilItIsOpened()
    {
        _turns.Come("o", null, Olga, owns: true, _now);

        _turns.Close(new ControlClosing("olga", DateTimeOffset.UnixEpoch), _now);
        Assert.Equal("control_closed", Forbids("o"));
        Rule(rules => rules with { Closed = null });

        Assert.Null(Forbids("o"));
    }

    [Fact]
    public void VideoStalled_NobodyDrives_UntilItMoves()
    {
        Come("a");

        _turns.VideoStalled(true, _now);
        Assert.Equal("video_stalled", Forbids("a"));
        _turns.VideoStalled(false, _now);

        Assert.Null(Forbids("a"));
    }

    [Fact]
    public void RegisteredFirst_WhoHasNotSignedInWaitsForAWhile()
    {
        Rule(rules => rules with { RegisteredFirst = true });
        Come("a");
        _turns.Come("b", null, Ann, owns: false, _now);
        Assert.Null(Forbids("a"));

        _turns.Pressed("b", _now);
        Wait(4.9);
        Assert.Equal("registered_first", Forbids("a"));
        Assert.Null(Forbids("b"));
        Wait(0.1);

        Assert.Null(Forbids("a"));
    }

    [Fact]
    public void Flooded_LosesTheTurn_AndWaits_ALostConnectionDoesNotHelp()
    {
        Rule(rules => rules with { Mode = ControlMode.Queue });
        Come("b");
        _turns.Come("a", "secret", Person.Anonymous, owns: false, _now);
        Join("a", "b");

        _turns.Flooded("a", _now);
        Assert.Null(Forbids("b"));
        _turns.Go("a", _now);
        _turns.Come("a2", "secret", Person.Anonymous, owns: false, _now);
        Assert.Equal("flooding", Forbids("a2"));
        Assert.Equal("flooding", _turns.Join("a2", _now)?.Code);
        Wait(10);

        Assert.Null(_turns.Join("a2", _now));
    }

    [Fact]
    public void Mode_ChangesAway_TheLineIsGone()
    {
        Queue("a", "b");

        Rule(rules => rules with { Mode = ControlMode.Everyone });

        Assert.Null(Driver);
        Assert.Equal("", Line);
        Assert.Null(Forbids("b"));
    }

    [Fact]
    public void Rules_ReadBeforeNewerOnes_ArePassedOver()
    {
        Come("a");
        _turns.Apply(new ControlRules { Version = 2, Mode = ControlMode.Owner }, null, _now);

        _turns.Apply(new ControlRules { Version = 1, Mode = ControlMode.Everyone }, null, _now);

        Assert.Equal("owner_only", Forbids("a"));
    }

    private static string NameOf(Place place) => place.Person.IsAnonymous ? $"{(char)('a' + place.Number - 1)}" : place.Person.User;

    private void Queue(params string[] viewers)
    {
        Rule(rules => rules with { Mode = ControlMode.Queue });
        Come(viewers);
        Join(viewers);
    }

    /// <summary>Viewers without accounts come in the order of the alphabet, which gives them their numbers.</summary>
    private void Come(params string[] viewers)
    {
        foreach (var viewer in viewers)
        {
            _turns.Come(viewer, ticket: null, Person.Anonymous, owns: false, _now);
        }
    }

    private void Join(params string[] viewers)
    {
        foreach (var viewer in viewers)
        {
            Assert.Null(_turns.Join(viewer, _now));
        }
    }

    private string? Forbids(string viewer) => _turns.Forbids(viewer, _now)?.Code;

    private void Rule(Func<ControlRules, ControlRules> change) => _turns.Apply(change(_turns.Rules) with { Version = ++_version }, null, _now);

    private void Wait(double seconds)
    {
        _now += TimeSpan.FromSeconds(seconds);
        _turns.Tick(_now);
    }
}
