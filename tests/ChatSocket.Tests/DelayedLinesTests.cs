using System.Net;

using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Moderation;
using LiveRobot.Testing;

namespace LiveRobot.ChatSocket.Tests;

/// <summary>What a robot that hears, and speaks, its chat ten seconds later never hears. It is Olga's; Mona moderates it.</summary>
public sealed class DelayedLinesTests : IAsyncLifetime
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(10);

    private ModeratedRobot _scene = null!;
    private SocketIOPeer _ears = null!;

    public async ValueTask InitializeAsync() => await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _ears.DisposeAsync();
        await _scene.DisposeAsync();
    }

    [Fact]
    public async Task Viewers_hear_a_line_at_once_and_the_robot_after_the_delay_and_no_moment_earlier()
    {
        await using var viewer = await _scene.ViewerAsync("203.0.113.1");
        await SayAsync(viewer, "hello");
        await viewer.WaitForAsync("chat_message_with_name");

        _scene.Clock.Advance(Delay - Moment);
        Assert.Empty(await HeardAsync());

        _scene.Clock.Advance(Moment);
        await HearsAsync("hello");
    }

    [Fact]
    public async Task A_timer_that_fires_a_moment_early_loses_no_line()
    {
        await DisposeAsync();
        await StartAsync(clock => new EarlyTimers(clock));
        await using var viewer = await _scene.ViewerAsync("203.0.113.1");
        await SayAsync(viewer, "hello");

        _scene.Clock.Advance(Delay);

        await HearsAsync("hello");
    }

    [Fact]
    public async Task What_is_taken_back_meanwhile_is_never_spoken_and_the_rest_is_in_its_order()
    {
        await using var viewer = await _scene.ViewerAsync("203.0.113.1");
        await SayAsync(viewer, "1");
        var oops = await SayAsync(viewer, "oops");
        await SayAsync(viewer, "2");

        _scene.Clock.Advance(Delay - Moment);
        Assert.True(await _scene.Host.Get<SaidLines>().TakeBackAsync(_scene.Robot, oops, "Mona"));
        _scene.Clock.Advance(Moment);

        await HearsAsync("1", "2");
    }

    /// <summary>By the app's event, and by a ban that takes no lines back.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_somebody_said_who_is_timed_out_or_banned_meanwhile_is_never_spoken(bool byEvent)
    {
        await using var mona = await _scene.ViewerAsync("203.0.113.1", await _scene.Host.SignInAsync("Mona"));
        await using var troll = await _scene.ViewerAsync("203.0.113.2");
        await using var viewer = await _scene.ViewerAsync("203.0.113.3");
        await SayAsync(troll, "rubbish");
        await SayAsync(viewer, "hello");
        var name = (await mona.WaitForAsync("chat_message_with_name")).GetProperty("name").GetString();

        if (byEvent)
        {
            Assert.True((await mona.AskAsync("timeoutUser", new { username = name, robot_id = "rover" })).GetProperty("ok").GetBoolean());
        }
        else
        {
            await _scene.Host.Get<BanDirectory>().MakeAsync(BanScope.OfRobot("rover"), BanTarget.Of(IPAddress.Parse("203.0.113.2")), "", TimeSpan.FromMinutes(1), "olga");
        }

        _scene.Clock.Advance(Delay);

        await HearsAsync("hello");
    }

    [Fact]
    public async Task Who_moderates_and_messages_to_the_robots_program_are_heard_at_once()
    {
        await using var viewer = await _scene.ViewerAsync("203.0.113.1");
        await using var olga = await _scene.ViewerAsync("203.0.113.2", await _scene.Host.SignInAsync("olga"));
        await using var mona = await _scene.ViewerAsync("203.0.113.3", await _scene.Host.SignInAsync("Mona"));

        await SayAsync(viewer, "later");
        await SayAsync(viewer, ".stop");
        await SayAsync(olga, "owner");
        await SayAsync(mona, "moderator");

        await HearsAsync(".stop", "owner", "moderator");
        _scene.Clock.Advance(Delay);
        await HearsAsync(".stop", "owner", "moderator", "later");
    }

    [Fact]
    public async Task A_delay_that_is_made_shorter_lets_no_line_overtake_another()
    {
        await using var viewer = await _scene.ViewerAsync("203.0.113.1");
        await SayAsync(viewer, "1");
        await DelayAsync(0);
        await SayAsync(viewer, "2");
        Assert.Empty(await HeardAsync());

        _scene.Clock.Advance(Delay);
        await HearsAsync("1", "2");
        await SayAsync(viewer, "3");
        await HearsAsync("1", "2", "3");
    }

    [Fact]
    public async Task As_many_lines_wait_as_may_and_one_more_is_refused()
    {
        await using var viewer = await _scene.ViewerAsync("203.0.113.1");
        await SayAsync(viewer, "1");
        await SayAsync(viewer, "2");
        await SayAsync(viewer, "3");

        Assert.Equal("too_many_waiting", (await viewer.AskAsync("chat_message", new { message = "4" })).GetProperty("code").GetString());
        await SayAsync(viewer, ".stop");
        _scene.Clock.Advance(Delay);
        await HearsAsync(".stop", "1", "2", "3");
    }

    [Fact]
    public async Task What_waits_when_the_server_stops_is_in_the_history_and_the_log_says_how_much_is_not_spoken()
    {
        await using var viewer = await _scene.ViewerAsync("203.0.113.1");
        await SayAsync(viewer, "1");
        await SayAsync(viewer, "2");

        await _scene.Host.Get<DelayedLines>().StopAsync(CancellationToken.None);
        _scene.Clock.Advance(Delay);

        Assert.Empty(await HeardAsync());
        Assert.Contains(_scene.Host.Log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains("Robot rover: 2 lines waited", StringComparison.Ordinal));
        await using var newcomer = await _scene.ViewerAsync("203.0.113.2");
        Assert.Equal(2, (await newcomer.WaitForAsync("chat_history")).GetArrayLength());
    }

    private static async Task<string> SayAsync(SocketIOPeer peer, string message)
    {
        var answer = await peer.AskAsync("chat_message", new { message });
        Assert.True(answer.GetProperty("ok").GetBoolean(), answer.GetRawText());
        return answer.GetProperty("_id").GetString()!;
    }

    private async Task StartAsync(Func<ManualClock, TimeProvider>? timers = null)
    {
        _scene = await ModeratedRobot.StartAsync(("Chat:MaxDelayedLines", "3"), timers);
        await DelayAsync(10);
        _ears = await SocketIOPeer.ConnectAsync(_scene.Host.Address);
        await _ears.AskAsync("identify_robot_id", _scene.Robot.RobotId);
    }

    private Task<ChatRules?> DelayAsync(int seconds) => _scene.RuleAsync(rules => rules with { SpeechDelaySeconds = seconds });

    /// <summary>What the robot has heard by now: what was emitted before this answer has come before it.</summary>
    private async Task<string[]> HeardAsync()
    {
        await _ears.AskAsync("chat_message", new { message = "" });
        return [.. _ears.Received.Where(received => received.Name == "chat_message_with_name").Select(received => received.Argument.GetProperty("message").GetString()![8..])];
    }

    private async Task HearsAsync(params string[] lines)
    {
        await Eventually.TrueAsync(async () => (await HeardAsync()).Length >= lines.Length);
        Assert.Equal(lines, await HeardAsync());
    }

    /// <summary>Timers that fire a millisecond before their time, as those of a system do whose clock counts finer than they.</summary>
    private sealed class EarlyTimers(ManualClock clock) : TimeProvider
    {
        private static readonly TimeSpan Early = TimeSpan.FromMilliseconds(1);

        public override long TimestampFrequency => clock.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

        public override long GetTimestamp() => clock.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new EarlyTimer(clock.CreateTimer(callback, state, Sooner(dueTime), period));

        private static TimeSpan Sooner(TimeSpan dueTime) => dueTime > Early ? dueTime - Early : dueTime;

        private sealed class EarlyTimer(ITimer timer) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(Sooner(dueTime), period);

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }
}
