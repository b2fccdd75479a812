using LiveRobot.Testing;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>The control socket while PostgreSQL does not answer.</summary>
public sealed class StoreAwayTests : IDisposable
{
    private readonly PostgresServer _server = PostgresServer.Start();

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task Who_drives_goes_on_while_it_is_silent_and_a_key_is_released_when_its_viewer_goes()
    {
        await using var server = await ControlServer.StartAsync(
            $"Storage:Postgres={_server.TakeDatabase()};Timeout=1;Command Timeout=1", "Control:CommandsPerSecond=10000", "Control:RobotCommandsPerSecond=100000");
        var robot = await server.AddRobotAsync();
        await using var body = await server.ConnectRobotAsync(robot, capabilities: new { key_position = true });
        await using var olga = await server.ConnectViewerAsync(robot, await server.SignInAsync("olga"));
        await using (var stranger = await server.ConnectViewerAsync(robot))
        {
            _server.Freeze();

            // Until what waits for the store in the background has given it up, and once more.
            bool hasGivenUp;
            do
            {
                hasGivenUp = HasLogged("The command log cannot be written");
                foreach (var viewer in new[] { stranger, olga })
                {
                    Assert.Equal("ok", await viewer.PressAsync("F", "down"));
                    await HearsLastAsync("F:down");
                    Assert.Equal("ok", await viewer.PressAsync("F", "up"));
                    await HearsLastAsync("F:up");
                }
            }
            while (!hasGivenUp);

            Assert.Equal("ok", await stranger.PressAsync("B", "down"));
            await HearsLastAsync("B:down");
        }

        await HearsLastAsync("B:up");

        _server.Thaw();
        await Eventually.TrueAsync(() => HasLogged("The command log is written again"));

        bool HasLogged(string text) => server.Log.Lines.Any(line => line.Contains(text, StringComparison.Ordinal));

        Task HearsLastAsync(string command) =>
            Eventually.TrueAsync(() => body.Heard.EndsWith(command, StringComparison.Ordinal), text: $"the robot hears {command} last, not {body.Heard}");
    }
}
