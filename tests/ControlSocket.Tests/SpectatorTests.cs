using LiveRobot.Platform.Control;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>Who comes by a link for spectators and tries to send all the same. The robot is Olga's, and everybody may drive it.</summary>
public sealed class SpectatorTests : IAsyncLifetime
{
    private ControlServer _server = null!;
    private Robot _robot = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ControlServer.StartAsync();
        _robot = await _server.AddRobotAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>Each row: how control is shared, and who has signed in: a stranger, somebody named, the owner, an administrator.</summary>
    [Theory]
    [InlineData(ControlMode.Everyone, null)]
    [InlineData(ControlMode.Everyone, "olga")]
    [InlineData(ControlMode.Queue, "bobby")]
    [InlineData(ControlMode.Vote, "bobby")]
    [InlineData(ControlMode.Owner, "root1")]
    public async Task A_spectator_sees_who_drives_and_neither_drives_votes_stands_in_line_nor_stops(ControlMode mode, string? name)
    {
        var rules = _server.Get<ControlRulesStore>();
        await rules.ChangeAsync("rover", stored => stored with { Mode = mode, Stoppers = ["bobby"] });
        await using var body = await _server.ConnectRobotAsync(_robot, capabilities: new { key_position = true, acknowledge = false });
        var cookie = name is null ? null : await _server.SignInAsync(name, isAdministrator: name == "root1");
        var token = await _server.Get<ViewingTokens>().IssueAsync("rover", TimeSpan.FromDays(1), forSpectators: true);
        await using var spectator = await SocketIOPeer.ConnectAsync(_server.Address, token: token, cookie: cookie);

        Assert.Equal("spectator", await CodeAsync("command_to_robot", new { robot_id = "rover", command = "F", key_position = "down" }));
        Assert.True((await spectator.AskAsync("select_robot", new { robot_id = "rover" })).GetProperty("ok").GetBoolean());
        Assert.Equal("spectator", await CodeAsync("command_to_robot", new { command = "F", key_position = "down" }));
        Assert.Equal("spectator", await CodeAsync("command_to_robot", new { command = "F", key_position = "up" }));
        Assert.Equal("spectator", await CodeAsync("command_to_robot", new { command = "stop", key_position = "" }));
        Assert.Equal("spectator", await CodeAsync("join_line", new { }));
        Assert.Equal("spectator", await CodeAsync("emergency_stop", new { }));
        Assert.Equal("spectator", await CodeAsync("grant_exclusive_control", new { id = 1 }));
        Assert.Equal("spectator", await CodeAsync("end_exclusive_control", new { }));

        // What the owner does comes to the robot as the first, and to the spectator.
        await using var olga = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("olga"));
        await olga.AskAsync("join_line");
        Assert.Equal("ok", await olga.PressAsync("B", "down"));
        await spectator.WaitForAsync("control_state");
        await Eventually.TrueAsync(() => body.Heard.StartsWith("B:down", StringComparison.Ordinal));
        Assert.Null((await rules.FindAsync("rover")).Closed);

        async Task<string?> CodeAsync(string sent, object argument) => (await spectator.AskAsync(sent, argument)).GetProperty("code").GetString();
    }

    [Fact]
    public async Task A_spectator_of_a_private_robot_is_cut_off_when_the_link_is_withdrawn()
    {
        await _server.Robots.SetVisibilityAsync("rover", Visibility.Private);
        var tokens = _server.Get<ViewingTokens>();
        var token = await tokens.IssueAsync("rover", TimeSpan.FromDays(1), forSpectators: true);
        await using var spectator = await SocketIOPeer.ConnectAsync(_server.Address, token: token);
        Assert.True((await spectator.AskAsync("select_robot", new { robot_id = "rover" })).GetProperty("ok").GetBoolean());
        await using var forger = await SocketIOPeer.ConnectAsync(_server.Address, token: token[1..]);
        Assert.Equal("unknown_robot", (await forger.AskAsync("select_robot", new { robot_id = "rover" })).GetProperty("code").GetString());

        await tokens.WithdrawAllAsync("rover");

        await Eventually.TrueAsync(() => !spectator.IsConnected);
    }
}
