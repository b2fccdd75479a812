using System.Text.Json;

using LiveRobot.Testing;

namespace LiveRobot.EndToEnd;

/// <summary>A robot that already exists, without a line of its client's code changed.</summary>
public sealed class LetsRobotEraTests : IAsyncLifetime
{
    private Installation _installation = null!;
    private RobotCredentials _credentials = null!;

    public async ValueTask InitializeAsync()
    {
        _installation = await Installation.StartAsync();
        _credentials = await _installation.AddRobotAsync("Old Rover");
    }

    public ValueTask DisposeAsync() => _installation.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_goes_live_and_gets_commands_and_chat(bool tls)
    {
        await using var robot = _credentials.StartLetsRobotEraRobot(new Uri(tls ? _installation.TlsUrl : _installation.Url), _installation.Port("Status"), caFile: _installation.CaFile);
        await using var viewer = await SocketViewer.OpenAsync(_installation, _credentials);

        await robot.WaitForLineAsync(line => line.Contains("\"ready\"", StringComparison.Ordinal));
        await _installation.StateAsync(_credentials, state => state.GetProperty("live").GetBoolean() && state.GetProperty("online").GetBoolean());
        await PressUntilDeliveredAsync(viewer);

        var command = Parse(await robot.WaitForLineAsync(IsEvent("command")));
        Assert.Equal(_credentials.RobotId, command.GetProperty("robot_id").GetString());
        Assert.Equal("F", command.GetProperty("command").GetString());
        Assert.Equal("down", command.GetProperty("key_position").GetString());
        Assert.True(command.GetProperty("anonymous").GetBoolean());

        Assert.True((await viewer.SayAsync("[Old Rover] hällo ☃")).GetProperty("ok").GetBoolean());

        var chat = Parse(await robot.WaitForLineAsync(IsEvent("chat")));
        Assert.Equal(" hällo ☃", chat.GetProperty("spoken").GetString());
        Assert.Equal(_credentials.RobotId, chat.GetProperty("robot_id").GetString());
        Assert.Matches("^[0-9a-f]{24}$", chat.GetProperty("id").GetString());
    }

    /// <summary>
    /// This version of the library takes until the client's next identify, after 60 seconds, to come back to all sockets,
    /// and is live with the first video status behind that. In the short run both come six times as often.
    /// </summary>
    [Fact]
    public async Task It_is_well_again_after_the_server_has_restarted()
    {
        await using var robot = _credentials.StartLetsRobotEraRobot(new Uri(_installation.Url), _installation.Port("Status"), hurry: RandomInput.IsLong ? 1 : 6);
        await robot.WaitForLineAsync(line => line.Contains("\"ready\"", StringComparison.Ordinal));
        await _installation.StateAsync(_credentials, state => state.GetProperty("live").GetBoolean());

        await _installation.KillServerAsync();
        await _installation.StartServerAsync();

        var within = TimeSpan.FromSeconds(300);
        await _installation.StateAsync(_credentials, state => state.GetProperty("online").GetBoolean() && state.GetProperty("live").GetBoolean(), within);
        await using var viewer = await SocketViewer.OpenAsync(_installation, _credentials);
        await PressUntilDeliveredAsync(viewer);
        Assert.True((await viewer.SayAsync("again")).GetProperty("ok").GetBoolean());
        await robot.WaitForLineAsync(IsEvent("command"), within);
        await robot.WaitForLineAsync(line => line.Contains("again", StringComparison.Ordinal), within);
        Assert.False(robot.HasExited);
    }

    private static Func<string, bool> IsEvent(string name) =>
        line => line.Contains($"\"event\": \"{name}\"", StringComparison.Ordinal);

    private static JsonElement Parse(string line) => JsonElement.Parse(line);

    /// <summary>
    /// The server refuses commands to such a robot for its first two seconds, and says so. A tap that is over before the
    /// robot has proven to read may reach it as the <c>up</c> alone, so the key stays down for a moment.
    /// </summary>
    private static async Task PressUntilDeliveredAsync(SocketViewer viewer)
    {
        await Eventually.TrueAsync(
            async () =>
            {
                if ((await viewer.CommandAsync("F", "down")).GetProperty("ok").GetBoolean())
                {
                    return true;
                }

                // A key that went down before the robot was there drives nothing until it is let go, or is not repeated for a second.
                await Task.Delay(TimeSpan.FromSeconds(1.5));
                return false;
            },
            TimeSpan.FromSeconds(90));
        await Task.Delay(TimeSpan.FromMilliseconds(500));
        await viewer.CommandAsync("F", "up");
    }
}
