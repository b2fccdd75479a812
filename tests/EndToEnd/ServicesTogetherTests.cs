using System.Globalization;
using System.Net;
using System.Text.Json;

using LiveRobot.Testing;

namespace LiveRobot.EndToEnd;

/// <summary>The services as processes of their own that share a data folder and a Redis.</summary>
public sealed class ServicesTogetherTests : IAsyncLifetime
{
    private static readonly string[] Services = ["Api", "ControlSocket", "StatusSocket"];

    private readonly TemporaryFolder _data = new();
    private readonly HttpClient _http = new();
    private readonly List<ChildProcess> _processes = [];
    private readonly Dictionary<string, int> _ports =
        new[] { "Api", "ApiTls", "Control", "Status" }.ToDictionary(name => name, _ => FreePorts.Take());

    private RedisServer _redis = null!;
    private RobotCredentials _robot = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        var added = await ChildProcess.RunAsync(
            "dotnet",
            [Path.Combine(Repository.Root, "artifacts/bin/LiveRobot/debug/LiveRobot.dll"), "robots", "add", "Rover", "--owner", "alice", "--json", "--data", _data.Path]);
        _robot = JsonSerializer.Deserialize<RobotCredentials>(added, JsonSerializerOptions.Web)!;
        var settings = _ports.ToDictionary(port => $"Ports__{port.Key}", port => port.Value.ToString(CultureInfo.InvariantCulture));
        settings["Storage__Directory"] = _data.Path;
        settings["Redis__Configuration"] = _redis.Configuration;
        settings["Presence__SocketLifetime"] = "00:00:06";
        _processes.AddRange(Services.Select(service => ChildProcess.Start(
            "dotnet", [Path.Combine(Repository.Root, $"artifacts/bin/{service}/debug/{service}.dll")], settings)));
        foreach (var port in new[] { "Api", "Control", "Status" })
        {
            await Eventually.TrueAsync(async () => await StatusOfAsync(Address(port, "healthz")) == HttpStatusCode.OK);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        await _redis.DisposeAsync();
        _http.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task What_one_service_sees_the_others_tell_and_driving_goes_on_while_Redis_is_away()
    {
        await using var control = await RobotAsync("Control");
        await using var status = await RobotAsync("Status");
        await using var viewer = await SocketIOPeer.ConnectAsync(Address("Control"));
        await using var watcher = await SocketIOPeer.ConnectAsync(Address("Status"));
        await viewer.AskAsync("select_robot", new { robot_id = _robot.Handle });
        await status.AskAsync("send_video_status", new { send_video_process_exists = true, camera_id = _robot.CameraId });

        await IsAsync(robot => robot.GetProperty("online").GetBoolean() && robot.GetProperty("live").GetBoolean() && robot.GetProperty("viewers").GetInt32() == 1);
        Assert.True(await DriveAsync("down"));
        await control.WaitForAsync("command_to_robot", told => told.GetProperty("key_position").GetString() == "down");

        await _redis.KillAsync();

        await Eventually.TrueAsync(async () => await StatusOfAsync(Address("Api", $"api/v1/robots/{_robot.Handle}")) == HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(Address("Api", $"get_control_host_port/{_robot.RobotId}")));
        Assert.True(await DriveAsync("up"));
        Assert.True(await DriveAsync("down"));
        await using (var newcomer = await SocketIOPeer.ConnectAsync(Address("Control")))
        {
            Assert.True((await newcomer.AskAsync("select_robot", new { robot_id = _robot.Handle })).GetProperty("ok").GetBoolean());
        }

        await _redis.StartAgainAsync();

        await IsAsync(robot => robot.GetProperty("online").GetBoolean() && robot.GetProperty("viewers").GetInt32() == 1);
        Assert.All(_processes, process => Assert.False(process.HasExited, string.Join('\n', process.Lines)));

        async Task<bool> DriveAsync(string position) =>
            (await viewer.AskAsync("command_to_robot", new { command = "F", key_position = position })).GetProperty("ok").GetBoolean();
    }

    private Uri Address(string port, string path = "") => new($"http://localhost:{_ports[port]}/{path}");

    private async Task<SocketIOPeer> RobotAsync(string port)
    {
        var robot = await SocketIOPeer.ConnectAsync(Address(port));
        Assert.True((await robot.AskAsync("robot_id", _robot.RobotId)).GetProperty("ok").GetBoolean());
        return robot;
    }

    private async Task<HttpStatusCode?> StatusOfAsync(Uri address)
    {
        Assert.All(_processes, process => Assert.False(process.HasExited, string.Join('\n', process.Lines)));
        try
        {
            using var answer = await _http.GetAsync(address);
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private Task IsAsync(Func<JsonElement, bool> isIt) => Eventually.TrueAsync(
        async () =>
        {
            using var answer = await _http.GetAsync(Address("Api", $"api/v1/robots/{_robot.Handle}"));
            return answer.IsSuccessStatusCode && isIt(JsonElement.Parse(await answer.Content.ReadAsStringAsync()));
        },
        TimeSpan.FromMinutes(1));
}
