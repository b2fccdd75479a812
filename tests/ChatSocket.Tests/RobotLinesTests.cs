using System.Text.Json;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Chat;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.ChatSocket.Tests;

/// <summary>What a robot says itself, and who cannot say it.</summary>
public sealed class RobotLinesTests : IAsyncLifetime
{
    private ServiceHost _host = null!;
    private Robot _robot = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await ServiceHost.StartAsync(
            builder => builder.AddChatSocket(),
            endpoints => endpoints.MapChatSocket(),
            new Dictionary<string, string?> { ["RobotSpeech:Interval"] = "00:10:00" });
        _robot = await _host.Robots.AddAsync("Rover", "alice");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("""{"message": "beep"}""")]
    [InlineData("""{"message": "[Rover] beep", "robot_id": "rover", "robot_name": "Rover", "secret": ""}""")]
    [InlineData("""{"message": "beep", "robot_id": "{robot_id}"}""")]
    public async Task A_robot_speaks_on_its_own_socket_in_its_own_name_and_does_not_hear_itself(string said)
    {
        await using var viewer = await ViewerAsync();
        await using var robot = await RobotAsync();

        var answer = await robot.AskAsync("chat_message", JsonElement.Parse(said.Replace("{robot_id}", _robot.RobotId, StringComparison.Ordinal)));

        var heard = await viewer.WaitForAsync("chat_message_with_name");
        Assert.Equal(("Rover", "[Rover] beep", "rover"), (heard.GetProperty("name").GetString(), heard.GetProperty("message").GetString(), heard.GetProperty("robot_id").GetString()));
        Assert.Equal((true, false), (heard.GetProperty("robot").GetBoolean(), heard.GetProperty("anonymous").GetBoolean()));
        Assert.Equal(answer.GetProperty("_id").GetString(), heard.GetProperty("_id").GetString());
        await viewer.AskAsync("chat_message", new { message = "hello" });
        var line = await robot.WaitForAsync("chat_message_with_name");
        Assert.Equal("[Rover] hello", line.GetProperty("message").GetString());
        Assert.False(line.TryGetProperty("robot", out _));
        await using var newcomer = await ViewerAsync();
        Assert.True((await newcomer.WaitForAsync("chat_history"))[0].GetProperty("robot").GetBoolean());
    }

    [Fact]
    public async Task What_a_robot_says_on_its_control_socket_comes_over_the_bus()
    {
        using var metrics = new RecordedMetrics(_host.Get<System.Diagnostics.Metrics.IMeterFactory>());
        await using var viewer = await ViewerAsync();

        var id = await _host.Get<RobotVoice>().SayAsync(_robot, "beep");

        var heard = await viewer.WaitForAsync("chat_message_with_name", line => line.GetProperty("_id").GetString() == id);
        Assert.Equal(("Rover", "[Rover] beep", true), (heard.GetProperty("name").GetString(), heard.GetProperty("message").GetString(), heard.GetProperty("robot").GetBoolean()));
        await Eventually.TrueAsync(() => metrics.Lines.Contains("liverobot.chat.lines 1 by=robot outcome=accepted"));
    }

    /// <summary>The messenger of existing robots: a connection of its own with a session's cookie, and the robot's private id in what it says.</summary>
    [Fact]
    public async Task The_messenger_of_a_robot_speaks_for_it_in_the_name_of_its_account()
    {
        await using var viewer = await ViewerAsync();
        await using var messenger = await SocketIOPeer.ConnectAsync(_host.Address, engineIOVersion: 3, cookie: await _host.SignInAsync("RoverBot"));

        await messenger.EmitAsync("chat_message", new { message = "[Rover] charging", robot_id = _robot.RobotId, robot_name = "Rover", secret = "iknowyourelookingatthisthatsfine" });

        var heard = await viewer.WaitForAsync("chat_message_with_name");
        Assert.Equal(("RoverBot", "[Rover] charging", true), (heard.GetProperty("name").GetString(), heard.GetProperty("message").GetString(), heard.GetProperty("robot").GetBoolean()));
        Assert.DoesNotContain(_robot.RobotId, heard.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_says_by_a_field_or_a_wrong_id_that_they_are_a_robot()
    {
        await using var listener = await ViewerAsync();
        await using var forger = await ViewerAsync();

        await forger.AskAsync("chat_message", new { message = "beep", robot_id = "rover", robot = true, name = "Rover", robot_name = "Rover" });
        var refused = await forger.AskAsync("chat_message", new { message = "beep", robot_id = "12345678901234567890" });

        var heard = await listener.WaitForAsync("chat_message_with_name");
        Assert.False(heard.TryGetProperty("robot", out _));
        Assert.NotEqual("Rover", heard.GetProperty("name").GetString());
        Assert.Equal("unknown_robot", refused.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Where_the_bare_robot_id_is_off_it_says_nothing_in_the_robots_name()
    {
        await _host.Robots.ReplaceRobotTokenAsync("rover");
        await _host.Robots.ChangeAsync("rover", robot => robot with { BareIds = BareIdRule.Off });
        await using var thief = await ViewerAsync();

        var refused = await thief.AskAsync("chat_message", new { message = "beep", robot_id = _robot.RobotId });

        Assert.Equal("robot_token_wanted", refused.GetProperty("code").GetString());
        Assert.DoesNotContain(thief.Received, received => received.Name == "chat_message_with_name");
    }

    [Fact]
    public async Task A_robot_says_five_lines_at_once_of_500_characters_from_all_its_connections_and_no_more()
    {
        await using var robot = await RobotAsync();
        await using var messenger = await SocketIOPeer.ConnectAsync(_host.Address);
        Assert.Equal("too_long", Code(await robot.AskAsync("chat_message", new { message = new string('a', 501) })));
        Assert.Equal("no_text", Code(await robot.AskAsync("chat_message", new { message = "[Rover] " })));
        for (var line = 0; line < 4; line++)
        {
            Assert.True((await robot.AskAsync("chat_message", new { message = new string('a', 500) })).GetProperty("ok").GetBoolean());
        }

        Assert.True((await messenger.AskAsync("chat_message", new { message = "5", robot_id = _robot.RobotId })).GetProperty("ok").GetBoolean());

        Assert.Equal("too_fast", Code(await robot.AskAsync("chat_message", new { message = "6" })));
        Assert.Equal("too_fast", Code(await messenger.AskAsync("chat_message", new { message = "6", robot_id = _robot.RobotId })));
    }

    /// <summary>Its name may be an account's.</summary>
    [Fact]
    public async Task A_line_of_a_robot_bans_nobody_who_has_its_name()
    {
        await _host.SignInAsync("Rover");
        await using var robot = await RobotAsync();
        var said = await robot.AskAsync("chat_message", new { message = "beep" });

        Assert.Null(await _host.Get<BanDirectory>().FindAuthorAsync(BanScope.OfRobot("rover"), said.GetProperty("_id").GetString()!));
        Assert.NotNull(await _host.Get<AccountDirectory>().FindAsync("Rover"));
    }

    private static string? Code(JsonElement answer) => answer.GetProperty("code").GetString();

    private async Task<SocketIOPeer> ViewerAsync()
    {
        var viewer = await SocketIOPeer.ConnectAsync(_host.Address);
        Assert.True((await viewer.AskAsync("select_robot", new { robot_id = "rover" })).GetProperty("ok").GetBoolean());
        return viewer;
    }

    private async Task<SocketIOPeer> RobotAsync()
    {
        var robot = await SocketIOPeer.ConnectAsync(_host.Address);
        Assert.True((await robot.AskAsync("identify_robot_id", _robot.RobotId)).GetProperty("ok").GetBoolean());
        return robot;
    }
}
