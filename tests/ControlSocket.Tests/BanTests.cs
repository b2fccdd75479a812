using System.Net;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Control;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>What becomes of drivers who are banned, and how they try to go on. The robot is Olga's; people come through a proxy.</summary>
public sealed class BanTests : IAsyncLifetime
{
    private ControlServer _server = null!;
    private Robot _robot = null!;

    private BanDirectory Bans => _server.Get<BanDirectory>();

    public async ValueTask InitializeAsync()
    {
        _server = await ControlServer.StartAsync("Proxies:Trusted:0=127.0.0.1", "Control:TurnGrace=00:10:00");
        _robot = await _server.AddRobotAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>Each row: what the driver is banned from.</summary>
    [Theory]
    [InlineData("robot")]
    [InlineData("owner")]
    [InlineData("site")]
    public async Task A_banned_driver_lets_go_is_told_why_and_cut_off_with_all_sockets_and_finds_the_robot_no_more(string scope)
    {
        var cookie = await _server.SignInAsync("Anna");
        await using var body = await _server.ConnectRobotAsync(_robot, capabilities: new { key_position = true, acknowledge = false });
        await using var anna = await _server.ConnectViewerAsync(_robot, cookie);
        await using var watching = await _server.ConnectAsync(headers: Comes("203.0.113.1", cookie));
        await watching.AskOkAsync("robot_id", "rover");
        await using var other = await _server.ConnectViewerAsync(_robot);
        await anna.PressAsync("F", "down");
        await body.HearsAsync("F:down");

        await Bans.MakeAsync(ScopeOf(scope), BanTarget.Of(await AccountAsync("Anna")), "too wild", duration: null, "olga");

        await Eventually.TrueAsync(() => body.Heard.StartsWith("F:down F:up", StringComparison.Ordinal));
        await Eventually.TrueAsync(() => !anna.IsConnected && !watching.IsConnected);
        var told = Assert.Single(anna.Of("banned")).Argument;
        Assert.Equal(("too wild", scope, "banned"), (told.GetProperty("reason").GetString(), told.GetProperty("scope").GetString(), told.GetProperty("code").GetString()));
        Assert.False(told.TryGetProperty("made_by", out _));
        Assert.Equal("ok", await other.PressAsync("F", "down"));
        if (scope != "site")
        {
            await using var again = await _server.ConnectAsync(headers: Comes("203.0.113.2", cookie));
            Assert.Equal("banned", await again.AskCodeAsync("select_robot", new { robot_id = "rover" }));
            Assert.Equal("banned", await again.AskCodeAsync("robot_id", "rover"));
            Assert.Equal("banned", await again.AskCodeAsync("command_to_robot", new { robot_id = "rover", command = "F", key_position = "down" }));
            Assert.Equal("nothing_selected", await again.AskCodeAsync("join_line"));
        }
    }

    [Fact]
    public async Task Who_is_banned_from_the_site_by_account_is_refused_at_connect_with_the_reason()
    {
        var cookie = await _server.SignInAsync("Anna");
        await Bans.MakeAsync(BanScope.Site, BanTarget.Of(await AccountAsync("Anna")), "too wild", duration: null, "root1");

        using var client = new HttpClient();
        client.DefaultRequestHeaders.Add("Cookie", cookie);
        var open = await client.GetStringAsync(new Uri(_server.Address, "/socket.io/?EIO=4&transport=polling"));
        var session = new Uri(_server.Address, $"/socket.io/?EIO=4&transport=polling&sid={System.Text.Json.JsonElement.Parse(open[1..]).GetProperty("sid")}");
        using var sent = await client.PostAsync(session, new StringContent("40"));

        var answer = await client.GetStringAsync(session);
        Assert.StartsWith("44", answer, StringComparison.Ordinal);
        Assert.Contains("You are banned from this site: too wild", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_turn_of_a_banned_driver_passes_on_without_waiting_for_their_return()
    {
        await _server.Get<ControlRulesStore>().ChangeAsync("rover", rules => rules with { Mode = ControlMode.Queue });
        await using var body = await _server.ConnectRobotAsync(_robot);
        await using var anna = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("Anna"));
        await using var bobby = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("bobby"));
        await anna.AskOkAsync("join_line");
        Assert.Equal("ok", await anna.PressAsync("F", "down"));
        await bobby.AskOkAsync("join_line");
        Assert.Equal("not_your_turn", await bobby.PressAsync("B", "down"));

        await Bans.MakeAsync(BanScope.OfRobot("rover"), BanTarget.Of(await AccountAsync("Anna")), "", TimeSpan.FromMinutes(10), "olga");

        await Eventually.TrueAsync(() => !anna.IsConnected);
        await Eventually.TrueAsync(async () => await bobby.PressAsync("B", "down") == "ok");
    }

    /// <summary>On the user socket, chat may be the one that ends the connection.</summary>
    [Fact]
    public async Task The_turn_of_a_driver_whom_the_server_cuts_off_elsewhere_passes_on_at_once()
    {
        await _server.Get<ControlRulesStore>().ChangeAsync("rover", rules => rules with { Mode = ControlMode.Queue });
        await using var body = await _server.ConnectRobotAsync(_robot);
        var others = _server.Sockets.ToArray();
        await using var anna = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("Anna"));
        var socket = _server.Sockets.Except(others).Single();
        await using var bobby = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("bobby"));
        await anna.AskOkAsync("join_line");
        Assert.Equal("ok", await anna.PressAsync("F", "down"));
        await bobby.AskOkAsync("join_line");

