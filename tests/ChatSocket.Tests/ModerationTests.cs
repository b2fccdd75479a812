using System.Text.Json;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Testing;

using Microsoft.Extensions.DependencyInjection;

namespace LiveRobot.ChatSocket.Tests;

/// <summary>What the existing viewer app's owners do against people in chat, and what others try. The robot is Olga's.</summary>
public sealed class ModerationTests : IAsyncLifetime
{
    private readonly ManualClock _clock = new();
    private ServiceHost _host = null!;

    private BanDirectory Bans => _host.Get<BanDirectory>();

    public async ValueTask InitializeAsync()
    {
        _host = await ServiceHost.StartAsync(
            builder =>
            {
                builder.Services.AddSingleton<TimeProvider>(_clock);
                builder.AddChatSocket();
            },
            endpoints => endpoints.MapChatSocket(),
            new Dictionary<string, string?>
            {
                ["Proxies:Trusted:0"] = "127.0.0.1",
                ["Chat:TimeOut"] = "00:01:00",
                ["Chat:TakeBack"] = "00:00:10",
            });
        await _host.Robots.AddAsync("Rover", "olga");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Who_is_timed_out_by_the_name_in_chat_is_cut_off_and_what_they_said_is_taken_back()
    {
        await using var olga = await ViewerAsync("203.0.113.1", await _host.SignInAsync("olga"));
        await using var troll = await ViewerAsync("203.0.113.2");
        var said = (await troll.AskAsync("chat_message", new { message = "rubbish" })).GetProperty("_id").GetString();
        var name = (await olga.WaitForAsync("chat_message_with_name")).GetProperty("name").GetString()!;

        var answer = await olga.AskAsync("timeoutUser", new { username = name, robot_id = "rover", robot_name = "Rover" });

        Assert.True(answer.GetProperty("ok").GetBoolean());
        Assert.Equal(said, (await olga.WaitForAsync("message_removed")).GetProperty("message_id").GetString());
        Assert.Equal(("olga", name), await NewsAsync(olga, "user_timeout"));
        await Eventually.TrueAsync(() => !troll.IsConnected);
        Assert.NotNull(Assert.Single(await Bans.ListAsync(BanScope.OfRobot("rover"))).Until);
        await using var newcomer = await ViewerAsync("203.0.113.3");
        Assert.Empty((await newcomer.WaitForAsync("chat_history")).EnumerateArray());
    }

    [Fact]
    public async Task A_time_out_lasts_as_long_as_configured_and_no_moment_longer()
    {
        await using var olga = await ViewerAsync("203.0.113.1", await _host.SignInAsync("olga"));
        var anna = await _host.SignInAsync("Anna");
        await olga.AskAsync("timeoutUser", new { username = "Anna", robot_id = "rover" });

        _clock.Advance(TimeSpan.FromSeconds(60) - TimeSpan.FromMilliseconds(1));
        await using var before = await SocketIOPeer.ConnectAsync(_host.Address, cookie: anna);
        Assert.Equal("banned", (await before.AskAsync("select_robot", new { robot_id = "rover" })).GetProperty("code").GetString());

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await using var after = await ViewerAsync("203.0.113.2", anna);
    }

    [Fact]
    public async Task Lines_are_taken_back_that_are_younger_than_configured_and_no_others()
    {
        await using var olga = await ViewerAsync("203.0.113.1", await _host.SignInAsync("olga"));
        await using var anna = await ViewerAsync("203.0.113.2", await _host.SignInAsync("Anna"));
        await anna.AskAsync("chat_message", new { message = "old" });
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        var young = (await anna.AskAsync("chat_message", new { message = "young" })).GetProperty("_id").GetString();
        _clock.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromMilliseconds(1));

        await olga.AskAsync("timeoutUser", new { username = "Anna", robot_id = "rover" });

        Assert.Equal(young, (await olga.WaitForAsync("message_removed")).GetProperty("message_id").GetString());
        await using var newcomer = await ViewerAsync("203.0.113.3");
        Assert.Equal("[Rover] old", Assert.Single((await newcomer.WaitForAsync("chat_history")).EnumerateArray()).GetProperty("message").GetString());
        Assert.Single(olga.Received, received => received.Name == "message_removed");
    }

    /// <summary>Each row: how many seconds Anna is banned for already (none: until it is lifted), and for how many she is then.</summary>
    [Theory]
    [InlineData(null, null)]
    [InlineData(61, 61)]
    [InlineData(59, 60)]
    public async Task A_time_out_makes_no_ban_shorter(int? banned, int? then)
    {
        await using var olga = await ViewerAsync("203.0.113.1", await _host.SignInAsync("olga"));
        await _host.SignInAsync("Anna");
        var anna = BanTarget.Of((await _host.Get<AccountDirectory>().FindAsync("Anna"))!);
        await Bans.MakeAsync(BanScope.OfRobot("rover"), anna, "spam", banned is { } seconds ? TimeSpan.FromSeconds(seconds) : null, "olga");

        Assert.True((await olga.AskAsync("timeoutUser", new { username = "Anna", robot_id = "rover" })).GetProperty("ok").GetBoolean());

        var ban = Assert.Single(await Bans.ListAsync(BanScope.OfRobot("rover")));
        Assert.Equal(then is null ? null : _clock.GetUtcNow().AddSeconds(then.Value), ban.Until);
    }

