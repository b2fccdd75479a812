using System.Diagnostics;

using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

using SocketIO;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>Robots on the real service.</summary>
public sealed class RobotSocketTests : IAsyncLifetime
{
    private ControlServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ControlServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_robot_that_has_declared_nothing_gets_one_object_and_no_acknowledgement_id()
    {
        var robot = await _server.AddRobotAsync();
        using var body = await RawClient.ConnectAsync(_server.Address);
        await body.SendAsync($"""42["robot_id","{robot.RobotId}"]""");
        await Eventually.TrueAsync(async () => (await _server.Presence.GetAsync(robot)).Online);
        await using var viewer = await _server.ConnectViewerAsync(robot);

        await viewer.PressAsync("F", "");

        Assert.Equal(
            $$"""42["command_to_robot",{"robot_id":"{{robot.RobotId}}","command":"F","user":"","key_position":"","anonymous":true,"username":""}]""",
            await body.ReceiveAsync());
    }

    [Fact]
    public async Task A_robot_that_acknowledges_is_asked_to()
    {
        var robot = await _server.AddRobotAsync();
        using var body = await RawClient.ConnectAsync(_server.Address);
        await body.SendAsync($"""42["robot_id","{robot.RobotId}"]""");
        await body.SendAsync("""421["robot_capabilities",{"key_position":true,"acknowledge":true}]""");
        Assert.Equal("""431[{"ok":true}]""", await body.ReceiveAsync());
        await using var viewer = await _server.ConnectViewerAsync(robot);

        await viewer.PressAsync("F", "down");

        Assert.StartsWith("""420["command_to_robot",{""", await body.ReceiveAsync());
    }

    [Fact]
    public async Task Ids_that_nobody_has_and_what_old_robots_say_beside_them_is_refused_and_the_socket_goes_on()
    {
        using var body = await RawClient.ConnectAsync(_server.Address);

        await body.SendAsync("""42["robot_id","11112222"]""");
        await body.SendAsync("""42["identify_robot_id",{"robot_id":3}]""");
        await body.SendAsync("""42["robot_id"]""");
        await body.SendAsync("""42["libVer",{"library":"unofficial","version":"1"}]""");
        await body.SendAsync("""42["ip_information",{"ip":"10.0.0.1 \n","robot_id":"11112222"}]""");
        await body.SendAsync("""427["identify_robot_id","11112222"]""");

        foreach (var name in new[] { "robot_id", "identify_robot_id", "robot_id", "libVer", "ip_information" })
        {
            Assert.StartsWith($"42[\"event_refused\",{{\"event\":\"{name}\"", await body.ReceiveAsync(), StringComparison.Ordinal);
        }

        Assert.Equal("""437[{"ok":false,"error":"There is no such robot.","code":"unknown_robot"}]""", await body.ReceiveAsync());
    }

    [Fact]
    public async Task Identifying_again_changes_nothing()
    {
        var robot = await _server.AddRobotAsync();
        await using var body = await _server.ConnectRobotAsync(robot);
        await body.AskOkAsync("robot_id", robot.RobotId);
        await body.AskOkAsync("identify_robot_id", robot.RobotId);
        await using var viewer = await _server.ConnectViewerAsync(robot);

        await viewer.PressAsync("F", "down");
        await body.HearsAsync("F:down");
        await viewer.PressAsync("F", "up");

        await body.HearsAsync("F:down F:up");
    }

    [Fact]
    public async Task Presence_follows_the_sockets_of_the_robot()
    {
        await using var server = await ControlServer.StartAsync("Presence:SocketLifetime=00:00:01");
        var robot = await server.AddRobotAsync();
        await using var first = await server.ConnectRobotAsync(robot);
        await Eventually.TrueAsync(async () => (await server.Presence.GetAsync(robot)).Online);
        var second = await server.ConnectRobotAsync(robot);
        await Eventually.TrueAsync(() => !first.IsConnected);

        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < TimeSpan.FromSeconds(2.5))
        {
            // Longer than a report lives: it is renewed in time.
            Assert.True((await server.Presence.GetAsync(robot)).Online);
            await Task.Delay(20);
        }

