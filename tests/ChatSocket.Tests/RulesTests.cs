using System.Text.Json;

using LiveRobot.Platform.Moderation;
using LiveRobot.Testing;

using Microsoft.Extensions.DependencyInjection;

namespace LiveRobot.ChatSocket.Tests;

/// <summary>What the owner's rules of chat refuse, and how people try to say it all the same. The robot is Olga's; Mona moderates it.</summary>
public sealed class RulesTests : IAsyncLifetime
{
    private ModeratedRobot _scene = null!;

    public async ValueTask InitializeAsync() => _scene = await ModeratedRobot.StartAsync(("Chat:Burst", "100"));

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task In_slow_mode_each_waits_between_two_lines_and_is_told_how_long()
    {
        await _scene.RuleAsync(rules => rules with { SlowModeSeconds = 10 });
        await using var first = await _scene.ViewerAsync("203.0.113.1");
        await using var other = await _scene.ViewerAsync("203.0.113.2");
        Assert.Equal("ok", await SayAsync(first, "1"));
        Assert.Equal("ok", await SayAsync(other, "2"));

        _scene.Clock.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromMilliseconds(1));
        var refused = await first.AskAsync("chat_message", new { message = "3" });
        Assert.Equal(("slow_mode", 1), (refused.GetProperty("code").GetString(), refused.GetProperty("retry_after").GetDouble()));

