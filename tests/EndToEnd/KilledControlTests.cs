using System.Diagnostics;
using System.Globalization;

using LiveRobot.Testing;

namespace LiveRobot.EndToEnd;

/// <summary>A control service that is killed while somebody holds a key: nobody is left who would release the robot.</summary>
public sealed class KilledControlTests : IAsyncDisposable
{
    private readonly TemporaryFolder _data = new();
    private readonly string _port = FreePorts.Take().ToString(CultureInfo.InvariantCulture);
    private ChildProcess? _process;

    private Uri Address => new($"http://localhost:{_port}");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _data.Dispose();
    }

    [Fact]
    public async Task The_service_that_comes_back_stops_the_robot_first()
    {
        await StartAsync();
        var credentials = await RobotCredentials.AddAsync("Rover", "alice", "--data", _data.Path);
        await using (var robot = await RobotAsync(credentials))
        await using (var viewer = await SocketIOPeer.ConnectAsync(Address))
        {
            await viewer.AskAsync("select_robot", new { robot_id = credentials.Handle });
            var held = await viewer.AskAsync("command_to_robot", new { command = "F", key_position = "down" });
            Assert.True(held.GetProperty("ok").GetBoolean(), held.GetRawText());
            await robot.WaitForAsync("command_to_robot", told => told.GetProperty("key_position").GetString() == "down");

            // The note of it is written behind the command; as long as a key is held.
            await Eventually.TrueAsync(async () => (await QueryAsync("SELECT count(*) FROM moving_robots")) == "1");
            _process!.Signal("KILL");
            await _process.WaitForExitAsync();
        }

        await StartAsync();
        await using var back = await RobotAsync(credentials);
        var returned = Stopwatch.GetTimestamp();

        await back.WaitForAsync("command_to_robot", told => told.GetProperty("command").GetString() == "stop");
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"The stop came within {Stopwatch.GetElapsedTime(returned).TotalMilliseconds:F0} ms of the robot's return."));

        // A stop is said more than once; nothing else is.
        Assert.All(
            back.Received.Where(received => received.Name == "command_to_robot"),
            told => Assert.Equal("stop", told.Argument.GetProperty("command").GetString()));
        await Eventually.TrueAsync(async () => (await QueryAsync("SELECT count(*) FROM moving_robots")) == "0");
    }

    private async Task<string> QueryAsync(string query)
    {
        using var sqlite = Process.Start(new ProcessStartInfo("python3", ["-c", "import sqlite3,sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])", _data.File("liverobot.db"), query])
        {
            RedirectStandardOutput = true,
        })!;
        var answer = await sqlite.StandardOutput.ReadToEndAsync();
        await sqlite.WaitForExitAsync();
        return answer.Trim();
    }

    private async Task<SocketIOPeer> RobotAsync(RobotCredentials credentials)
    {
        var robot = await SocketIOPeer.ConnectAsync(Address);
        Assert.True((await robot.AskAsync("robot_id", credentials.RobotId)).GetProperty("ok").GetBoolean());
        return robot;
    }

    private async Task StartAsync()
    {
        _process = ChildProcess.Start(
            "dotnet",
            [Repository.Program("ControlSocket")],
            new Dictionary<string, string> { ["Storage__Directory"] = _data.Path, ["Ports__Control"] = _port });
        using var client = new HttpClient();
        await Eventually.TrueAsync(async () =>
        {
            Assert.False(_process.HasExited, string.Join('\n', _process.Lines));
            try
            {
                return await client.GetStringAsync(new Uri(Address, "healthz")) == "ok\n";
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
    }
}
