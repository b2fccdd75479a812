using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Moderation;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.ChatSocket.Tests;

/// <summary>Whom the owner has named to moderate, what they do in chat, and who tries to do as if they were. The robots are Olga's; Mona moderates Rover, Nick the other.</summary>
public sealed class ModeratorTests : IAsyncLifetime
{
    private ServiceHost _host = null!;
    private Robot _rover = null!;
    private Robot _other = null!;

    private BanDirectory Bans => _host.Get<BanDirectory>();

    public async ValueTask InitializeAsync()
    {
        _host = await ServiceHost.StartAsync(
            builder => builder.AddChatSocket(),
            endpoints => endpoints.MapChatSocket(),
            new Dictionary<string, string?> { ["Proxies:Trusted:0"] = "127.0.0.1" });
        _rover = await _host.Robots.AddAsync("Rover", "olga");
        _other = await _host.Robots.AddAsync("Other", "olga");
        await _host.Get<Moderators>().AddAsync(_rover, await AccountAsync("Mona"), "olga");
        await _host.Get<Moderators>().AddAsync(_rover, await AccountAsync("Max"), "olga");
        await _host.Get<Moderators>().AddAsync(_other, await AccountAsync("Nick"), "olga");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_moderator_times_out_and_blocks_people_from_that_robot_and_from_no_other()
    {
        await using var mona = await ViewerAsync("203.0.113.1", await _host.SignInAsync("Mona"));
        await using var troll = await ViewerAsync("2001:db8:1:2::5");
        await troll.AskAsync("chat_message", new { message = "rubbish" });
        var name = (await mona.WaitForAsync("chat_message_with_name")).GetProperty("name").GetString()!;

        Assert.Equal("ok", await CodeAsync(mona, "timeoutUser", new { username = name, robot_id = "rover" }));
        Assert.Equal(name, (await mona.WaitForAsync("user_timeout")).GetProperty("username").GetString());
        Assert.Equal("ok", await CodeAsync(mona, "blockUserForRobocaster", new { username = name, robot_id = "rover" }));

        Assert.Empty(await Bans.ListAsync(BanScope.OfOwner("olga")));
        await using var again = await SocketIOPeer.ConnectAsync(_host.Address, userAgent: "another browser", forwardedFor: "2001:db8:1:2:ffff::9");
        Assert.Equal("banned", await CodeAsync(again, "select_robot", new { robot_id = "rover" }));
        Assert.Equal("ok", await CodeAsync(again, "select_robot", new { robot_id = "other" }));
        var logged = (await _host.Get<ModerationLog>().ListAsync(_rover, before: null)).Items;
        Assert.Equal([("ban", "Mona", name, "rubbish"), ("time_out", "Mona", name, "rubbish")], logged.Take(2).Select(entry => (entry.Action, entry.By, entry.Name, entry.Message)));
    }

    /// <summary>Each row: who says it, the event, against whom, at which robot, and the answer.</summary>
    [Theory]
    [InlineData("Mona", "timeoutUser", "olga", "rover", "may_not_ban")]
    [InlineData("Mona", "timeoutUser", "root1", "rover", "may_not_ban")]
    [InlineData("Mona", "timeoutUser", "Max", "rover", "may_not_ban")]
    [InlineData("Mona", "blockUserForRobocaster", "Max", "rover", "may_not_ban")]
    [InlineData("Mona", "timeoutUser", "Mona", "rover", "may_not_ban")]
    [InlineData("Mona", "timeoutUser", "troll", "other", "may_not_moderate")]
    [InlineData("Nick", "timeoutUser", "troll", "rover", "may_not_moderate")]
    [InlineData("Nick", "blockUserForRobocaster", "troll", "rover", "may_not_moderate")]
    [InlineData("troll", "timeoutUser", "Nick", "rover", "may_not_moderate")]
    [InlineData(null, "timeoutUser", "troll", "rover", "may_not_moderate")]
    [InlineData("olga", "timeoutUser", "Mona", "rover", "ok")]
    [InlineData("root1", "timeoutUser", "Mona", "rover", "ok")]
    public async Task Moderators_do_nothing_to_the_owner_administrators_and_each_other_nor_elsewhere(string? by, string sent, string whom, string robot, string code)
    {
        await _host.SignInAsync("troll");
        await _host.SignInAsync("root1", isAdministrator: true);
        await using var peer = await SocketIOPeer.ConnectAsync(_host.Address, cookie: by is null ? null : await _host.SignInAsync(by));

        // What a browser says of itself does not count.
        var answer = await CodeAsync(peer, sent, new { username = whom, robot_id = robot, user = "Mona", name = "Mona", moderator = true });

        Assert.Equal(code, answer);
        Assert.Equal(code == "ok" ? 1 : 0, (await Bans.ListAsync(BanScope.OfRobot(robot))).Count + (await Bans.ListAsync(BanScope.OfOwner("olga"))).Count);
    }

    [Fact]
    public async Task A_former_moderator_moderates_no_more_on_a_socket_that_is_open()
    {
        await _host.SignInAsync("troll");
        await using var mona = await SocketIOPeer.ConnectAsync(_host.Address, cookie: await _host.SignInAsync("Mona"));
        Assert.True((await mona.AskAsync("select_robot", new { robot_id = "rover" })).GetProperty("may_moderate").GetBoolean());

        await _host.Get<Moderators>().RemoveAsync(_rover, await AccountAsync("Mona"), "olga");

        Assert.Equal("may_not_moderate", await CodeAsync(mona, "timeoutUser", new { username = "troll", robot_id = "rover" }));
        Assert.False((await mona.AskAsync("select_robot", new { robot_id = "rover" })).GetProperty("may_moderate").GetBoolean());
    }

    [Fact]
    public async Task A_line_that_is_taken_back_is_told_to_all_who_heard_it_and_shown_to_nobody_any_more()
    {
        await using var robot = await SocketIOPeer.ConnectAsync(_host.Address, engineIOVersion: 3);
        await robot.AskAsync("identify_robot_id", _rover.RobotId);
        await using var viewer = await ViewerAsync("203.0.113.1");
        await using var listener = await ViewerAsync("203.0.113.2");
        var said = (await viewer.AskAsync("chat_message", new { message = "oh no" })).GetProperty("_id").GetString()!;
        await viewer.AskAsync("chat_message", new { message = "well" });

        Assert.True(await _host.Get<SaidLines>().TakeBackAsync(_rover, said, "Mona"));

        foreach (var peer in new[] { robot, viewer, listener })
        {
            Assert.Equal(said, (await peer.WaitForAsync("message_removed")).GetProperty("message_id").GetString());
        }

        await using var newcomer = await ViewerAsync("203.0.113.3");
        Assert.Equal("[Rover] well", Assert.Single((await newcomer.WaitForAsync("chat_history")).EnumerateArray()).GetProperty("message").GetString());
    }

    private static async Task<string?> CodeAsync(SocketIOPeer peer, string sent, object argument)
    {
        var answer = await peer.AskAsync(sent, argument);
        return answer.TryGetProperty("code", out var code) ? code.GetString() : "ok";
    }

    private async Task<Account> AccountAsync(string name)
    {
        await _host.SignInAsync(name);
        return (await _host.Get<AccountDirectory>().FindAsync(name))!;
    }

    private async Task<SocketIOPeer> ViewerAsync(string address, string? cookie = null)
    {
        var viewer = await SocketIOPeer.ConnectAsync(_host.Address, cookie: cookie, forwardedFor: address);
        Assert.Equal("ok", await CodeAsync(viewer, "select_robot", new { robot_id = "rover" }));
        return viewer;
    }
}
