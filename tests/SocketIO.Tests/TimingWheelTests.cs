using FsCheck;
using FsCheck.Fluent;

using LiveRobot.Testing;

using SocketIO.EngineIO;

namespace SocketIO.Tests;

/// <summary>The timers of a server's sessions.</summary>
public sealed class TimingWheelTests
{
    private readonly ManualClock _clock = new();
    private readonly List<string> _fired = [];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(25_000)]
    [InlineData(86_400_000)]
    public void A_timer_fires_once_not_early_and_at_most_a_tick_late(int milliseconds)
    {
        var wheel = new TimingWheel(_clock);
        Set(wheel, new Timer(this, "timer"), milliseconds);

        _clock.Advance(TimeSpan.FromMilliseconds(milliseconds - 1));
        Assert.Empty(_fired);
        _clock.Advance(TimingWheel.Tick + TimeSpan.FromMilliseconds(2));

        Assert.Equal(["timer"], _fired);
        Assert.Equal(0, _clock.Timers);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["timer"], _fired);
    }

    [Fact]
    public void A_timer_that_is_moved_fires_only_where_it_was_moved_to()
    {
        var wheel = new TimingWheel(_clock);
        var later = new Timer(this, "later");
        var earlier = new Timer(this, "earlier");
        Set(wheel, later, 1000);
        Set(wheel, earlier, 30_000);

        Set(wheel, later, 12_000);
        Set(wheel, earlier, 2000);

        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(["earlier"], _fired);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["earlier", "later"], _fired);
    }

    [Fact]
    public void A_timer_that_is_stopped_does_not_fire_and_the_last_leaves_nothing_armed()
    {
        var wheel = new TimingWheel(_clock);
        // The same place in the ring, one turn apart, so that they are in one list.
        Timer[] timers = [.. Enumerable.Range(0, 3).Select(number => new Timer(this, $"{number}"))];
        foreach (var timer in timers)
        {
            Set(wheel, timer, 1000);
        }

        wheel.Stop(timers[1]);
        wheel.Stop(timers[1]);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(["0", "2"], _fired.Order());

        Set(wheel, timers[0], 1000);
        Assert.Equal(1, _clock.Timers);
        wheel.Stop(timers[0]);
        Assert.Equal(0, _clock.Timers);
    }

    [Fact]
    public void A_timer_may_set_itself_and_others_while_it_fires()
    {
        var wheel = new TimingWheel(_clock);
        var other = new Timer(this, "other");
        Timer? again = null;
        again = new Timer(this, "again", () =>
        {
            if (_fired.Count < 4)
            {
                Set(wheel, again!, 1000);
                Set(wheel, other, 0);
            }
        });
        Set(wheel, again, 1000);

        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(["again", "other", "again", "other", "again"], _fired);
    }

    [Fact]
    public void Whatever_is_set_moved_and_stopped_each_timer_fires_within_a_tick_of_its_time() => Prop.ForAll<(byte Timer, ushort Delay, byte Step)[]>(actions =>
    {
        var clock = new ManualClock();
        var wheel = new TimingWheel(clock);
        var due = new Dictionary<int, long>();
        var timers = new Dictionary<int, Probe>();
        foreach (var (number, delay, step) in actions)
        {
            var key = number % 8;
            if (!timers.TryGetValue(key, out var timer))
            {
                timers[key] = timer = new Probe(() =>
                {
                    Assert.True(due.Remove(key, out var expected));
                    Assert.InRange(clock.GetTimestamp() - expected, 0, (TimingWheel.Tick + TimeSpan.FromMilliseconds(2)).Ticks);
                });
            }

            if (delay % 5 == 0)
            {
                due.Remove(key);
                wheel.Stop(timer);
            }
            else
            {
                due[key] = clock.GetTimestamp() + (delay * TimeSpan.TicksPerMillisecond);
                wheel.Set(timer, due[key]);
            }

            clock.Advance(TimeSpan.FromMilliseconds(step * step));
        }

        clock.Advance(TimeSpan.FromMilliseconds(ushort.MaxValue + 20));
        Assert.Empty(due);
    }).Check(RandomInput.Cases(200));

    private void Set(TimingWheel wheel, Timer timer, int milliseconds) =>
        wheel.Set(timer, _clock.GetTimestamp() + (milliseconds * TimeSpan.TicksPerMillisecond));

    private sealed class Timer(TimingWheelTests test, string name, Action? onDue = null) : TimingWheel.Entry
    {
        public override void OnDue()
        {
            test._fired.Add(name);
            onDue?.Invoke();
        }
    }

    private sealed class Probe(Action onDue) : TimingWheel.Entry
    {
        public override void OnDue() => onDue();
    }
}
