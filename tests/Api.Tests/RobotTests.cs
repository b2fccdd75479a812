using System.Text.Json;

using LiveRobot.Platform.Presence;

namespace LiveRobot.Api.Tests;

public sealed class RobotTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task A_robot_reads_the_settings_that_existing_clients_need()
    {
        var robot = await api.GetAsync($"/api/v1/robots/{api.Robot.RobotId}");

        Assert.Equal(JsonValueKind.True, robot.GetProperty("mic_enabled").ValueKind);
        Assert.Equal(640, robot.GetProperty("xres").GetInt32());
        Assert.Equal(480, robot.GetProperty("yres").GetInt32());
        Assert.Equal("Rover", robot.GetProperty("robot_name").GetString());
        Assert.Equal(api.Robot.RobotId, robot.GetProperty("robot_id").GetString());
    }

    [Theory]
    [InlineData("/api/v1/robots")]
    [InlineData("/api/v1/robots/rover")]
    public async Task What_a_viewer_reads_has_no_secret_in_it(string path)
    {
        var body = (await api.GetAsync(path)).GetRawText();

        Assert.Contains("\"rover\"", body, StringComparison.Ordinal);
        Assert.DoesNotContain(api.Robot.RobotId, body, StringComparison.Ordinal);
        Assert.DoesNotContain(api.StreamKey, body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Even_by_its_robot_id_a_robot_does_not_read_its_stream_key()
    {
        var body = (await api.GetAsync($"/api/v1/robots/{api.Robot.RobotId}")).GetRawText();

        Assert.DoesNotContain(api.StreamKey, body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_camera_tells_what_its_encoder_sends_while_it_does()
    {
        var presence = api.Host.Get<RobotPresence>();
        var robot = await api.Host.Robots.AddAsync("Sender", "alice");
        var since = DateTimeOffset.UnixEpoch;
        await presence.FeedMeasuredAsync(
            robot.Cameras[0], RobotPresence.VideoMedium, new FeedState(since, "h264", "aac", 1280, 720, 25, 24.96, 1_500_000.4, 2, 3, 1));
        await presence.FeedMeasuredAsync(
            robot.Cameras[0], RobotPresence.AudioMedium, new FeedState(since, null, "mp2", null, null, null, 0, 32_000, null, 0, 0));

        foreach (var answer in new[] { await api.GetAsync("/api/v1/robots/sender"), await api.GetAsync($"/api/v1/robots/{robot.RobotId}") })
        {
            var camera = answer.GetProperty("cameras")[0];
            Assert.Equal(
                """{"since":"1970-01-01T00:00:00+00:00","codec":"h264","audio_codec":"aac","width":1280,"height":720,"nominal_frame_rate":25,"frame_rate":25,"bit_rate":1500000,"keyframe_interval":2,"continuity_errors":3,"gaps":1}""",
                camera.GetProperty("video").GetRawText());
            Assert.Equal(
                """{"since":"1970-01-01T00:00:00+00:00","codec":"mp2","bit_rate":32000,"continuity_errors":0,"gaps":0}""",
                camera.GetProperty("audio").GetRawText());
        }

        await presence.FeedEndedAsync(robot.Cameras[0]);
        await presence.AudioEndedAsync(robot.Cameras[0]);

        var silent = (await api.GetAsync("/api/v1/robots/sender")).GetProperty("cameras")[0];
        Assert.Equal(JsonValueKind.Null, silent.GetProperty("video").ValueKind);
        Assert.Equal(JsonValueKind.Null, silent.GetProperty("audio").ValueKind);
    }

    [Fact]
    public async Task The_state_of_a_robot_follows_its_feed()
    {
        var presence = api.Host.Get<RobotPresence>();
        await presence.FrameArrivedAsync(api.Robot.Cameras[0]);

        var flowing = await api.GetAsync("/api/v1/robots/rover");
        Assert.True(flowing.GetProperty("live").GetBoolean());
        Assert.Equal("flowing", flowing.GetProperty("video").GetString());

        await presence.FeedEndedAsync(api.Robot.Cameras[0]);

        var ended = await api.GetAsync("/api/v1/robots/rover");
        Assert.False(ended.GetProperty("live").GetBoolean());
        Assert.Equal("none", ended.GetProperty("video").GetString());
    }

    [Fact]
    public async Task A_robot_without_panels_of_its_own_has_buttons_for_stock_hardware()
    {
        var robot = await api.GetAsync("/api/v1/robots/rover");

        var commands = robot.GetProperty("button_panels").EnumerateArray()
            .SelectMany(panel => panel.GetProperty("buttons").EnumerateArray())
            .Select(button => button.GetProperty("command").GetString());
        Assert.Superset(new HashSet<string?> { "F", "B", "L", "R" }, commands.ToHashSet());
    }

    [Fact]
    public async Task The_account_of_an_owner_names_its_moderators()
    {
        var account = await api.GetAsync("/api/v1/accounts/ALICE");

        Assert.Equal("alice", account.GetProperty("username").GetString());
        Assert.Equal(JsonValueKind.Array, account.GetProperty("moderators").ValueKind);
    }

    [Fact]
    public async Task The_front_page_names_its_administrators()
    {
        var page = await api.GetAsync("/api/v1/robocasters/internal/frontpage");

        Assert.Equal(JsonValueKind.Array, page.GetProperty("admins").ValueKind);
    }

    [Fact]
    public async Task The_OpenAPI_document_describes_every_look_up()
    {
        var paths = (await api.GetAsync("/openapi/v1.json")).GetProperty("paths").EnumerateObject().Select(path => path.Name).ToHashSet();

        Assert.Superset(
            new HashSet<string>
            {
                "/get_control_host_port/{robotId}",
                "/get_chat_host_port/{robotId}",
                "/get_websocket_relay_host/{cameraId}",
                "/get_video_port/{cameraId}",
                "/get_audio_port/{cameraId}",
                "/get_robot_owner/{robotId}",
                "/get_robot_id/{cameraId}",
                "/api/v1/robots",
                "/api/v1/robots/{robotId}",
                "/api/v1/accounts/{name}",
            },
            paths);
    }

    [Fact]
    public async Task The_service_tells_that_it_is_alive()
    {
        Assert.Equal("ok\n", await api.Client.GetStringAsync(new Uri("/healthz", UriKind.Relative)));
    }
}
