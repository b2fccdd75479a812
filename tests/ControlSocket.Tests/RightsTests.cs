using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>Who may drive, and what becomes of connections whose right is withdrawn. The robot is Olga's.</summary>
public sealed class RightsTests : IAsyncLifetime
{
    private const string LightsOnly = """[{"button_panel_label":"Lights","buttons":[{"label":"On","command":"LED_FULL"},{"label":"Off","command":"LED_OFF","access":["bobby"],"cooldown":3600}]}]""";

    private ControlServer _server = null!;
    private Robot _robot = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ControlServer.StartAsync();
        _robot = await _server.AddRobotAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>Each row: the settings, then the answers to a stranger, Anna who has signed in, Bobby whom the owner has named, and the owner.</summary>
    [Theory]
    [InlineData("everyone", true, false, "ok ok ok ok")]
    [InlineData("everyone", false, false, "sign_in_first ok ok ok")]
    [InlineData("everyone", true, true, "may_not_drive may_not_drive may_not_drive ok")]
    [InlineData("signed_in", true, false, "sign_in_first ok ok ok")]
    [InlineData("named", true, false, "may_not_drive may_not_drive ok ok")]
    [InlineData("named", false, false, "may_not_drive may_not_drive ok ok")]
    [InlineData("owner", true, false, "may_not_drive may_not_drive may_not_drive ok")]
    public async Task The_owner_decides_who_drives(string rule, bool anonymousControl, bool devMode, string answers)
    {
        await _server.Robots.ChangeAsync("rover", robot => robot with
        {
            Drive = DriveRuleWords.Parse(rule)!.Value,
            Drivers = ["Bobby"],
            AnonymousControl = anonymousControl,
            DevMode = devMode,
        });
        await using var body = await _server.ConnectRobotAsync(_robot);
        await using var stranger = await _server.ConnectViewerAsync(_robot);
        await using var anna = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("Anna"));
        await using var bobby = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("bobby"));
        await using var olga = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("olga"));

        var said = new List<string>();
        foreach (var viewer in new[] { stranger, anna, bobby, olga })
        {
            said.Add(await viewer.PressAsync("F", "down"));
            await viewer.PressAsync("F", "up");
        }

        Assert.Equal(answers, string.Join(' ', said));
    }

    [Fact]
    public async Task An_administrator_drives_every_robot()
    {
        await _server.Robots.ChangeAsync("rover", robot => robot with { Drive = DriveRule.Owner });
        await using var body = await _server.ConnectRobotAsync(_robot);
        await using var root = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("root1", isAdministrator: true));

        Assert.Equal("ok", await root.PressAsync("F", "down"));
    }

    [Fact]
    public async Task The_robot_is_told_the_name_of_the_account_whatever_the_browser_says()
    {
        await using var body = await _server.ConnectRobotAsync(_robot);
        await using var anna = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("Anna"));

        await anna.AskOkAsync("command_to_robot", new { command = "F", key_position = "down", user = "olga", username = "olga", anonymous = true });

        await body.HearsAsync("F:down");
        var command = body.Of("command_to_robot")[0].Argument;
        Assert.Equal(("Anna", "Anna", false), (command.GetProperty("user").GetString(), command.GetProperty("username").GetString(), command.GetProperty("anonymous").GetBoolean()));
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("null")]
    public async Task A_page_of_another_site_drives_in_nobodys_name(string origin)
    {
        await _server.Robots.ChangeAsync("rover", robot => robot with { Drive = DriveRule.Owner });
        await using var body = await _server.ConnectRobotAsync(_robot);
        await using var tricked = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("olga"), origin);

        Assert.Equal("may_not_drive", await tricked.PressAsync("F", "down"));
    }

    /// <summary>A page of the server's own host, whatever ended TLS before it, and of an origin that is allowed.</summary>
    [Fact]
    public async Task A_page_of_the_same_host_or_an_allowed_origin_drives_in_the_name_of_who_has_signed_in()
    {
        await using var server = await ControlServer.StartAsync("Accounts:AllowedOrigins:0=https://panel.example.org");
        var robot = await server.AddRobotAsync();
        await server.Robots.ChangeAsync("rover", stored => stored with { Drive = DriveRule.Owner });
        await using var body = await server.ConnectRobotAsync(robot);
        var cookie = await server.SignInAsync("olga");
        foreach (var (origin, answer) in new[]
                 {
                     ($"http://{server.Address.Authority}", "ok"),
                     ($"https://{server.Address.Authority}", "ok"),
                     ("https://panel.example.org", "ok"),
                     ("http://panel.example.org", "may_not_drive"),
                     ("https://panel.example.org.evil.example", "may_not_drive"),
                     ($"http://{server.Address.Host}:1", "may_not_drive"),
                     ("null", "may_not_drive"),
                 })
        {
            await using var viewer = await server.ConnectViewerAsync(robot, cookie, origin);
            Assert.Equal((origin, answer), (origin, await viewer.PressAsync("F", "down")));
            await viewer.PressAsync("F", "up");
        }
    }

    [Theory]
    [InlineData("connect.sid=forged")]
    [InlineData("connect.sid=")]
    [InlineData("other=1")]
    public async Task A_cookie_that_nobody_was_given_is_nobody(string cookie)
    {
        await _server.Robots.ChangeAsync("rover", robot => robot with { Drive = DriveRule.SignedIn });
        await using var body = await _server.ConnectRobotAsync(_robot);
        await using var viewer = await _server.ConnectViewerAsync(_robot, cookie);

        Assert.Equal("sign_in_first", await viewer.PressAsync("F", "down"));
    }

    [Fact]
    public async Task Only_what_the_panel_has_is_said_to_the_robot_and_anything_by_its_owner()
    {
        await _server.Robots.ChangeAsync("rover", robot => robot with { ButtonPanels = LightsOnly });
        await using var body = await _server.ConnectRobotAsync(_robot, capabilities: new { key_position = true, acknowledge = false });
        await using var anna = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("Anna"));
        await using var olga = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("olga"));

        Assert.Equal("not_on_panel", await anna.PressAsync("F", "down"));
        Assert.Equal("not_on_panel", await anna.PressAsync("F", "up"));
        Assert.Equal("not_on_panel", await anna.PressAsync("led_full", "down"));
        Assert.Equal("may_not_press", await anna.PressAsync("LED_OFF", "down"));
        Assert.Equal("ok", await anna.PressAsync("LED_FULL", "down"));
        Assert.Equal("ok", await olga.PressAsync("F", "down"));
        Assert.Equal("ok", await anna.PressAsync("stop", ""));

        await Eventually.TrueAsync(() => body.Heard.Contains("stop", StringComparison.Ordinal));
        Assert.StartsWith("LED_FULL:down F:down", body.Heard, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_button_with_a_cooldown_is_pressed_once_in_that_time_whoever_presses()
    {
        await _server.Robots.ChangeAsync("rover", robot => robot with { ButtonPanels = LightsOnly });
        await using var body = await _server.ConnectRobotAsync(_robot);
        await using var bobby = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("bobby"));
        await using var olga = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("olga"));

        Assert.Equal("ok", await bobby.PressAsync("LED_OFF", "down"));
        Assert.Equal("ok", await bobby.PressAsync("LED_OFF", "intermediate"));
        Assert.Equal("ok", await bobby.PressAsync("LED_OFF", "up"));
        Assert.Equal("cooling_down", await bobby.PressAsync("LED_OFF", "down"));
        Assert.Equal("cooling_down", await olga.PressAsync("LED_OFF", "down"));
    }

    [Fact]
    public async Task Who_loses_the_right_to_drive_lets_go_at_once_and_goes_on_watching()
    {
        await using var body = await _server.ConnectRobotAsync(_robot, capabilities: new { key_position = true, acknowledge = false });
        await using var viewer = await _server.ConnectViewerAsync(_robot);
        await viewer.PressAsync("F", "down");
        await body.HearsAsync("F:down");

        await _server.Robots.ChangeAsync("rover", robot => robot with { Drive = DriveRule.Owner });

        await Eventually.TrueAsync(() => body.Heard.StartsWith("F:down F:up", StringComparison.Ordinal));
        await Eventually.TrueAsync(() => viewer.Of("command_refused").Any(refused => refused.Argument.GetProperty("code").GetString() == "may_not_drive"));
        Assert.Equal("may_not_drive", await viewer.PressAsync("F", "down"));
        Assert.True(viewer.IsConnected);
    }

    [Fact]
    public async Task Who_signs_out_elsewhere_lets_go_at_once()
    {
        await _server.Robots.ChangeAsync("rover", robot => robot with { Drive = DriveRule.SignedIn });
        await using var body = await _server.ConnectRobotAsync(_robot, capabilities: new { key_position = true, acknowledge = false });
        var cookie = await _server.SignInAsync("Anna");
        await using var viewer = await _server.ConnectViewerAsync(_robot, cookie);
        await viewer.PressAsync("F", "down");
        await body.HearsAsync("F:down");

        var anna = (await _server.Get<AccountDirectory>().FindAsync("Anna"))!;
        await _server.Get<Sessions>().EndAsync(anna, cookie[(Sessions.CookieName.Length + 1)..]);

        await Eventually.TrueAsync(() => body.Heard.StartsWith("F:down F:up", StringComparison.Ordinal));
        Assert.Equal("sign_in_first", await viewer.PressAsync("F", "down"));
    }

    [Fact]
    public async Task Who_may_no_longer_watch_is_cut_off_and_the_owner_is_not()
    {
        await using var body = await _server.ConnectRobotAsync(_robot);
        await using var stranger = await _server.ConnectViewerAsync(_robot);
        await using var watcher = await _server.ConnectAsync();
        await watcher.AskOkAsync("robot_id", _robot.Handle);
        await using var olga = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("olga"));

        await _server.Robots.SetVisibilityAsync("rover", Visibility.Private);

        await Eventually.TrueAsync(() => !stranger.IsConnected && !watcher.IsConnected);
        Assert.Equal("ok", await olga.PressAsync("F", "down"));
        Assert.True(body.IsConnected);
    }

    [Fact]
    public async Task Who_came_with_a_viewing_token_is_cut_off_when_that_is_withdrawn_and_the_owner_is_not()
    {
        await _server.Robots.SetVisibilityAsync("rover", Visibility.Private);
        var tokens = _server.Get<ViewingTokens>();
        var token = await tokens.IssueAsync("rover", TimeSpan.FromDays(1));
        await using var friend = await SocketIOPeer.ConnectAsync(_server.Address, token: token);
        Assert.True((await friend.AskAsync("select_robot", new { robot_id = "rover" })).GetProperty("ok").GetBoolean());
        await using var olga = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("olga"));

        await tokens.WithdrawAllAsync("rover");

        await Eventually.TrueAsync(() => !friend.IsConnected);
        Assert.True(olga.IsConnected);
    }

    [Fact]
    public async Task A_robot_with_a_replaced_id_is_cut_off_and_the_one_with_the_new_id_is_not()
    {
        await using var before = await _server.ConnectRobotAsync(_robot);

        var robotId = await _server.Robots.ReplaceRobotIdAsync("rover");

        await Eventually.TrueAsync(() => !before.IsConnected);
        await using var after = await _server.ConnectRobotAsync(_robot with { RobotId = robotId! });
        await using var viewer = await _server.ConnectViewerAsync(_robot);
        Assert.Equal("ok", await viewer.PressAsync("F", "down"));
        await after.HearsAsync("F:down");
        await using var late = await _server.ConnectAsync();
        Assert.Equal("unknown_robot", await late.AskCodeAsync("robot_id", _robot.RobotId));
    }

    [Fact]
    public async Task Where_the_bare_robot_id_is_off_only_the_robot_token_makes_a_robot()
    {
        await _server.Robots.ChangeAsync("rover", robot => robot with { BareIds = BareIdRule.Off });
        var token = await _server.Robots.ReplaceRobotTokenAsync("rover");
        await using var thief = await _server.ConnectAsync();
        await using var forger = await _server.ConnectAsync(headers: WithRobotToken("forged"));
        Assert.Equal("robot_token_wanted", await thief.AskCodeAsync("robot_id", _robot.RobotId));
        Assert.Equal("robot_token_wanted", await thief.AskCodeAsync("identify_robot_id", _robot.RobotId));
        Assert.Equal("wrong_robot_token", await forger.AskCodeAsync("robot_id", _robot.RobotId));
        await Eventually.TrueAsync(() => thief.Of("robot_refused").Count > 0);

        await using var body = await _server.ConnectAsync(headers: WithRobotToken(token!));
        await body.AskOkAsync("robot_id", _robot.RobotId);
        await using var viewer = await _server.ConnectViewerAsync(_robot);
        Assert.Equal("ok", await viewer.PressAsync("F", "down"));
        await body.HearsAsync("F:down");

        Assert.Empty(thief.Of("command_to_robot"));
        Assert.Empty(forger.Of("command_to_robot"));
        Assert.NotNull(await _server.Presence.GetRefusedAsync("rover"));
    }

    [Fact]
    public async Task A_robot_that_came_by_its_bare_id_is_cut_off_when_its_owner_turns_that_off()
    {
        await using var bare = await _server.ConnectRobotAsync(_robot);

        await _server.Robots.ChangeAsync("rover", robot => robot with { BareIds = BareIdRule.Off });

        await Eventually.TrueAsync(() => !bare.IsConnected);
    }

    [Fact]
    public async Task A_robot_with_a_replaced_robot_token_is_cut_off()
    {
        var token = await _server.Robots.ReplaceRobotTokenAsync("rover");
        await using var body = await _server.ConnectAsync(headers: WithRobotToken(token!));
        await body.AskOkAsync("robot_id", _robot.RobotId);

        await _server.Robots.ReplaceRobotTokenAsync("rover");

        await Eventually.TrueAsync(() => !body.IsConnected);
    }

    [Fact]
    public async Task A_deleted_robot_and_its_viewers_are_cut_off()
    {
        await using var body = await _server.ConnectRobotAsync(_robot);
        await using var viewer = await _server.ConnectViewerAsync(_robot);

        await _server.Robots.DeleteAsync("rover");

        await Eventually.TrueAsync(() => !body.IsConnected && !viewer.IsConnected);
    }

    private static Dictionary<string, string> WithRobotToken(string token) => new() { ["Authorization"] = $"Robot {token}" };
}
