using System.Diagnostics;

using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>Viewers on the real service.</summary>
public sealed class ViewerSocketTests : IAsyncLifetime
{
    private ControlServer _server = null!;
    private Robot _robot = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ControlServer.StartAsync();
        _robot = await _server.AddRobotAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_viewer_that_loses_its_connection_releases_the_robot_within_100_milliseconds()
    {
        await using var body = await _server.ConnectRobotAsync(_robot);
        var quickest = TimeSpan.MaxValue;
        // The machine may be busy with other tests: the quickest of a few tells what the server does.
        for (var i = 0; i < 5 && quickest > TimeSpan.FromMilliseconds(100); i++)
        {
            var heard = body.Of("command_to_robot").Count;
            using var viewer = await RawClient.ConnectAsync(_server.Address);
            await viewer.SendAsync($$"""42["select_robot",{"robot_id":"{{_robot.Handle}}"}]""");
            await viewer.SendAsync($$"""42["command_to_robot",{"robot_id":"{{_robot.Handle}}","command":"F","key_position":"down"}]""");
            await Eventually.TrueAsync(() => body.Of("command_to_robot").Count > heard && body.Heard.EndsWith("F:down", StringComparison.Ordinal));

            var lost = Stopwatch.GetTimestamp();
            viewer.Abort();
            await Eventually.TrueAsync(() => body.Of("command_to_robot").Any(IsRelease));
            var after = Stopwatch.GetElapsedTime(lost, body.Of("command_to_robot").First(IsRelease).Timestamp);
            quickest = after < quickest ? after : quickest;

            bool IsRelease(TestClient.Received received) =>
                received.Timestamp > lost && received.Argument.GetProperty("command").GetString() == "stop";
        }

        Assert.InRange(quickest, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public async Task A_private_robot_is_there_only_for_who_shows_a_viewing_token()
    {
        var robot = await _server.Robots.AddAsync("Hidden", "olga", Visibility.Private);
        var token = await _server.Get<ViewingTokens>().IssueAsync(robot.Handle, TimeSpan.FromMinutes(1));
        await using var stranger = await SocketIOPeer.ConnectAsync(_server.Address);
        await using var friend = await SocketIOPeer.ConnectAsync(_server.Address, token: token);
        var choice = new { robot_id = robot.Handle };

        Assert.Equal("unknown_robot", (await stranger.AskAsync("select_robot", choice)).GetProperty("code").GetString());
        Assert.Equal("unknown_robot", (await stranger.AskAsync("command_to_robot", new { robot_id = robot.Handle, command = "F" })).GetProperty("code").GetString());
        Assert.True((await friend.AskAsync("select_robot", choice)).GetProperty("ok").GetBoolean());
    }

    [Fact]
    public async Task A_viewer_that_repeats_and_goes_quiet_releases_the_robot_after_a_second()
    {
        await using var body = await _server.ConnectRobotAsync(_robot, capabilities: new { key_position = true, acknowledge = true });
        body.Acknowledges = true;
        await using var viewer = await _server.ConnectViewerAsync(_robot);
        await viewer.PressAsync("F", "down");
        await body.HearsAsync("F:down");
        await viewer.PressAsync("F", "intermediate");
        var repeated = Stopwatch.GetTimestamp();

        await body.HearsAsync("F:down F:intermediate F:up");

        Assert.InRange(Stopwatch.GetElapsedTime(repeated, body.Of("command_to_robot")[2].Timestamp).TotalSeconds, 0.8, 5);
        Assert.Equal("not_held", await viewer.PressAsync("F", "intermediate"));
        await Eventually.TrueAsync(() => viewer.Of("robot_command_has_hit_webserver").Count == 3);
    }

    [Fact]
    public async Task A_viewer_that_chooses_another_robot_lets_go_of_the_first()
    {
        var other = await _server.AddRobotAsync("Other");
        await using var body = await _server.ConnectRobotAsync(_robot);
        await using var otherBody = await _server.ConnectRobotAsync(other);
        await using var viewer = await _server.ConnectViewerAsync(_robot);
        await using var left = await _server.ConnectViewerAsync(_robot);
        await viewer.PressAsync("F", "down");
        await body.HearsAsync("F:down");

        await viewer.AskOkAsync("select_robot", new { robot_id = other.Handle });
        await viewer.PressAsync("L", "down");

        await Eventually.TrueAsync(() => body.Heard.StartsWith("F:down stop:up", StringComparison.Ordinal));
        await otherBody.HearsAsync("L:down");
        await left.PressAsync("R", "down");
        await Eventually.TrueAsync(() => left.Of("robot_command_has_hit_webserver").Count == 3);
        Assert.DoesNotContain(
            viewer.Of("robot_command_has_hit_webserver"),
            seen => seen.Argument.GetProperty("command").GetString() == "R");
    }

    [Fact]
    public async Task An_old_viewer_chooses_none_and_names_the_robot_by__id()
    {
        await using var body = await _server.ConnectRobotAsync(_robot);
        await using var viewer = await _server.ConnectAsync();

        await viewer.EmitAsync("command_to_robot", new { _id = _robot.Handle, robot_name = "x", command = "F", user = "wipApp" });

        await body.HearsAsync("F:");
        await Eventually.TrueAsync(() => viewer.Of("robot_command_has_hit_webserver").Count == 1);
    }

    [Fact]
    public async Task Viewers_are_told_how_many_they_are()
    {
        var first = await _server.ConnectViewerAsync(_robot);
        await Eventually.TrueAsync(() => Counts(first) == "1");
        await using var second = await _server.ConnectViewerAsync(_robot);

        await Eventually.TrueAsync(() => Counts(first) == "1 2" && Counts(second) == "2");
        await using var watcher = await _server.ConnectAsync();
        await watcher.AskOkAsync("robot_id", _robot.Handle);
        await Eventually.TrueAsync(async () => (await _server.Presence.GetAsync(_robot)).Viewers == 2);

        await first.DisposeAsync();
        await Eventually.TrueAsync(() => Counts(second) == "2 1" && Counts(watcher) == "1");
        await Eventually.TrueAsync(async () => (await _server.Presence.GetAsync(_robot)).Viewers == 1);
        await second.AskOkAsync("select_robot", new { robot_id = _robot.Handle });
        Assert.Equal("2 1", Counts(second));

        static string Counts(TestClient client) => string.Join(' ', client.Of("num_viewers").Select(count => count.Argument.GetInt32()));
    }

    [Fact]
    public async Task What_cannot_be_done_is_refused_with_a_reason()
    {
        var other = await _server.AddRobotAsync("Other");
        await using var body = await _server.ConnectRobotAsync(_robot);
        await using var viewer = await _server.ConnectAsync();

        Assert.Equal("nothing_selected", await viewer.PressAsync("F", "down"));
        Assert.Equal("unknown_robot", await viewer.AskCodeAsync("select_robot", new { robot_id = "nobody" }));
        Assert.Equal("unknown_robot", await viewer.AskCodeAsync("select_robot", new { robot_id = _robot.RobotId }));
        Assert.Equal("bad_request", await viewer.AskCodeAsync("select_robot", new { robot_id = 7 }));
        Assert.Equal("bad_request", await viewer.AskCodeAsync("select_robot"));
        await viewer.AskOkAsync("select_robot", _robot.Handle);

        Assert.Equal("bad_request", await viewer.AskCodeAsync("command_to_robot", "F"));
        Assert.Equal("bad_command", await viewer.AskCodeAsync("command_to_robot", new { key_position = "down" }));
        Assert.Equal("bad_command", await viewer.AskCodeAsync("command_to_robot", new { command = 7 }));
        Assert.Equal("bad_command", await viewer.PressAsync("", "down"));
        Assert.Equal("bad_command", await viewer.PressAsync("F\r\nL", "down"));
        Assert.Equal("bad_key_position", await viewer.PressAsync("F", "sideways"));
        Assert.Equal("bad_key_position", await viewer.AskCodeAsync("command_to_robot", new { command = "F", key_position = true }));
        Assert.Equal("not_held", await viewer.PressAsync("F", "intermediate"));
        Assert.Equal("other_robot", await viewer.AskCodeAsync("command_to_robot", new { robot_id = other.Handle, command = "F" }));
        Assert.Equal("command_too_long", await viewer.PressAsync(new string('F', 101), "down"));
        Assert.Equal("", body.Heard);

        Assert.Equal("ok", await viewer.PressAsync(new string('F', 100), "down"));
    }

    [Fact]
    public async Task A_refusal_reaches_a_viewer_that_asked_for_no_acknowledgement()
    {
        await using var viewer = await _server.ConnectViewerAsync(_robot);

        await viewer.EmitAsync("command_to_robot", new { robot_id = _robot.Handle, command = "F", key_position = "down" });

        await Eventually.TrueAsync(() => viewer.Of("command_refused").Count == 1);
        Assert.Equal(
            $$"""{"robot_id":"{{_robot.Handle}}","command":"F","error":"The robot is not connected.","code":"robot_offline"}""",
            viewer.Of("command_refused")[0].Argument.GetRawText());
    }

    [Fact]
    public async Task Commands_beyond_the_rate_are_refused_and_releases_are_not_counted()
    {
        await using var server = await ControlServer.StartAsync("Control:CommandsPerSecond=1");
        var robot = await server.AddRobotAsync();
        await using var body = await server.ConnectRobotAsync(robot, capabilities: new { key_position = true, acknowledge = true });
        await using var viewer = await server.ConnectViewerAsync(robot);

        Assert.Equal("ok", await viewer.PressAsync("F", "down"));
        Assert.Equal("too_fast", await viewer.PressAsync("L", "down"));
        await body.HearsAsync("F:down");
        Assert.Equal("ok", await viewer.PressAsync("F", "up"));
        Assert.Equal("ok", await viewer.PressAsync("stop", "down"));
        await body.HearsAsync("F:down F:up stop:down");

        await Eventually.TrueAsync(async () => await viewer.PressAsync("L", "down") == "ok");
    }

    [Fact]
    public async Task A_viewer_holds_no_more_than_it_may()
    {
        await using var server = await ControlServer.StartAsync("Control:HoldsPerViewer=2");
        var robot = await server.AddRobotAsync();
        await using var body = await server.ConnectRobotAsync(robot);
        await using var viewer = await server.ConnectViewerAsync(robot);

        Assert.Equal("ok", await viewer.PressAsync("F", "down"));
        Assert.Equal("ok", await viewer.PressAsync("L", "down"));
        Assert.Equal("too_many_holds", await viewer.PressAsync("R", "down"));
        Assert.Equal("ok", await viewer.PressAsync("L", "up"));
        Assert.Equal("ok", await viewer.PressAsync("R", "down"));
    }

    [Fact]
    public async Task A_robot_has_no_more_viewers_than_it_may()
    {
        await using var server = await ControlServer.StartAsync("Control:ViewersPerRobot=1");
        var robot = await server.AddRobotAsync();
        await using var body = await server.ConnectRobotAsync(robot);
        var first = await server.ConnectViewerAsync(robot);
        await using var second = await server.ConnectAsync();

        Assert.Equal("robot_full", await second.AskCodeAsync("select_robot", new { robot_id = robot.Handle }));
        Assert.Equal("robot_full", await second.AskCodeAsync("command_to_robot", new { robot_id = robot.Handle, command = "F" }));
        await first.PressAsync("F", "down");
        await first.DisposeAsync();

        await Eventually.TrueAsync(async () => await second.AskCodeAsync("select_robot", new { robot_id = robot.Handle }) == "ok");
        Assert.Empty(second.Of("robot_command_has_hit_webserver"));
    }

    [Fact]
    public async Task A_command_that_was_long_on_its_way_is_dropped_and_a_release_is_not()
    {
        await using var body = await _server.ConnectRobotAsync(_robot);
        await using var viewer = await _server.ConnectViewerAsync(_robot);
        var watch = Stopwatch.StartNew();

        Assert.Equal("ok", await PressAsync("F", "down", lateBy: 0));
        Assert.Equal("stale_command", await PressAsync("L", "down", lateBy: 40_000));
        Assert.Equal("not_held", await PressAsync("L", "intermediate", lateBy: 0));
        Assert.Equal("ok", await PressAsync("F", "up", lateBy: 40_000));

        await Eventually.TrueAsync(() => body.Heard is "F:down F:up" or "F:down stop:up");

        Task<string> PressAsync(string command, string position, double lateBy) => viewer.AskCodeAsync(
            "command_to_robot",
            new { command, key_position = position, t = 5_000 + watch.Elapsed.TotalMilliseconds - lateBy });
    }

    [Fact]
    public async Task The_same_robots_are_reached_under_a_path_of_the_sites_origin()
    {
        await using var body = await _server.ConnectRobotAsync(_robot);
        using var viewer = await RawClient.ConnectAsync(_server.Address, "/control/socket.io/");

        await viewer.SendAsync($$"""421["command_to_robot",{"robot_id":"{{_robot.Handle}}","command":"F","key_position":"down"}]""");

        await body.HearsAsync("F:down");
    }
}
