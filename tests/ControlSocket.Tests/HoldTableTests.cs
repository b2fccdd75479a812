using LiveRobot.ControlSocket.Commands;
using LiveRobot.ControlSocket.Holds;

namespace LiveRobot.ControlSocket.Tests;

public sealed class HoldTableTests
{
    private const string Ann = "ann";
    private const string Bob = "bob";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Start = TimeSpan.Zero;

    private readonly HoldTable _holds = new(Timeout, holdsPerViewer: 2);

    [Theory]
    [InlineData("")]
    [InlineData("down")]
    public void Press_OfAFreshKey_BeginsAHold(string position)
    {
        Assert.Equal(HoldPress.Began, Press(Ann, "F", position, Start));

        Assert.True(_holds.IsHeld("F"));
    }

    [Fact]
    public void Press_IntermediateWithoutAHold_IsNotHeld()
    {
        Assert.Equal(HoldPress.NotHeld, Press(Ann, "F", "intermediate", Start));

        Assert.False(_holds.IsHeld("F"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("down")]
    [InlineData("intermediate")]
    public void Press_WhileHeld_IsARepeat(string position)
    {
        Press(Ann, "F", "down", Start);

        Assert.Equal(HoldPress.Repeated, Press(Ann, "F", position, Start));
    }

    [Fact]
    public void Press_BeyondTheLimitOfHolds_IsTooMany()
    {
        Press(Ann, "F", "down", Start);
        Assert.Equal(HoldPress.Began, Press(Ann, "L", "down", Start));

        Assert.Equal(HoldPress.TooMany, Press(Ann, "R", "down", Start));

        Assert.Equal(HoldPress.Repeated, Press(Ann, "L", "down", Start));
        Assert.Equal(HoldPress.Began, Press(Bob, "R", "down", Start));
        _holds.End(Ann, "L");
        Assert.Equal(HoldPress.Began, Press(Ann, "R", "down", Start));
    }

    [Fact]
    public void End_OfTheLastHold_GivesTheCommandAndItsHolder()
    {
        var holder = new Person("alice", false);
        _holds.Press(Ann, holder, "F", KeyPosition.Down, Start);

        Assert.Equal(new EndedHold("F", holder, NeedsRelease: true), _holds.End(Ann, "F"));
        Assert.Null(_holds.End(Ann, "F"));
    }

    [Fact]
    public void End_WhileAnotherHolds_GivesNothing()
    {
        Press(Ann, "F", "down", Start);
        Press(Bob, "F", "down", Start);

        Assert.Null(_holds.End(Ann, "F"));
        Assert.True(_holds.IsHeld("F"));
        Assert.NotNull(_holds.End(Bob, "F"));
    }

    [Fact]
    public void EndAll_GivesWhatNobodyElseHolds()
    {
        Press(Ann, "F", "down", Start);
        Press(Ann, "L", "down", Start);
        Press(Bob, "L", "down", Start);

        var ended = Assert.Single(_holds.EndAll(Ann));

        Assert.Equal("F", ended.Command);
        Assert.True(_holds.IsHeld("L"));
        Assert.Empty(_holds.EndAll(Ann));
    }

    [Fact]
    public void Lapse_ClientThatNeverRepeats_KeepsItsHold()
    {
        Press(Ann, "F", "down", Start);

        Assert.Empty(_holds.Lapse(TimeSpan.FromHours(1)));
        Assert.True(_holds.IsHeld("F"));
    }

    [Fact]
    public void Lapse_ClientThatRepeats_EndsAtTheTimeoutAndNotBefore()
    {
        Press(Ann, "F", "down", Start);
        var repeat = TimeSpan.FromMilliseconds(300);
        Press(Ann, "F", "intermediate", repeat);

        Assert.Empty(_holds.Lapse(repeat + Timeout - TimeSpan.FromTicks(1)));
        Assert.Equal(repeat + Timeout, _holds.NextLapse);

        Assert.True(Assert.Single(_holds.Lapse(repeat + Timeout)).NeedsRelease);
        Assert.False(_holds.IsHeld("F"));
        Assert.Null(_holds.NextLapse);
    }

    [Fact]
    public void Lapse_ClientThatHasEverRepeated_AppliesToItsLaterHoldsToo()
    {
        Press(Ann, "F", "down", Start);
        Press(Ann, "F", "down", Start);
        _holds.End(Ann, "F");
        Press(Ann, "L", "down", Start);

        Assert.Equal("L", Assert.Single(_holds.Lapse(Timeout)).Command);
    }

    [Fact]
    public void Lapse_WhileAnotherHolds_GivesNothing()
    {
        Press(Ann, "F", "down", Start);
        Press(Ann, "F", "down", Start);
        Press(Bob, "F", "down", Start);

        Assert.Empty(_holds.Lapse(Timeout));
        Assert.True(_holds.IsHeld("F"));
    }

    [Fact]
    public void Lapse_OfASingleTap_NeedsNoRelease()
    {
        Press(Ann, "F", "", Start);

        Assert.False(Assert.Single(_holds.Lapse(Timeout)).NeedsRelease);
        Assert.Equal(HoldPress.Began, Press(Ann, "F", "", Timeout));
    }

    [Fact]
    public void Lapse_OfATapOnAKeyThatAnotherHeld_NeedsARelease()
    {
        Press(Ann, "F", "down", Start);
        Press(Ann, "F", "down", Start);
        Press(Bob, "F", "", Start);

        // Both lapse at once, and the tap may come last.
        Assert.True(Assert.Single(_holds.Lapse(Timeout)).NeedsRelease);
    }

    [Fact]
    public void Lapse_OfRepeatedPulses_NeedsARelease()
    {
        Press(Ann, "F", "", Start);
        var repeat = TimeSpan.FromMilliseconds(200);
        Press(Ann, "F", "", repeat);

        Assert.True(Assert.Single(_holds.Lapse(repeat + Timeout)).NeedsRelease);
    }

    [Fact]
    public void VoidAll_MakesRepeatsVoidUntilTheKeyIsLetGo()
    {
        Press(Ann, "F", "down", Start);
        _holds.VoidAll();

        Assert.False(_holds.IsHeld("F"));
        Assert.Equal(HoldPress.Void, Press(Ann, "F", "down", Start));
        Assert.Equal(HoldPress.Void, Press(Ann, "F", "intermediate", Start));
        Assert.Null(_holds.End(Ann, "F"));
        Assert.Equal(HoldPress.Began, Press(Ann, "F", "down", Start));
    }

    [Fact]
    public void VoidAll_OfOneWhoGoesQuiet_IsForgottenWithoutARelease()
    {
        Press(Ann, "F", "down", Start);
        _holds.VoidAll();

        Assert.Equal(Timeout, _holds.NextLapse);
        Assert.Empty(_holds.Lapse(Timeout));
        Assert.Equal(HoldPress.Began, Press(Ann, "F", "down", Timeout));
    }

    [Fact]
    public void VoidAll_OfOneViewer_LeavesTheOthers()
    {
        Press(Ann, "F", "down", Start);
        Press(Ann, "L", "down", Start);
        Press(Bob, "L", "down", Start);

        Assert.Equal("F", Assert.Single(_holds.VoidAll(Ann)).Command);

        Assert.Equal(HoldPress.Void, Press(Ann, "L", "down", Start));
        Assert.Equal(HoldPress.Repeated, Press(Bob, "L", "down", Start));
        Assert.NotNull(_holds.End(Bob, "L"));
    }

    private HoldPress Press(string viewer, string command, string position, TimeSpan now)
    {
        Assert.True(KeyPositions.TryParse(position, out var parsed));
        return _holds.Press(viewer, Person.Anonymous, command, parsed, now);
    }
}