        await second.DisposeAsync();
        await Eventually.TrueAsync(async () => !(await server.Presence.GetAsync(robot)).Online, within: TimeSpan.FromSeconds(0.9));
    }

    [Fact]
    public async Task A_robot_on_engine_io_3_gets_nothing_in_its_first_two_seconds()
    {
        var robot = await _server.AddRobotAsync();
        await using var viewer = await _server.ConnectViewerAsync(robot);
        await using var body = await _server.ConnectRobotAsync(robot, engineIOVersion: 3);
        var identified = Stopwatch.StartNew();

        Assert.Equal("robot_starting", await viewer.PressAsync("F", "down"));
        await Eventually.TrueAsync(async () => await viewer.PressAsync("F", "down") == "ok");

        // Its clock and ours started some milliseconds apart.
        Assert.InRange(identified.Elapsed.TotalSeconds, 1.9, 10);
        await body.HearsAsync("F:down");
    }

    [Fact]
    public async Task The_guard_of_the_first_seconds_is_an_option()
    {
        await using var server = await ControlServer.StartAsync("Control:StartGuard=00:00:00");
        var robot = await server.AddRobotAsync();
        await using var body = await server.ConnectRobotAsync(robot, engineIOVersion: 3);
        await using var viewer = await server.ConnectViewerAsync(robot);

        Assert.Equal("ok", await viewer.PressAsync("F", "down"));
    }

    [Fact]
    public async Task A_robot_that_comes_back_after_a_hold_ended_is_first_sent_a_stop()
    {
        var robot = await _server.AddRobotAsync();
        await using var viewer = await _server.ConnectViewerAsync(robot);
        var body = await _server.ConnectRobotAsync(robot);
        await viewer.PressAsync("F", "down");
        await body.HearsAsync("F:down");
        await body.DisposeAsync();
        await Eventually.TrueAsync(async () => !(await _server.Presence.GetAsync(robot)).Online);
        await viewer.PressAsync("F", "up");

        await using var back = await _server.ConnectRobotAsync(robot, capabilities: new { key_position = true, acknowledge = true });

        await Eventually.TrueAsync(() => back.Heard.StartsWith("stop:up", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_robot_that_reads_nothing_is_disconnected_before_it_costs_memory()
    {
        await using var server = await ControlServer.StartAsync("Control:MaxUnreadBytes=1024");
        var robot = await server.AddRobotAsync();
        using var body = await RawClient.ConnectAsync(server.Address, receiveBufferBytes: 4_096);
        await body.SendAsync($"""42["robot_id","{robot.RobotId}"]""");
        await Eventually.TrueAsync(async () => (await server.Presence.GetAsync(robot)).Online);
        var unread = EventMessage.Create("unread", new string('#', 100_000));
        var socket = Assert.Single(server.Sockets);

        // Until the kernel takes no more, whose buffers grow while they are filled.
        await Eventually.TrueAsync(() => socket.BufferedBytes > 2_000_000 || !socket.Emit(unread));

        await using var viewer = await server.ConnectViewerAsync(robot);
        await viewer.PressAsync("F", "down");
        await viewer.PressAsync("stop", "");

        await Eventually.TrueAsync(async () => !(await server.Presence.GetAsync(robot)).Online, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_changed_release_rule_counts_at_once()
    {
        var robot = await _server.AddRobotAsync();
        await using var body = await _server.ConnectRobotAsync(robot, capabilities: new { key_position = true, acknowledge = false });
        await using var viewer = await _server.ConnectViewerAsync(robot);
        await _server.Robots.ChangeAsync(robot.Handle, stored => stored with { Release = ReleaseRule.None });

        await Eventually.TrueAsync(async () =>
        {
            await viewer.PressAsync("F", "down");
            await Eventually.TrueAsync(() => body.Heard.EndsWith("F:down", StringComparison.Ordinal));
            await viewer.PressAsync("F", "up");
            await viewer.PressAsync("L", "down");
            await Eventually.TrueAsync(() => body.Heard.EndsWith("L:down", StringComparison.Ordinal));
            await viewer.PressAsync("L", "up");
            return body.Heard.EndsWith("F:down L:down", StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task No_log_line_names_a_robot_id()
    {
        var robot = await _server.AddRobotAsync();
        await using (await _server.ConnectRobotAsync(robot))
        {
            await using var viewer = await _server.ConnectViewerAsync(robot);
            await viewer.PressAsync("F", "down");
        }

        await Eventually.TrueAsync(() => _server.Log.Lines.Any(line => line.Contains($"Robot {robot.Handle} has closed", StringComparison.Ordinal)));

        Assert.DoesNotContain(_server.Log.Lines, line => line.Contains(robot.RobotId, StringComparison.Ordinal));
    }
}