        _scene.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("ok", await SayAsync(first, "3"));
    }

    /// <summary>Neither another browser at home nor another tab of the same account is another person.</summary>
    [Fact]
    public async Task Another_connection_does_not_get_around_slow_mode()
    {
        await _scene.RuleAsync(rules => rules with { SlowModeSeconds = 10 });
        var annas = await _scene.Host.SignInAsync("Anna");
        await using var anonymous = await _scene.ViewerAsync("2001:db8:1:2::5");
        await using var again = await _scene.ViewerAsync("2001:db8:1:2:ffff::9", userAgent: "another browser");
        await using var anna = await _scene.ViewerAsync("203.0.113.1", annas);
        await using var annasTab = await _scene.ViewerAsync("203.0.113.2", annas);

        Assert.Equal(["ok", "slow_mode"], [await SayAsync(anonymous, "1"), await SayAsync(again, "2")]);
        Assert.Equal(["ok", "slow_mode"], [await SayAsync(anna, "1"), await SayAsync(annasTab, "2")]);
    }

    /// <summary>Each row: who may say links, and the answers to who has signed in and to who has not.</summary>
    [Theory]
    [InlineData(LinkRule.Everyone, "ok", "ok")]
    [InlineData(LinkRule.Accounts, "ok", "links")]
    [InlineData(LinkRule.Nobody, "links", "links")]
    public async Task Links_are_said_by_whom_the_owner_lets(LinkRule rule, string toAccount, string toAnonymous)
    {
        await _scene.RuleAsync(rules => rules with { Links = rule });
        await using var anna = await _scene.ViewerAsync("203.0.113.1", await _scene.Host.SignInAsync("Anna"));
        await using var anonymous = await _scene.ViewerAsync("203.0.113.2");

        Assert.Equal([toAccount, toAnonymous], [await SayAsync(anna, "see example.org"), await SayAsync(anonymous, "see ex\u200bample.org")]);
        Assert.Equal(["ok", "ok"], [await SayAsync(anna, "hello."), await SayAsync(anonymous, ".table on")]);
    }

    [Fact]
    public async Task A_word_that_the_owner_forbids_reaches_nobody()
    {
        await _scene.RuleAsync(rules => rules with { Words = ["dummy"] });
        await using var robot = await SocketIOPeer.ConnectAsync(_scene.Host.Address);
        await robot.AskAsync("identify_robot_id", _scene.Robot.RobotId);
        await using var anna = await _scene.ViewerAsync("203.0.113.1", await _scene.Host.SignInAsync("Anna"));

        Assert.Equal("words", await SayAsync(anna, "You D\u00dcMMY"));
        Assert.Equal("words", await SayAsync(anna, "[Rover] d u m m y"));
        Assert.Equal("words", await SayAsync(anna, ".dummy"));
        Assert.Equal("ok", await SayAsync(anna, "friend"));

        await robot.WaitForAsync("chat_message_with_name");
        Assert.Equal("[Rover] friend", Assert.Single(robot.Received, received => received.Name == "chat_message_with_name").Argument.GetProperty("message").GetString());
        await using var newcomer = await _scene.ViewerAsync("203.0.113.2");
        Assert.Single((await newcomer.WaitForAsync("chat_history")).EnumerateArray());
    }

    [Fact]
    public async Task The_rules_do_not_concern_who_moderates()
    {
        await _scene.RuleAsync(rules => rules with { SlowModeSeconds = 10, Links = LinkRule.Nobody, Words = ["dummy"] });
        await using var olga = await _scene.ViewerAsync("203.0.113.1", await _scene.Host.SignInAsync("olga"));
        await using var mona = await _scene.ViewerAsync("203.0.113.2", await _scene.Host.SignInAsync("Mona"));

        foreach (var peer in new[] { olga, mona })
        {
            Assert.Equal(["ok", "ok"], [await SayAsync(peer, "no dummy here"), await SayAsync(peer, "https://example.org")]);
        }
    }

    [Fact]
    public async Task A_change_reaches_connections_that_are_open_at_once()
    {
        await using var viewer = await _scene.ViewerAsync("203.0.113.1");
        Assert.Equal("ok", await SayAsync(viewer, "example.org"));

        await _scene.RuleAsync(rules => rules with { SlowModeSeconds = 10, Links = LinkRule.Nobody });

        var told = await viewer.WaitForAsync("chat_rules");
        Assert.Equal(("rover", 10, "nobody"), (told.GetProperty("robot_id").GetString(), told.GetProperty("slow_mode_seconds").GetInt32(), told.GetProperty("links").GetString()));
        Assert.Equal("slow_mode", await SayAsync(viewer, "example.org"));
        _scene.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("links", await SayAsync(viewer, "example.org"));
        var chosen = await viewer.AskAsync("select_robot", new { robot_id = "rover" });
        Assert.Equal((10, "nobody"), (chosen.GetProperty("slow_mode_seconds").GetInt32(), chosen.GetProperty("links").GetString()));
    }

    [Fact]
    public async Task Viewers_see_who_of_the_speakers_owns_or_moderates_the_robot_and_nobody_says_so_of_themselves()
    {
        await using var robot = await SocketIOPeer.ConnectAsync(_scene.Host.Address, engineIOVersion: 3);
        await robot.AskAsync("identify_robot_id", _scene.Robot.RobotId);
        await using var viewer = await _scene.ViewerAsync("203.0.113.1");
        await using var olga = await _scene.ViewerAsync("203.0.113.2", await _scene.Host.SignInAsync("olga"));
        await using var mona = await _scene.ViewerAsync("203.0.113.3", await _scene.Host.SignInAsync("Mona"));
        await olga.AskAsync("chat_message", new { message = "owner" });
        await mona.AskAsync("chat_message", new { message = "moderator" });
        await viewer.AskAsync("chat_message", new { message = "nobody", owner = true, moderator = true, mentions_robot = true, robot = true });

        await using var newcomer = await _scene.ViewerAsync("203.0.113.4");
        var history = (await newcomer.WaitForAsync("chat_history")).EnumerateArray().ToArray();

        Assert.Equal(["owner", "moderator", ""], history.Select(MarksOf));
        foreach (var text in new[] { "owner", "moderator", "nobody" })
        {
            Assert.Equal(text == "nobody" ? "" : text, MarksOf(await viewer.WaitForAsync("chat_message_with_name", line => line.GetProperty("message").GetString() == $"[Rover] {text}")));
            Assert.Equal("", MarksOf(await robot.WaitForAsync("chat_message_with_name", line => line.GetProperty("message").GetString() == $"[Rover] {text}")));
        }
    }

    [Theory]
    [InlineData("@Rover hello", true)]
    [InlineData("hello @rover!", true)]
    [InlineData("is [Rover] here?", true)]
    [InlineData("@Rovers are nice, @Rover too", true)]
    [InlineData("[Rover] hello", false)]
    [InlineData("@Rovers", false)]
    [InlineData("Rover", false)]
    public async Task A_line_that_names_the_robot_says_so_to_viewers_and_comes_to_the_robot_as_ever(string message, bool mentions)
    {
        await using var robot = await SocketIOPeer.ConnectAsync(_scene.Host.Address, engineIOVersion: 3);
        await robot.AskAsync("identify_robot_id", _scene.Robot.RobotId);
        await using var viewer = await _scene.ViewerAsync("203.0.113.1");

        await viewer.AskAsync("chat_message", new { message });

        Assert.Equal(mentions ? "mentions_robot" : "", MarksOf(await viewer.WaitForAsync("chat_message_with_name")));
        var heard = await robot.WaitForAsync("chat_message_with_name");
        Assert.Equal(8, heard.EnumerateObject().Count());
        Assert.Equal($"[Rover] {message.Replace("[Rover] hello", "hello", StringComparison.Ordinal)}", heard.GetProperty("message").GetString());
    }

    private static string MarksOf(JsonElement line) =>
        string.Join(' ', new[] { "owner", "moderator", "mentions_robot", "robot" }.Where(mark => line.TryGetProperty(mark, out var value) && value.GetBoolean()));

    private static async Task<string> SayAsync(SocketIOPeer peer, string message)
    {
        var answer = await peer.AskAsync("chat_message", new { message });
        return answer.TryGetProperty("code", out var code) ? code.GetString()! : "ok";
    }
}