    /// <summary>Their lines are gone from the page; who they are by must not be.</summary>
    [Fact]
    public async Task Who_has_not_signed_in_and_was_timed_out_is_still_known_by_name_and_line_and_can_be_blocked()
    {
        await using var olga = await ViewerAsync("203.0.113.1", await _host.SignInAsync("olga"));
        await using var troll = await ViewerAsync("2001:db8:1:2::5");
        var said = (await troll.AskAsync("chat_message", new { message = "rubbish" })).GetProperty("_id").GetString()!;
        var name = (await olga.WaitForAsync("chat_message_with_name")).GetProperty("name").GetString()!;
        await olga.AskAsync("timeoutUser", new { username = name, robot_id = "rover" });
        await olga.WaitForAsync("message_removed");

        Assert.True((await olga.AskAsync("blockUserForRobocaster", new { username = name, robot_id = "rover" })).GetProperty("ok").GetBoolean());

        Assert.NotNull(await Bans.FindAuthorAsync(BanScope.OfRobot("rover"), said));
        _clock.Advance(TimeSpan.FromHours(1));
        await using var again = await SocketIOPeer.ConnectAsync(_host.Address, userAgent: "another browser", forwardedFor: "2001:db8:1:2:ffff::9");
        Assert.Equal("banned", (await again.AskAsync("select_robot", new { robot_id = "rover" })).GetProperty("code").GetString());
    }

    /// <summary>Each row: the event, who says it, and from what Anna is banned then.</summary>
    [Theory]
    [InlineData("blockUser", "olga", "owner")]
    [InlineData("blockUserForRobocaster", "olga", "owner")]
    [InlineData("blockUserForRobocaster", "root1", "owner")]
    [InlineData("globalBlockUser", "root1", "site")]
    public async Task An_account_is_blocked_for_an_owner_or_the_site(string sent, string by, string scope)
    {
        await using var moderator = await ViewerAsync("203.0.113.1", await _host.SignInAsync(by, isAdministrator: by == "root1"));
        await using var anna = await ViewerAsync("203.0.113.2", await _host.SignInAsync("Anna"));

        object argument = sent == "blockUserForRobocaster" ? new { username = "Anna", robot_id = "rover", robot_name = "Rover" } : "Anna";
        Assert.True((await moderator.AskAsync(sent, argument)).GetProperty("ok").GetBoolean());

        Assert.Equal(("olga", "Anna"), await NewsAsync(moderator, "user_blocked"));
        await Eventually.TrueAsync(() => !anna.IsConnected);
        Assert.Null(Assert.Single(await Bans.ListAsync(scope == "site" ? BanScope.Site : BanScope.OfOwner("olga"))).Until);
    }

    /// <summary>Each row: the event, its argument, who says it, and the answer.</summary>
    [Theory]
    [InlineData("timeoutUser", """{"username":"olga","robot_id":"rover"}""", "Anna", "may_not_moderate")]
    [InlineData("timeoutUser", """{"username":"Anna","robot_id":"rover"}""", null, "may_not_moderate")]
    [InlineData("blockUserForRobocaster", """{"username":"olga","robot_id":"rover"}""", "Anna", "may_not_moderate")]
    [InlineData("blockUser", "\"olga\"", null, "may_not_moderate")]
    [InlineData("globalBlockUser", "\"Anna\"", "olga", "may_not_moderate")]
    [InlineData("timeoutUser", """{"username":"olga","robot_id":"rover"}""", "olga", "may_not_ban")]
    [InlineData("blockUser", "\"olga\"", "olga", "may_not_ban")]
    [InlineData("blockUser", "\"nobody1\"", "olga", "unknown_user")]
    [InlineData("blockUser", "\"anonymous0000\"", "olga", "unknown_user")]
    [InlineData("timeoutUser", """{"username":"Anna","robot_id":"other"}""", "olga", "unknown_robot")]
    [InlineData("timeoutUser", "\"Anna\"", "olga", "bad_request")]
    [InlineData("blockUser", "7", "olga", "bad_request")]
    public async Task Nobody_else_blocks_anybody_and_no_owner_themselves(string sent, string argument, string? by, string code)
    {
        await _host.SignInAsync("Anna");
        await using var peer = await SocketIOPeer.ConnectAsync(_host.Address, cookie: by is null ? null : await _host.SignInAsync(by));

        var answer = await peer.AskAsync(sent, JsonElement.Parse(argument));

        Assert.Equal(code, answer.GetProperty("code").GetString());
        Assert.Empty(await Bans.ListAsync(BanScope.OfRobot("rover")));
        Assert.Empty(await Bans.ListAsync(BanScope.OfOwner("olga")));
        Assert.Empty(await Bans.ListAsync(BanScope.Site));
    }

    private static async Task<(string?, string?)> NewsAsync(SocketIOPeer peer, string name)
    {
        var news = await peer.WaitForAsync(name);
        return (news.GetProperty("room").GetString(), news.GetProperty("username").GetString());
    }

    private async Task<SocketIOPeer> ViewerAsync(string address, string? cookie = null)
    {
        var viewer = await SocketIOPeer.ConnectAsync(_host.Address, cookie: cookie, forwardedFor: address);
        Assert.True((await viewer.AskAsync("select_robot", new { robot_id = "rover" })).GetProperty("ok").GetBoolean());
        return viewer;
    }
}
