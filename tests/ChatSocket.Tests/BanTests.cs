using System.Net;
using System.Text.Json;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Hosting;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

using Microsoft.Extensions.Options;

namespace LiveRobot.ChatSocket.Tests;

/// <summary>What becomes of people in chat who are banned, and how they try to go on. The robot is Olga's; people come through a proxy.</summary>
public sealed class BanTests : IAsyncLifetime
{
    private ServiceHost _host = null!;
    private Robot _robot = null!;

    private BanDirectory Bans => _host.Get<BanDirectory>();

    public async ValueTask InitializeAsync()
    {
        _host = await ServiceHost.StartAsync(
            builder => builder.AddChatSocket(),
            endpoints => endpoints.MapChatSocket(),
            new Dictionary<string, string?> { ["Proxies:Trusted:0"] = "127.0.0.1" });
        _robot = await _host.Robots.AddAsync("Rover", "olga");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_banned_account_is_told_why_and_cut_off_and_says_and_hears_nothing_more()
    {
        var cookie = await _host.SignInAsync("Anna");
        await using var robot = await SocketIOPeer.ConnectAsync(_host.Address);
        await robot.AskAsync("identify_robot_id", _robot.RobotId);
        await using var anna = await ViewerAsync("203.0.113.1", cookie);
        await using var second = await ViewerAsync("203.0.113.2", cookie);

        await Bans.MakeAsync(BanScope.OfRobot("rover"), BanTarget.Of((await _host.Get<AccountDirectory>().FindAsync("Anna"))!), "spam", TimeSpan.FromMinutes(5), "olga");

        await Eventually.TrueAsync(() => !anna.IsConnected && !second.IsConnected);
        var told = await anna.WaitForAsync("banned");
        Assert.Equal(("rover", "spam"), (told.GetProperty("robot_id").GetString(), told.GetProperty("reason").GetString()));
        Assert.Equal(JsonValueKind.String, told.GetProperty("until").ValueKind);
        await using var again = await SocketIOPeer.ConnectAsync(_host.Address, cookie: cookie);
        Assert.Equal("banned", Code(await again.AskAsync("select_robot", new { robot_id = "rover" })));
        Assert.Equal("banned", Code(await again.AskAsync("chat_message", new { message = "again", robot_id = "rover" })));
        Assert.DoesNotContain(robot.Received, received => received.Name == "chat_message_with_name");
    }

    /// <summary>The owner knows no address of theirs, and is told none.</summary>
    [Fact]
    public async Task Who_has_not_signed_in_is_banned_by_what_they_said_and_with_all_browsers_of_the_address()
    {
        await using var troll = await ViewerAsync("2001:db8:1:2::5");
        await using var neighbour = await ViewerAsync("2001:db8:1:3::5");
        var said = await troll.AskAsync("chat_message", new { message = "rubbish" });
        var author = await Bans.FindAuthorAsync(BanScope.OfRobot("rover"), said.GetProperty("_id").GetString()!);

        var ban = await Bans.MakeAsync(BanScope.OfRobot("rover"), author!, "spam", duration: null, "olga");

        await Eventually.TrueAsync(() => !troll.IsConnected);
        Assert.StartsWith("anonymous", ban!.Name, StringComparison.Ordinal);
        await using var again = await SocketIOPeer.ConnectAsync(_host.Address, userAgent: "another browser", forwardedFor: "2001:db8:1:2:ffff::9");
        Assert.Equal("banned", Code(await again.AskAsync("select_robot", new { robot_id = "rover" })));
        Assert.True((await neighbour.AskAsync("chat_message", new { message = "hello" })).GetProperty("ok").GetBoolean());
    }

    [Fact]
    public async Task An_owner_does_not_learn_by_a_line_who_speaks_to_other_robots()
    {
        await _host.Robots.AddAsync("Other", "peter");
        await using var viewer = await ViewerAsync("203.0.113.1");
        var said = (await viewer.AskAsync("chat_message", new { message = "hello" })).GetProperty("_id").GetString()!;

        Assert.NotNull(await Bans.FindAuthorAsync(BanScope.OfOwner("olga"), said));
        Assert.NotNull(await Bans.FindAuthorAsync(BanScope.Site, said));
        Assert.Null(await Bans.FindAuthorAsync(BanScope.OfRobot("other"), said));
        Assert.Null(await Bans.FindAuthorAsync(BanScope.OfOwner("peter"), said));
    }

    [Fact]
    public async Task Who_is_banned_from_the_site_hears_the_global_room_no_more()
    {
        _host.Get<IOptions<PortOptions>>().Value.User = _host.Port;
        await using var troll = await SocketIOPeer.ConnectAsync(_host.Address, forwardedFor: "203.0.113.1");
        await using var listener = await SocketIOPeer.ConnectAsync(_host.Address, forwardedFor: "203.0.113.2");
        await using var viewer = await ViewerAsync("203.0.113.3");

        await Bans.MakeAsync(BanScope.Site, BanTarget.Of(IPAddress.Parse("203.0.113.1")), "", duration: null, "root1");
        await Eventually.TrueAsync(() => !troll.IsConnected);
        await using var again = await SocketIOPeer.ConnectAsync(_host.Address, forwardedFor: "203.0.113.1");
        Assert.Equal("banned", Code(await again.AskAsync("chat_message", new { message = "hello", robot_id = "rover" })));
        await viewer.AskAsync("chat_message", new { message = "all of you" });

        await listener.WaitForAsync("chat_message_with_name");
        Assert.Equal("banned", Code(await again.AskAsync("select_robot", new { robot_id = "rover" })));
        Assert.DoesNotContain(again.Received, received => received.Name == "chat_message_with_name");
    }

    private static string? Code(JsonElement answer) => answer.GetProperty("code").GetString();

    private async Task<SocketIOPeer> ViewerAsync(string address, string? cookie = null)
    {
        var viewer = await SocketIOPeer.ConnectAsync(_host.Address, cookie: cookie, forwardedFor: address);
        Assert.True((await viewer.AskAsync("select_robot", new { robot_id = "rover" })).GetProperty("ok").GetBoolean());
        return viewer;
    }
}
