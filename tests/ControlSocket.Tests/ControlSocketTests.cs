using LiveRobot.Testing;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>The service as clients see it: real Kestrel, a real Socket.IO client.</summary>
public sealed class ControlSocketTests : IAsyncLifetime
{
    private ControlServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ControlServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("robot_id")]
    [InlineData("identify_robot_id")]
    public async Task A_command_reaches_the_robot_with_all_its_fields_and_nothing_else(string identify)
    {
        var robot = await _server.AddRobotAsync();
        await using var body = await _server.ConnectAsync();
        await body.AskOkAsync(identify, robot.RobotId);
        await using var viewer = await _server.ConnectViewerAsync(robot);

        await viewer.AskOkAsync(
            "command_to_robot",
            new { robot_id = robot.Handle, command = "F", key_position = "down", user = "admin", anonymous = false, premium = true });

        await body.HearsAsync("F:down");
        Assert.Equal(
            $$"""{"robot_id":"{{robot.RobotId}}","command":"F","user":"","key_position":"down","anonymous":true,"username":""}""",
            Assert.Single(body.Of("command_to_robot")).Argument.GetRawText());
    }

    [Fact]
    public async Task The_robots_viewers_and_watchers_see_the_command_and_no_robot_id()
    {
        var robot = await _server.AddRobotAsync("Röver \"1\"");
        await using var body = await _server.ConnectRobotAsync(robot);
        await using var viewer = await _server.ConnectViewerAsync(robot);
        await using var other = await _server.ConnectViewerAsync(robot);
        await using var watcher = await _server.ConnectAsync();
        await watcher.AskOkAsync("robot_id", robot.Handle);

        await viewer.AskOkAsync("command_to_robot", new { robot_id = robot.Handle, command = "F", key_position = "down" });

        foreach (var audience in new[] { viewer, other, watcher })
        {
            await Eventually.TrueAsync(() => audience.Of("robot_command_has_hit_webserver").Count == 1);
            var seen = audience.Of("robot_command_has_hit_webserver")[0].Argument;
            Assert.Equal(robot.Handle, seen.GetProperty("robot_id").GetString());
            Assert.Equal("Röver \"1\"", seen.GetProperty("robot_name").GetString());
            Assert.Equal("F", seen.GetProperty("command").GetString());
            Assert.Equal("down", seen.GetProperty("key_position").GetString());
            Assert.Equal("", seen.GetProperty("user").GetString());
            Assert.True(seen.GetProperty("anonymous").GetBoolean());
            Assert.DoesNotContain(robot.RobotId, seen.GetRawText(), StringComparison.Ordinal);
        }

        Assert.Empty(watcher.Of("command_to_robot"));
        Assert.Empty(viewer.Of("command_to_robot"));
    }

    [Fact]
    public async Task A_watcher_makes_no_robot_online()
    {
        var robot = await _server.AddRobotAsync();
        await using var watcher = await _server.ConnectAsync();
        await watcher.AskOkAsync("robot_id", robot.Handle);
        await using var viewer = await _server.ConnectViewerAsync(robot);

        Assert.Equal("robot_offline", await viewer.PressAsync("F", "down"));
        Assert.False((await _server.Presence.GetAsync(robot)).Online);
    }
}
