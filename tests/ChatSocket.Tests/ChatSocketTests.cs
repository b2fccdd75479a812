using System.Text.Json;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Control;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.ChatSocket.Tests;

public sealed class ChatSocketTests : IAsyncLifetime
{
    private static readonly string[] EveryField =
        ["name", "message", "robot_id", "room", "non_global", "username_color", "anonymous", "_id"];

    private ServiceHost _host = null!;
    private Robot _robot = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await StartAsync();
        _robot = await _host.Robots.AddAsync("Rover", "alice");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_robot_hears_its_viewers_with_every_field_and_under_its_own_id(int engineIOVersion)
    {
        await using var robot = await RobotAsync(engineIOVersion);
        await using var viewer = await ViewerAsync();

        await viewer.EmitAsync("chat_message", new { message = "[Rover] hello", robot_id = "rover", robot_name = "Rover", secret = "" });

        var heard = await robot.WaitForAsync("chat_message_with_name");
        Assert.Equal(EveryField.Order(), heard.EnumerateObject().Select(field => field.Name).Order());
        Assert.Equal(_robot.RobotId, heard.GetProperty("robot_id").GetString());
        Assert.Equal("[Rover] hello", heard.GetProperty("message").GetString());
        Assert.Equal("alice", heard.GetProperty("room").GetString());
        Assert.Matches("^anonymous[0-9]{4}$", heard.GetProperty("name").GetString());
        Assert.True(heard.GetProperty("anonymous").GetBoolean());
        Assert.Matches("^#[0-9a-f]{6}$", heard.GetProperty("username_color").GetString());
        Assert.Matches("^[0-9a-f]{24}$", heard.GetProperty("_id").GetString());
    }

    [Fact]
    public async Task Lines_are_counted_by_who_said_them_and_what_became_of_them()
    {
        using var metrics = new RecordedMetrics(_host.Get<System.Diagnostics.Metrics.IMeterFactory>());
        await using var robot = await RobotAsync(4);
        await using var viewer = await ViewerAsync();

        await viewer.AskAsync("chat_message", new { message = "hello" });
        await viewer.AskAsync("chat_message", new { message = "" });
        await robot.AskAsync("chat_message", new { message = "beep" });

        Assert.Equal(
            ["by=viewer outcome=accepted", "by=viewer outcome=no_text", "by=robot outcome=accepted"],
            metrics.Lines.Where(line => line.StartsWith("liverobot.chat.lines 1 ", StringComparison.Ordinal)).Select(line => line["liverobot.chat.lines 1 ".Length..]));
    }

    [Theory]
    [InlineData(4, "no_such_event", "unknown_event")]
    [InlineData(4, "chat_message", "no_text")]
    [InlineData(4, "select_robot", "unknown_robot")]
    [InlineData(3, "no_such_event", "unknown_event")]
    [InlineData(3, "chat_message", "no_text")]
    public async Task An_event_that_is_unknown_or_malformed_is_answered_with_an_error_and_counted(int engineIOVersion, string name, string code)
    {
        using var metrics = new RecordedMetrics(_host.Get<System.Diagnostics.Metrics.IMeterFactory>());
        await using var viewer = await SocketIOPeer.ConnectAsync(_host.Address, engineIOVersion: engineIOVersion);

        await viewer.EmitAsync(name, 7);
        Assert.Equal(code, (await viewer.AskAsync(name, 7)).GetProperty("code").GetString());

        Assert.Equal(2, metrics.Lines.Count(line => line == $"liverobot.sockets.events.refused 1 code={code} socket=chat"));
        if (engineIOVersion == 3)
        {
            // Robots of that time break on an answer that they did not ask for.
            Assert.DoesNotContain(viewer.Received, received => received.Name == "event_refused");
        }
        else
        {
            Assert.Equal(code, (await viewer.WaitForAsync("event_refused", refused => refused.GetProperty("event").GetString() == name)).GetProperty("code").GetString());
        }
    }