        socket.Disconnect();

        await Eventually.TrueAsync(async () => await bobby.PressAsync("B", "down") == "ok");
    }

    [Fact]
    public async Task An_address_is_banned_without_those_there_who_have_signed_in_and_without_robots()
    {
        await using var body = await _server.ConnectAsync(headers: Comes("203.0.113.7"));
        await body.AskOkAsync("robot_id", _robot.RobotId);
        await using var troll = await _server.ConnectAsync(headers: Comes("203.0.113.7"));
        await troll.AskOkAsync("select_robot", new { robot_id = "rover" });
        await using var neighbour = await _server.ConnectAsync(headers: Comes("203.0.113.8"));
        await neighbour.AskOkAsync("select_robot", new { robot_id = "rover" });
        await using var anna = await _server.ConnectAsync(headers: Comes("203.0.113.7", await _server.SignInAsync("Anna")));
        await anna.AskOkAsync("select_robot", new { robot_id = "rover" });

        await Bans.MakeAsync(BanScope.Site, BanTarget.Of(IPAddress.Parse("203.0.113.7")), "", duration: null, "root1");

        await Eventually.TrueAsync(() => !troll.IsConnected);
        await using var again = await _server.ConnectAsync(headers: Comes("203.0.113.7"));
        Assert.Equal("banned", await again.AskCodeAsync("select_robot", new { robot_id = "rover" }));
        Assert.Equal("ok", await anna.PressAsync("F", "down"));
        Assert.Equal("ok", await neighbour.PressAsync("F", "down"));
        Assert.True(body.IsConnected);
    }

    [Fact]
    public async Task Nobody_says_by_a_header_of_their_own_that_they_come_from_elsewhere()
    {
        await using var direct = await ControlServer.StartAsync();
        var robot = await direct.AddRobotAsync();
        await direct.Get<BanDirectory>().MakeAsync(BanScope.OfRobot("rover"), BanTarget.Of(IPAddress.Loopback), "", duration: null, "olga");

        await using var troll = await direct.ConnectAsync(headers: Comes("203.0.113.9"));

        Assert.Equal("banned", await troll.AskCodeAsync("select_robot", new { robot_id = robot.Handle }));
    }

    [Fact]
    public async Task A_robot_of_an_account_that_is_banned_from_the_site_is_cut_off_and_not_let_in_again()
    {
        await using var body = await _server.ConnectRobotAsync(_robot);

        await Bans.MakeAsync(BanScope.Site, BanTarget.Of(await AccountAsync("olga")), "", duration: null, "root1");

        await Eventually.TrueAsync(() => !body.IsConnected);
        await using var again = await _server.ConnectAsync();
        Assert.Equal("owner_banned", await again.AskCodeAsync("robot_id", _robot.RobotId));
    }

    private static BanScope ScopeOf(string scope) => scope switch
    {
        "robot" => BanScope.OfRobot("rover"),
        "owner" => BanScope.OfOwner("olga"),
        _ => BanScope.Site,
    };

    private static Dictionary<string, string> Comes(string address, string? cookie = null)
    {
        var headers = new Dictionary<string, string> { ["X-Forwarded-For"] = address };
        if (cookie is not null)
        {
            headers["Cookie"] = cookie;
        }

        return headers;
    }

    private async Task<Account> AccountAsync(string name) => (await _server.Get<AccountDirectory>().FindAsync(name))!;
}
