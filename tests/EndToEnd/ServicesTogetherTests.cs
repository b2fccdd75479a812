using System.Net;
using System.Text.Json;

using LiveRobot.Testing;

namespace LiveRobot.EndToEnd;

/// <summary>The services as processes of their own that share a data folder and a Redis.</summary>
public sealed class ServicesTogetherTests : IAsyncLifetime
{
    private readonly HttpClient _http = new();
    private SeparateServices _services = null!;
    private RobotCredentials _robot = null!;

    public async ValueTask InitializeAsync()
    {
        _services = await SeparateServices.StartAsync(
            new Dictionary<string, string> { ["Presence__SocketLifetime"] = "00:00:06" }, ["Api", "ControlSocket", "StatusSocket"]);
        _robot = await _services.AddRobotAsync("Rover");
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _http.Dispose();
    }

    [Fact]
    public async Task What_one_service_sees_the_others_tell_and_driving_goes_on_while_Redis_is_away()
    {
        await using var control = await RobotAsync("Control");
        await using var status = await RobotAsync("Status");
        await using var viewer = await SocketIOPeer.ConnectAsync(_services.Address("Control"));
        await using var watcher = await SocketIOPeer.ConnectAsync(_services.Address("Status"));
        await viewer.AskAsync("select_robot", new { robot_id = _robot.Handle });
        await status.AskAsync("send_video_status", new { send_video_process_exists = true, camera_id = _robot.CameraId });

        await IsAsync(robot => robot.GetProperty("online").GetBoolean() && robot.GetProperty("live").GetBoolean() && robot.GetProperty("viewers").GetInt32() == 1);
        Assert.True(await DriveAsync("down"));
        await control.WaitForAsync("command_to_robot", told => told.GetProperty("key_position").GetString() == "down");

        await _services.Redis.KillAsync();

        await Eventually.TrueAsync(async () => await StatusOfAsync($"api/v1/robots/{_robot.Handle}") == HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync($"get_control_host_port/{_robot.RobotId}"));
        Assert.True(await DriveAsync("up"));
        Assert.True(await DriveAsync("down"));
        await using (var newcomer = await SocketIOPeer.ConnectAsync(_services.Address("Control")))
        {
            Assert.True((await newcomer.AskAsync("select_robot", new { robot_id = _robot.Handle })).GetProperty("ok").GetBoolean());
        }

        await _services.Redis.StartAgainAsync();

        await IsAsync(robot => robot.GetProperty("online").GetBoolean() && robot.GetProperty("viewers").GetInt32() == 1);
        Assert.All(_services.Processes, process => Assert.False(process.HasExited, string.Join('\n', process.Lines)));

        async Task<bool> DriveAsync(string position) =>
            (await viewer.AskAsync("command_to_robot", new { command = "F", key_position = position })).GetProperty("ok").GetBoolean();
    }

    private async Task<SocketIOPeer> RobotAsync(string port)
    {
        var robot = await SocketIOPeer.ConnectAsync(_services.Address(port));
        Assert.True((await robot.AskAsync("robot_id", _robot.RobotId)).GetProperty("ok").GetBoolean());
        return robot;
    }

    private async Task<HttpStatusCode> StatusOfAsync(string path)
    {
        using var answer = await _http.GetAsync(_services.Address("Api", path));
        return answer.StatusCode;
    }

    private Task IsAsync(Func<JsonElement, bool> isIt) =>
        Eventually.TrueAsync(async () => await _services.StateAsync(_robot) is { } state && isIt(state), TimeSpan.FromMinutes(1));
}