    [Fact]
    public async Task Whoever_may_stop_the_robot_does_so_from_the_chat_and_the_line_is_said_all_the_same()
    {
        await using var robot = await RobotAsync();
        await using var stranger = await ViewerAsync();
        await using var alice = await SocketIOPeer.ConnectAsync(_host.Address, cookie: await _host.SignInAsync("alice"));
        var rules = _host.Get<ControlRulesStore>();

        Assert.True((await stranger.AskAsync("chat_message", new { message = ".stop", robot_id = "rover" })).GetProperty("ok").GetBoolean());
        Assert.Null((await rules.FindAsync("rover")).Closed);
        Assert.True((await alice.AskAsync("chat_message", new { message = "[Rover] .stop", robot_id = "rover" })).GetProperty("ok").GetBoolean());
        Assert.Equal("alice", (await rules.FindAsync("rover")).Closed?.By);
        await robot.WaitForAsync(
            "chat_message_with_name",
            line => line.GetProperty("message").GetString() == "[Rover] .stop" && line.GetProperty("name").GetString() == "alice");
        await stranger.AskAsync("chat_message", new { message = ".reopen", robot_id = "rover" });
        Assert.NotNull((await rules.FindAsync("rover")).Closed);
        await alice.AskAsync("chat_message", new { message = ".reopen", robot_id = "rover" });

        Assert.Null((await rules.FindAsync("rover")).Closed);
    }

    [Fact]
    public async Task Viewers_hear_each_other_and_know_the_robot_by_its_handle()
    {
        await using var speaker = await ViewerAsync();
        await using var listener = await ViewerAsync();

        await speaker.EmitAsync("chat_message", new { message = "hello", robot_id = "rover" });

        var heard = await listener.WaitForAsync("chat_message_with_name");
        Assert.Equal("rover", heard.GetProperty("robot_id").GetString());
        Assert.Equal("[Rover] hello", heard.GetProperty("message").GetString());
    }

    /// <summary>As the LetsRobot client's messenger and the existing viewer app do it: the cookie goes with the handshake.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Who_has_signed_in_speaks_in_the_name_of_the_account(int engineIOVersion)
    {
        await using var viewer = await SocketIOPeer.ConnectAsync(_host.Address, engineIOVersion: engineIOVersion, cookie: await _host.SignInAsync("Anna"));
        await viewer.EmitAsync("select_robot", new { robot_id = "rover" });

        await viewer.EmitAsync("chat_message", new { message = "hello", robot_id = "rover", username = "alice" });

        var heard = await viewer.WaitForAsync("chat_message_with_name");
        Assert.Equal(("Anna", false), (heard.GetProperty("name").GetString(), heard.GetProperty("anonymous").GetBoolean()));
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("null")]
    public async Task A_page_of_another_site_speaks_in_nobodys_name(string origin)
    {
        await using var tricked = await SocketIOPeer.ConnectAsync(_host.Address, cookie: await _host.SignInAsync("Anna"), origin: origin);
        await tricked.AskAsync("select_robot", new { robot_id = "rover" });

        await tricked.EmitAsync("chat_message", new { message = "hello", robot_id = "rover" });

        Assert.True((await tricked.WaitForAsync("chat_message_with_name")).GetProperty("anonymous").GetBoolean());
    }

    [Fact]
    public async Task Who_has_signed_out_elsewhere_speaks_in_nobodys_name()
    {
        var cookie = await _host.SignInAsync("Anna");
        await using var viewer = await SocketIOPeer.ConnectAsync(_host.Address, cookie: cookie);
        await viewer.AskAsync("select_robot", new { robot_id = "rover" });

        var anna = (await _host.Get<AccountDirectory>().FindAsync("Anna"))!;
        await _host.Get<Sessions>().EndAsync(anna, cookie.Split('=')[1]);

        // The socket hears of it a moment later; a rate of messages would end the test sooner than patience does.
        await Eventually.TrueAsync(async () =>
        {
            await Task.Delay(100);
            await viewer.AskAsync("chat_message", new { message = "hello", robot_id = "rover" });
            return viewer.Received.Any(received =>
                received.Name == "chat_message_with_name" && received.Argument.GetProperty("anonymous").GetBoolean());
        });
    }

    [Fact]
    public async Task Who_may_no_longer_watch_hears_no_more_and_a_replaced_robot_id_neither()
    {
        await using var robot = await RobotAsync();
        await using var stranger = await ViewerAsync();
        await using var owner = await SocketIOPeer.ConnectAsync(_host.Address, cookie: await _host.SignInAsync("alice"));
        await owner.AskAsync("select_robot", new { robot_id = "rover" });

        await _host.Robots.SetVisibilityAsync("rover", Visibility.Private);
        await Eventually.TrueAsync(() => !stranger.IsConnected);
        await owner.EmitAsync("chat_message", new { message = "alone?", robot_id = "rover" });
        await robot.WaitForAsync("chat_message_with_name");

        await _host.Robots.ReplaceRobotIdAsync("rover");
        await Eventually.TrueAsync(() => !robot.IsConnected);
        Assert.True(owner.IsConnected);
        Assert.DoesNotContain(stranger.Received, received => received.Name == "chat_message_with_name");
    }

