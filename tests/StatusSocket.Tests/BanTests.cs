using System.Net;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.StatusSocket.Tests;

/// <summary>The states of robots, for people who are banned. The robot is Olga's; people come through a proxy.</summary>
public sealed class BanTests : IAsyncLifetime
{
    private ServiceHost _host = null!;
    private Robot _robot = null!;

    private BanDirectory Bans => _host.Get<BanDirectory>();

    public async ValueTask InitializeAsync()
    {
        _host = await ServiceHost.StartAsync(
            builder => builder.AddStatusSocket(),
            endpoints => endpoints.MapStatusSocket(),
            new Dictionary<string, string?> { ["Proxies:Trusted:0"] = "127.0.0.1" });
        _robot = await _host.Robots.AddAsync("Rover", "olga");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Who_is_banned_from_a_hidden_robot_is_cut_off_and_told_its_state_no_more()
    {
        await _host.Robots.SetVisibilityAsync("rover", Visibility.Unlisted);
        var cookie = await _host.SignInAsync("Anna");
        await using var anna = await SocketIOPeer.ConnectAsync(_host.Address, cookie: cookie);
        await anna.AskAsync("select_robot", new { robot_id = "rover" });

        await Bans.MakeAsync(BanScope.OfRobot("rover"), BanTarget.Of((await _host.Get<AccountDirectory>().FindAsync("Anna"))!), "", duration: null, "olga");

        await Eventually.TrueAsync(() => !anna.IsConnected);
        await anna.WaitForAsync("banned");
        await using var again = await SocketIOPeer.ConnectAsync(_host.Address, cookie: cookie);
        Assert.Equal("banned", (await again.AskAsync("select_robot", new { robot_id = "rover" })).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Who_is_banned_from_the_site_is_told_no_state_and_robots_at_the_address_are_let_in()
    {
        await using var robot = await RobotAsync();
        await using var troll = await SocketIOPeer.ConnectAsync(_host.Address, forwardedFor: "203.0.113.1");
        await using var neighbour = await SocketIOPeer.ConnectAsync(_host.Address, forwardedFor: "203.0.113.2");

        await Bans.MakeAsync(BanScope.Site, BanTarget.Of(IPAddress.Parse("203.0.113.1")), "", duration: null, "root1");

        await Eventually.TrueAsync(() => !troll.IsConnected);
        await using var again = await SocketIOPeer.ConnectAsync(_host.Address, forwardedFor: "203.0.113.1");
        Assert.Equal("banned", (await again.AskAsync("select_robot", new { })).GetProperty("code").GetString());
        await using var newer = await RobotAsync();
        await robot.WaitForAsync("robot_taken_over");
        await neighbour.WaitForAsync("robot_statuses");
        Assert.DoesNotContain(again.Received, received => received.Name == "robot_statuses");
    }

    [Fact]
    public async Task A_robot_at_an_address_that_is_banned_from_the_site_goes_on_and_is_told_no_states_of_others()
    {
        await using var robot = await RobotAsync();
        await robot.AskAsync("select_robot", new { });
        await using var neighbour = await SocketIOPeer.ConnectAsync(_host.Address, forwardedFor: "203.0.113.2");
        await neighbour.WaitForAsync("robot_statuses");

        await Bans.MakeAsync(BanScope.Site, BanTarget.Of(IPAddress.Parse("203.0.113.1")), "", duration: null, "root1");

        var isLive = false;
        await Eventually.TrueAsync(async () =>
        {
            var (robotsBefore, neighboursBefore) = (States(robot), States(neighbour));
            await _host.Presence.VideoStatusAsync("rover", isLive = !isLive);
            await Eventually.TrueAsync(() => States(neighbour) > neighboursBefore);
            Assert.True((await robot.AskAsync("identify_robot_id", _robot.RobotId)).GetProperty("ok").GetBoolean());
            return States(robot) == robotsBefore;
        });

        static int States(SocketIOPeer peer) => peer.Received.Count(received => received.Name == "robot_statuses");
    }

    [Fact]
    public async Task A_robot_of_an_account_that_is_banned_from_the_site_is_cut_off_and_its_word_counts_no_more()
    {
        await using var robot = await RobotAsync();

        await Bans.MakeAsync(BanScope.Site, BanTarget.Of((await _host.Get<AccountDirectory>().FindAsync("olga"))!), "", duration: null, "root1");

        await Eventually.TrueAsync(() => !robot.IsConnected);
        await Eventually.TrueAsync(async () => !(await _host.Presence.GetAsync(_robot)).Online);
        await using var again = await SocketIOPeer.ConnectAsync(_host.Address);
        Assert.Equal("owner_banned", (await again.AskAsync("identify_robot_id", _robot.RobotId)).GetProperty("code").GetString());
    }

    private async Task<SocketIOPeer> RobotAsync()
    {
        var robot = await SocketIOPeer.ConnectAsync(_host.Address, forwardedFor: "203.0.113.1");
        Assert.True((await robot.AskAsync("identify_robot_id", _robot.RobotId)).GetProperty("ok").GetBoolean());
        return robot;
    }
}
