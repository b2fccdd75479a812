using System.Collections.Concurrent;

using LiveRobot.Platform.Bus;
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
            Assert.Matches("^anonymous[0-9]{4}$", seen.GetProperty("user").GetString());
            Assert.True(seen.GetProperty("anonymous").GetBoolean());
            Assert.DoesNotContain(robot.RobotId, seen.GetRawText(), StringComparison.Ordinal);
        }

        Assert.Empty(watcher.Of("command_to_robot"));
        Assert.Empty(viewer.Of("command_to_robot"));
    }

    [Theory]
    [InlineData("no_such_event", "unknown_event")]
    [InlineData("unknown", "unknown_event")]
    [InlineData("select_robot", "bad_request")]
    [InlineData("robot_capabilities", "bad_request")]
    [InlineData("robot_id", "unknown_robot")]
    public async Task An_event_that_is_unknown_or_malformed_is_answered_with_an_error_and_counted(string name, string code)
    {
        using var metrics = _server.RecordMetrics();
        await using var client = await _server.ConnectAsync();

        await client.EmitAsync(name, 7);

        await Eventually.TrueAsync(() => client.Of("event_refused").Count == 1);
        var refused = client.Of("event_refused")[0].Argument;
        Assert.Equal((name, code), (refused.GetProperty("event").GetString(), refused.GetProperty("code").GetString()));
        Assert.NotEmpty(refused.GetProperty("error").GetString()!);
        Assert.Equal([$"liverobot.sockets.events.refused 1 code={code} socket=control"], Refused(metrics));

        Assert.Equal(code, await client.AskCodeAsync(name, 7));
        Assert.Single(client.Of("event_refused"));
    }

    /// <summary>Robots of the LetsRobot era send events that nobody knows any more, and break on an answer.</summary>
    [Fact]
    public async Task To_clients_of_Engine_IO_3_a_refused_event_is_only_counted()
    {
        using var metrics = _server.RecordMetrics();
        var robot = await _server.AddRobotAsync();
        await using var body = await _server.ConnectRobotAsync(robot, engineIOVersion: 3);

        await body.EmitAsync("ip_information", new { ip = "192.0.2.7", robot_id = robot.RobotId });
        await body.EmitAsync("robot_capabilities", "none");
        await body.AskOkAsync("robot_id", robot.RobotId);

        Assert.Equal(2, Refused(metrics).Length);
        Assert.Empty(body.Of("event_refused"));
    }

    [Fact]
    public async Task A_robot_that_has_said_who_it_is_speaks_in_its_chat_and_nobody_else_does()
    {
        var robot = await _server.AddRobotAsync();
        var (bus, said) = (_server.Get<IBus>(), new List<(string Handle, string Text)>());
        using var chat = bus.Subscribe<RobotSpoke>(spoke =>
        {
            said.Add((spoke.Handle, spoke.Text));
            bus.Publish(new RobotHeard(spoke.Id, "6a00f0c07b1e4c8d9a2b3c4d"));
        });
        await using var body = await _server.ConnectRobotAsync(robot);
        await using var viewer = await _server.ConnectViewerAsync(robot);

        Assert.Equal("not_identified", await viewer.AskCodeAsync("chat_message", new { message = "beep", robot_id = robot.RobotId }));
        Assert.Equal("too_long", await body.AskCodeAsync("chat_message", new { message = new string('a', 501) }));
        var answer = await body.AskAsync("chat_message", new { message = "[Rover] beep\n" });

        Assert.Equal("6a00f0c07b1e4c8d9a2b3c4d", answer.GetProperty("_id").GetString());
        Assert.Equal([(robot.Handle, "beep")], said);
    }

    [Fact]
    public async Task What_a_robot_says_is_acknowledged_when_its_chat_has_it_and_nothing_else_waits_for_that()
    {
        await using var server = await ControlServer.StartAsync("RobotSpeech:AnswerTime=00:10:00");
        var (bus, said) = (server.Get<IBus>(), new ConcurrentQueue<RobotSpoke>());
        using var chat = bus.Subscribe<RobotSpoke>(said.Enqueue);
        await using var body = await server.ConnectRobotAsync(await server.AddRobotAsync());

        var asking = body.AskAsync("chat_message", new { message = "beep" });
        await Eventually.TrueAsync(() => said.Count == 1);
        await body.AskOkAsync("robot_capabilities", new { key_position = true });
        Assert.False(asking.IsCompleted);

        bus.Publish(new RobotHeard("another", "1"));
        bus.Publish(new RobotHeard(said.Single().Id, null));
        Assert.Equal("not_said", (await asking).GetProperty("code").GetString());
    }

    [Fact]
    public async Task What_a_robot_says_is_refused_after_AnswerTime_when_nobody_serves_its_chat()
    {
        await using var server = await ControlServer.StartAsync("RobotSpeech:AnswerTime=00:00:00.100");
        await using var body = await server.ConnectRobotAsync(await server.AddRobotAsync());

        Assert.Equal("not_said", await body.AskCodeAsync("chat_message", new { message = "beep" }));
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

    private static string[] Refused(RecordedMetrics metrics) =>
        [.. metrics.Lines.Where(line => line.StartsWith("liverobot.sockets.events.refused", StringComparison.Ordinal))];
}