    [Fact]
    public async Task Nobody_can_forge_a_name_a_colour_or_being_known()
    {
        await using var viewer = await ViewerAsync();

        await viewer.EmitAsync(
            "chat_message",
            new { message = "hello", robot_id = "rover", name = "alice", username = "alice", username_color = "#000000", anonymous = false });

        var heard = await viewer.WaitForAsync("chat_message_with_name");
        Assert.NotEqual("alice", heard.GetProperty("name").GetString());
        Assert.NotEqual("#000000", heard.GetProperty("username_color").GetString());
        Assert.True(heard.GetProperty("anonymous").GetBoolean());
    }

    [Fact]
    public async Task A_person_keeps_name_and_colour_and_another_browser_is_another_person()
    {
        await using var first = await ViewerAsync("browser one");
        await using var again = await ViewerAsync("browser one");
        await using var other = await ViewerAsync("browser two");

        await first.EmitAsync("chat_message", new { message = "1" });
        await again.EmitAsync("chat_message", new { message = "2" });
        await other.EmitAsync("chat_message", new { message = "3" });

        var one = await other.WaitForAsync("chat_message_with_name", Says("1"));
        var two = await other.WaitForAsync("chat_message_with_name", Says("2"));
        var three = await other.WaitForAsync("chat_message_with_name", Says("3"));
        Assert.Equal(one.GetProperty("name").GetString(), two.GetProperty("name").GetString());
        Assert.Equal(one.GetProperty("username_color").GetString(), two.GetProperty("username_color").GetString());
        Assert.NotEqual(one.GetProperty("name").GetString(), three.GetProperty("name").GetString());
    }

    [Fact]
    public async Task The_chat_of_a_private_robot_is_heard_only_by_who_shows_a_viewing_token()
    {
        var robot = await _host.Robots.AddAsync("Hidden", "alice", Visibility.Private);
        var token = await _host.Get<ViewingTokens>().IssueAsync(robot.Handle, TimeSpan.FromMinutes(1));
        await using var stranger = await SocketIOPeer.ConnectAsync(_host.Address);
        await using var friend = await SocketIOPeer.ConnectAsync(_host.Address, token: token);

        Assert.Equal("unknown_robot", (await stranger.AskAsync("select_robot", new { robot_id = robot.Handle })).GetProperty("code").GetString());
        Assert.Equal("unknown_robot", (await stranger.AskAsync("chat_message", new { message = "hi", robot_id = robot.Handle })).GetProperty("code").GetString());
        Assert.True((await friend.AskAsync("select_robot", new { robot_id = robot.Handle })).GetProperty("ok").GetBoolean());
        Assert.True((await friend.AskAsync("chat_message", new { message = "hi" })).GetProperty("ok").GetBoolean());
    }

    [Fact]
    public async Task A_newcomer_is_shown_the_last_lines_oldest_first()
    {
        await using var viewer = await ViewerAsync();
        foreach (var text in new[] { "first", "second" })
        {
            Assert.True((await viewer.AskAsync("chat_message", new { message = text })).GetProperty("ok").GetBoolean());
        }

        await using var newcomer = await ViewerAsync();

        var history = await newcomer.WaitForAsync("chat_history");
        Assert.Equal(["[Rover] first", "[Rover] second"], history.EnumerateArray().Select(line => line.GetProperty("message").GetString()));
    }

    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_restart()
    {
        using var store = new TestStore(TestStore.Usual);
        await using (var before = await StartAsync(store.Settings))
        {
            await before.Robots.AddAsync("Rover", "alice");
            await using var viewer = await ViewerAsync(host: before);
            Assert.True((await viewer.AskAsync("chat_message", new { message = "remember me" })).GetProperty("ok").GetBoolean());
        }

        await using var after = await StartAsync(store.Settings);
        await using var newcomer = await ViewerAsync(host: after);

        var history = await newcomer.WaitForAsync("chat_history");
        Assert.Equal("[Rover] remember me", history.EnumerateArray().Single().GetProperty("message").GetString());
    }

