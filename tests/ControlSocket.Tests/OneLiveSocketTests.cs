using System.Net;

using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>A robot has one live socket: the newest. How old and foreign clients take it is told in Compatibility.</summary>
public sealed class OneLiveSocketTests : IAsyncLifetime
{
    private static readonly IPAddress Home = IPAddress.Parse("127.0.0.2");
    private static readonly IPAddress Elsewhere = IPAddress.Parse("127.0.0.3");

    private ControlServer _server = null!;
    private Robot _robot = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ControlServer.StartAsync("Control:StartGuard=00:00:00");
        _robot = await _server.AddRobotAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public async Task The_newest_socket_is_the_robot_and_the_older_is_told_and_closed(int engineIOVersion)
    {
        using var metrics = _server.RecordMetrics();
        await using var older = await _server.ConnectRobotAsync(_robot, engineIOVersion);
        await using var newer = await _server.ConnectRobotAsync(_robot, engineIOVersion);
        await Eventually.TrueAsync(() => !older.IsConnected);
        await using var viewer = await _server.ConnectViewerAsync(_robot);

        Assert.Equal("ok", await viewer.PressAsync("F", "down"));

        await newer.HearsAsync("F:down");
        Assert.Equal("", older.Heard);
        Assert.Single(metrics.Lines, "liverobot.sockets.robots.replaced 1 socket=control");
        Assert.Single(metrics.Lines, "liverobot.control.commands 1 outcome=accepted");
        Assert.Single(metrics.Lines, line => line.StartsWith("liverobot.control.command.duration", StringComparison.Ordinal));
        metrics.Observe();
        Assert.Contains("liverobot.node.robots 1 service=control", metrics.Lines);
        Assert.Contains("liverobot.node.viewers 1 service=control", metrics.Lines);
        Assert.Equal("taken_over", Assert.Single(older.Of("robot_taken_over")).Argument.GetProperty("code").GetString());
        Assert.True((await _server.Presence.GetAsync(_robot)).Online);
    }

    [Fact]
    public async Task An_older_socket_that_moves_is_first_released()
    {
        await using var older = await _server.ConnectRobotAsync(_robot, capabilities: new { key_position = true, acknowledge = false });
        await using var viewer = await _server.ConnectViewerAsync(_robot);
        await viewer.PressAsync("F", "down");
        await older.HearsAsync("F:down");

        await using var newer = await _server.ConnectRobotAsync(_robot, capabilities: new { key_position = true, acknowledge = false });

        await Eventually.TrueAsync(() => !older.IsConnected);
        Assert.Matches("^F:down (F|stop):up", older.Heard);
    }

    [Fact]
    public async Task Whoever_came_last_by_a_stolen_robot_id_is_not_listening_beside_the_robot()
    {
        await using var thief = await _server.ConnectRobotAsync(_robot);
        await using var body = await _server.ConnectRobotAsync(_robot);
        await using var viewer = await _server.ConnectViewerAsync(_robot);
        await viewer.PressAsync("F", "down");
        await body.HearsAsync("F:down");

        await Eventually.TrueAsync(() => !thief.IsConnected);
        Assert.Equal("", thief.Heard);
    }

    [Fact]
    public async Task The_socket_that_is_the_robot_may_say_so_again()
    {
        await using var body = await _server.ConnectRobotAsync(_robot);

        await body.AskOkAsync("robot_id", _robot.RobotId);
        await body.AskOkAsync("identify_robot_id", _robot.RobotId);

        Assert.True(body.IsConnected);
        Assert.Empty(body.Of("robot_taken_over"));
    }

    [Fact]
    public async Task Two_addresses_that_take_the_robot_from_each_other_are_shown_to_its_owner()
    {
        using var first = await RobotAtAsync(Home);
        using var second = await RobotAtAsync(Elsewhere);
        Assert.Null(await _server.Presence.GetAlternatingAsync("rover"));

        using var third = await RobotAtAsync(Home);

        await Eventually.TrueAsync(async () => await _server.Presence.GetAlternatingAsync("rover") is not null);
        var seen = (await _server.Presence.GetAlternatingAsync("rover"))!;
        Assert.Equal(("control", "127.0.0.3", "127.0.0.2"), (seen.Service, Plain(seen.Former), Plain(seen.Address)));
    }

    [Fact]
    public async Task Two_addresses_that_take_turns_without_meeting_are_shown_too()
    {
        foreach (var address in new[] { Home, Elsewhere, Home })
        {
            Assert.Null(await _server.Presence.GetAlternatingAsync("rover"));
            using (await RobotAtAsync(address))
            {
                // It is there, and leaves.
            }

            await Eventually.TrueAsync(() => _server.Sockets.Count == 0);
        }

        await Eventually.TrueAsync(async () => await _server.Presence.GetAlternatingAsync("rover") is not null);
    }

    [Fact]
    public async Task Addresses_that_change_more_slowly_are_not()
    {
        await using var server = await ControlServer.StartAsync("Presence:AlternatingWithin=00:00:00.001");
        var robot = await server.AddRobotAsync();
        using var first = await RobotAtAsync(Home, server, robot);
        using var second = await RobotAtAsync(Elsewhere, server, robot);
        using var third = await RobotAtAsync(Home, server, robot);
        using var fourth = await RobotAtAsync(Home, server, robot);

        Assert.Null(await server.Get<RobotPresence>().GetAlternatingAsync("rover"));
    }

    private static string Plain(string address) => IPAddress.Parse(address).MapToIPv4().ToString();

    private Task<RawClient> RobotAtAsync(IPAddress address) => RobotAtAsync(address, _server, _robot);

    private static async Task<RawClient> RobotAtAsync(IPAddress address, ControlServer server, Robot robot)
    {
        var client = await RawClient.ConnectAsync(server.Address, from: address);
        await client.SendAsync($"""421["robot_id","{robot.RobotId}"]""");
        Assert.Equal("""431[{"ok":true}]""", await client.ReceiveAsync());
        return client;
    }
}