    [Fact]
    public async Task Only_the_configured_number_of_lines_is_kept()
    {
        await using var host = await StartAsync(new Dictionary<string, string?>
        {
            ["Chat:MessagesKept"] = "10",
            ["Chat:HistoryLength"] = "1000",
            ["Chat:Burst"] = "1000",
        });
        await host.Robots.AddAsync("Rover", "alice");
        await using var viewer = await ViewerAsync(host: host);
        for (var line = 1; line <= 100; line++)
        {
            Assert.True((await viewer.AskAsync("chat_message", new { message = $"{line}" })).GetProperty("ok").GetBoolean());
        }

        await using var newcomer = await ViewerAsync(host: host);

        var history = await newcomer.WaitForAsync("chat_history");
        Assert.Equal(
            Enumerable.Range(91, 10).Select(line => $"[Rover] {line}"),
            history.EnumerateArray().Select(line => line.GetProperty("message").GetString()));
    }

    [Fact]
    public async Task A_message_may_be_500_characters_long_and_no_longer()
    {
        await using var viewer = await ViewerAsync();

        Assert.True((await viewer.AskAsync("chat_message", new { message = new string('a', 500) })).GetProperty("ok").GetBoolean());
        Assert.Equal("too_long", (await viewer.AskAsync("chat_message", new { message = new string('a', 501) })).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Who_sends_too_fast_is_told_so_and_nobody_hears_it()
    {
        await using var viewer = await ViewerAsync();
        for (var line = 0; line < 5; line++)
        {
            Assert.True((await viewer.AskAsync("chat_message", new { message = $"{line}" })).GetProperty("ok").GetBoolean());
        }

        var refused = await viewer.AskAsync("chat_message", new { message = "too much" });

        Assert.False(refused.GetProperty("ok").GetBoolean());
        Assert.Equal("too_fast", refused.GetProperty("code").GetString());
        Assert.DoesNotContain(viewer.Received, received => Says("too much")(received.Argument));
    }

    [Theory]
    [InlineData("""{"message": ""}""", "no_text")]
    [InlineData("""{"message": "[Rover] \n "}""", "no_text")]
    [InlineData("""{"message": 5}""", "no_text")]
    [InlineData("""{}""", "no_text")]
    [InlineData("""[]""", "no_text")]
    [InlineData("""{"message": "hello", "robot_id": "nobody"}""", "unknown_robot")]
    public async Task What_cannot_be_said_is_refused_with_a_reason(string argument, string code)
    {
        await using var viewer = await ViewerAsync();

        var refused = await viewer.AskAsync("chat_message", JsonElement.Parse(argument));

        Assert.False(refused.GetProperty("ok").GetBoolean());
        Assert.Equal(code, refused.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Line_breaks_and_control_characters_reach_nobody_and_dot_commands_reach_the_robot_unchanged()
    {
        await using var robot = await RobotAsync();
        await using var viewer = await ViewerAsync();

        await viewer.EmitAsync("chat_message", new { message = "a\nb\u0007\u202ec" });
        await viewer.EmitAsync("chat_message", new { message = "[Rover] .anon off" });

        await robot.WaitForAsync("chat_message_with_name", Says("a bc"));
        await robot.WaitForAsync("chat_message_with_name", Says(".anon off"));
    }

    [Fact]
    public async Task Where_the_bare_robot_id_is_off_only_the_robot_token_makes_a_robot()
    {
        await using var bare = await RobotAsync();
        var token = await _host.Robots.ReplaceRobotTokenAsync("rover");
        await _host.Robots.ChangeAsync("rover", robot => robot with { BareIds = BareIdRule.Off });
        await Eventually.TrueAsync(() => !bare.IsConnected);
        await using var thief = await SocketIOPeer.ConnectAsync(_host.Address);
        await using var forger = await SocketIOPeer.ConnectAsync(_host.Address, robotToken: "forged");
        await thief.EmitAsync("identify_robot_id", _robot.RobotId);
        Assert.Equal("robot_token_wanted", (await thief.WaitForAsync("robot_refused")).GetProperty("code").GetString());
        Assert.Equal("wrong_robot_token", (await forger.AskAsync("identify_robot_id", _robot.RobotId)).GetProperty("code").GetString());

        await using var robot = await SocketIOPeer.ConnectAsync(_host.Address, robotToken: token);
        Assert.True((await robot.AskAsync("identify_robot_id", _robot.RobotId)).GetProperty("ok").GetBoolean());
        await using var viewer = await ViewerAsync();
        await viewer.EmitAsync("chat_message", new { message = "hello", robot_id = "rover" });

        await robot.WaitForAsync("chat_message_with_name", Says("hello"));
        foreach (var peer in new[] { thief, forger })
        {
            // What was said before this answer has come before it.
            await peer.AskAsync("chat_message", new { message = "", robot_id = "rover" });
            Assert.DoesNotContain(peer.Received, received => received.Name == "chat_message_with_name");
        }
    }

    [Fact]
    public async Task The_newest_socket_is_the_robot_and_the_older_is_told_and_closed()
    {
        await using var older = await RobotAsync();
        await using var newer = await RobotAsync();
        await older.WaitForAsync("robot_taken_over");
        await Eventually.TrueAsync(() => !older.IsConnected);
        await using var viewer = await ViewerAsync();

        await viewer.EmitAsync("chat_message", new { message = "hello", robot_id = "rover" });

        await newer.WaitForAsync("chat_message_with_name", Says("hello"));
        Assert.DoesNotContain(older.Received, received => received.Name == "chat_message_with_name");
    }

    [Fact]
    public async Task Who_came_with_a_viewing_token_is_cut_off_when_that_is_withdrawn()
    {
        await _host.Robots.SetVisibilityAsync("rover", Visibility.Private);
        var tokens = _host.Get<ViewingTokens>();
        await using var friend = await SocketIOPeer.ConnectAsync(_host.Address, token: await tokens.IssueAsync("rover", TimeSpan.FromDays(1)));
        Assert.True((await friend.AskAsync("select_robot", new { robot_id = "rover" })).GetProperty("ok").GetBoolean());

        await tokens.WithdrawAllAsync("rover");

        await Eventually.TrueAsync(() => !friend.IsConnected);
    }

    [Fact]
    public async Task A_robot_id_does_not_speak_as_the_owner_and_other_robots_lines_come_under_their_handles()
    {
        var other = await _host.Robots.AddAsync("Other", "bob");
        await using var robot = await RobotAsync();
        await robot.AskAsync("select_robot", new { robot_id = "other" });
        await using var stranger = await SocketIOPeer.ConnectAsync(_host.Address);
        Assert.Equal("unknown_robot", (await stranger.AskAsync("select_robot", new { robot_id = other.RobotId })).GetProperty("code").GetString());

        await robot.EmitAsync("chat_message", new { message = "hello", robot_id = "other", name = "alice", username = "alice", user = "alice" });

        var heard = await robot.WaitForAsync("chat_message_with_name");
        Assert.Equal(("other", true), (heard.GetProperty("robot_id").GetString(), heard.GetProperty("anonymous").GetBoolean()));
        Assert.StartsWith("anonymous", heard.GetProperty("name").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(robot.Received, received => received.Argument.GetRawText().Contains(other.RobotId, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_robot_gets_no_other_robots_chat()
    {
        var other = await _host.Robots.AddAsync("Other", "bob");
        await using var robot = await SocketIOPeer.ConnectAsync(_host.Address);
        await robot.AskAsync("identify_robot_id", other.RobotId);
        await using var viewer = await ViewerAsync();

        Assert.True((await viewer.AskAsync("chat_message", new { message = "hello" })).GetProperty("ok").GetBoolean());
        Assert.True((await viewer.AskAsync("chat_message", new { message = "hello other", robot_id = "other" })).GetProperty("ok").GetBoolean());

        await robot.WaitForAsync("chat_message_with_name");
        var heard = Assert.Single(robot.Received, received => received.Name == "chat_message_with_name");
        Assert.Equal("[Other] hello other", heard.Argument.GetProperty("message").GetString());
    }

    private static Task<ServiceHost> StartAsync(IReadOnlyDictionary<string, string?>? settings = null) =>
        ServiceHost.StartAsync(builder => builder.AddChatSocket(), endpoints => endpoints.MapChatSocket(), settings);

    private static Func<JsonElement, bool> Says(string text) =>
        line => line.ValueKind == JsonValueKind.Object && line.GetProperty("message").GetString() == $"[Rover] {text}";

    private async Task<SocketIOPeer> ViewerAsync(string? userAgent = null, ServiceHost? host = null)
    {
        var viewer = await SocketIOPeer.ConnectAsync((host ?? _host).Address, userAgent: userAgent);
        Assert.True((await viewer.AskAsync("select_robot", new { robot_id = "rover" })).GetProperty("ok").GetBoolean());
        return viewer;
    }

    private async Task<SocketIOPeer> RobotAsync(int engineIOVersion = 4)
    {
        var robot = await SocketIOPeer.ConnectAsync(_host.Address, engineIOVersion: engineIOVersion);
        Assert.True((await robot.AskAsync("identify_robot_id", _robot.RobotId)).GetProperty("ok").GetBoolean());
        return robot;
    }
}
