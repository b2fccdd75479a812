using System.Text.Json;

using Dapper;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Control;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Storage;
using LiveRobot.Testing;

namespace LiveRobot.StatusSocket.Tests;

public sealed class StatusSocketTests : IAsyncLifetime
{
    private ServiceHost _host = null!;
    private Robot _robot = null!;

    private int CameraId => _robot.Cameras[0].CameraId;

    public async ValueTask InitializeAsync()
    {
        _host = await ServiceHost.StartAsync(
            builder => builder.AddStatusSocket(),
            endpoints => endpoints.MapStatusSocket(),
            new Dictionary<string, string?> { ["Presence:LiveAfterClose"] = "00:00:01" });
        _robot = await _host.Robots.AddAsync("Rover", "alice");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_status_makes_the_robot_live_and_a_status_of_false_ends_it(int engineIOVersion)
    {
        await using var robot = await RobotAsync(engineIOVersion);

        await robot.EmitAsync("send_video_status", new { send_video_process_exists = true, camera_id = CameraId });
        await StateAsync(state => state is { Live: true, Online: true });

        await robot.EmitAsync("send_video_status", new { send_video_process_exists = false, camera_id = CameraId });
        await StateAsync(state => !state.Live, within: TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_store_that_cannot_be_read_for_a_while_ends_nothing()
    {
        await using var watcher = await SocketIOPeer.ConnectAsync(_host.Address);
        await RenameAsync("robots", "robots_away");
        await Eventually.TrueAsync(() => _host.Log.Lines.Any(line => line.Contains("The robots could not be read", StringComparison.Ordinal)));

        await RenameAsync("robots_away", "robots");
        await _host.Robots.AddAsync("Second", "alice");

        await watcher.WaitForAsync("robot_statuses", statuses => statuses.GetRawText().Contains("\"second\"", StringComparison.Ordinal));

        async Task RenameAsync(string from, string to)
        {
            await using var connection = await _host.Get<Database>().OpenAsync();
            await connection.ExecuteAsync($"ALTER TABLE {from} RENAME TO {to}");
        }
    }

    [Theory]
    [InlineData(4, "no_such_event", "unknown_event")]
    [InlineData(4, "send_video_status", "bad_request")]
    [InlineData(4, "identify_robot_id", "unknown_robot")]
    [InlineData(3, "ip_information", "not_identified")]
    [InlineData(3, "send_video_status", "bad_request")]
    public async Task An_event_that_is_unknown_or_malformed_is_answered_with_an_error_and_counted(int engineIOVersion, string name, string code)
    {
        using var metrics = new RecordedMetrics(_host.Get<System.Diagnostics.Metrics.IMeterFactory>());
        await using var client = await SocketIOPeer.ConnectAsync(_host.Address, engineIOVersion: engineIOVersion);

        await client.EmitAsync(name, 7);
        Assert.Equal(code, (await client.AskAsync(name, 7)).GetProperty("code").GetString());

        Assert.Equal(2, metrics.Lines.Count(line => line == $"liverobot.sockets.events.refused 1 code={code} socket=status"));
        if (engineIOVersion == 3)
        {
            // Robots of that time break on an answer that they did not ask for.
            Assert.DoesNotContain(client.Received, received => received.Name == "event_refused");
        }
        else
        {
            Assert.Equal(code, (await client.WaitForAsync("event_refused", refused => refused.GetProperty("event").GetString() == name)).GetProperty("code").GetString());
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_robot_is_told_when_exclusive_control_begins_and_ends(int engineIOVersion)
    {
        await using var robot = await RobotAsync(engineIOVersion);
        var rules = _host.Get<ControlRulesStore>();

        await rules.GrantAsync("rover", "alice", time: null);
        var start = await robot.WaitForAsync("exclusive_control");
        Assert.Equal(_robot.RobotId, start.GetProperty("robot_id").GetString());
        Assert.Equal("start", start.GetProperty("status").GetString());
        await rules.ChangeAsync("rover", stored => stored with { TurnSeconds = 30 });
        await using var late = await RobotAsync(engineIOVersion);
        await late.WaitForAsync("exclusive_control", told => told.GetProperty("status").GetString() == "start");
        await rules.EndExclusiveAsync("rover");

        await late.WaitForAsync("exclusive_control", told => told.GetProperty("status").GetString() == "end");
    }

    [Fact]
    public async Task The_owner_switches_the_picture_off_and_on()
    {
        await using var robot = await RobotAsync(engineIOVersion: 3);
        var video = _host.Get<VideoSwitch>();

        await video.SwitchAsync("rover", isOn: false);
        var off = await robot.WaitForAsync("command_to_robot");
        Assert.Equal(_robot.RobotId, off.GetProperty("robot_id").GetString());
        Assert.Equal("VIDOFF", off.GetProperty("command").GetString());
        await video.SwitchAsync("rover", isOn: true);

        await robot.WaitForAsync("command_to_robot", told => told.GetProperty("command").GetString() == "VIDON");
    }

    [Fact]
    public async Task A_robot_with_a_replaced_id_is_cut_off_and_its_word_counts_no_more()
    {
        await using var robot = await RobotAsync();
        await robot.EmitAsync("send_video_status", new { send_video_process_exists = true, camera_id = CameraId });
        await StateAsync(state => state is { Live: true, Online: true });

        await _host.Robots.ReplaceRobotIdAsync("rover");

        await Eventually.TrueAsync(() => !robot.IsConnected);
        await StateAsync(state => state is { Live: false, Online: false });
    }

    [Fact]
    public async Task Where_the_bare_robot_id_is_off_only_the_robot_token_makes_a_robot()
    {
        await using var bare = await RobotAsync();
        var token = await _host.Robots.ReplaceRobotTokenAsync("rover");
        await using var forger = await SocketIOPeer.ConnectAsync(_host.Address, robotToken: "forged");
        Assert.Equal("wrong_robot_token", (await forger.AskAsync("identify_robot_id", _robot.RobotId)).GetProperty("code").GetString());

        await _host.Robots.ChangeAsync("rover", robot => robot with { BareIds = BareIdRule.Off });

        await Eventually.TrueAsync(() => !bare.IsConnected);
        await using var thief = await SocketIOPeer.ConnectAsync(_host.Address);
        await thief.EmitAsync("identify_robot_id", _robot.RobotId);
        Assert.Equal("robot_token_wanted", (await thief.WaitForAsync("robot_refused")).GetProperty("code").GetString());
        await StateAsync(state => !state.Online);
        await using var robot = await SocketIOPeer.ConnectAsync(_host.Address, robotToken: token);
        Assert.True((await robot.AskAsync("identify_robot_id", _robot.RobotId)).GetProperty("ok").GetBoolean());
        await StateAsync(state => state.Online);
    }

    [Fact]
    public async Task Who_may_no_longer_watch_a_hidden_robot_is_cut_off()
    {
        await _host.Robots.SetVisibilityAsync("rover", Visibility.Unlisted);
        await using var stranger = await SocketIOPeer.ConnectAsync(_host.Address);
        await stranger.AskAsync("select_robot", new { robot_id = "rover" });

        await _host.Robots.SetVisibilityAsync("rover", Visibility.Private);

        await Eventually.TrueAsync(() => !stranger.IsConnected);
    }

    [Fact]
    public async Task Who_came_with_a_viewing_token_is_cut_off_when_that_is_withdrawn()
    {
        await _host.Robots.SetVisibilityAsync("rover", Visibility.Private);
        var tokens = _host.Get<ViewingTokens>();
        await using var friend = await SocketIOPeer.ConnectAsync(_host.Address, token: await tokens.IssueAsync("rover", TimeSpan.FromDays(1)));
        await friend.AskAsync("select_robot", new { robot_id = "rover" });
        await friend.WaitForAsync("robot_statuses", HasRover(online: false, video: "none"));

        await tokens.WithdrawAllAsync("rover");

        await Eventually.TrueAsync(() => !friend.IsConnected);
    }

    [Theory]
    [InlineData("number")]
    [InlineData("string")]
    public async Task A_status_may_come_before_the_robot_identifies_itself(string type)
    {
        await using var robot = await SocketIOPeer.ConnectAsync(_host.Address);

        await robot.EmitAsync(
            "send_video_status",
            new { send_video_process_exists = true, camera_id = type == "number" ? (object)CameraId : $"{CameraId}" });
        await robot.EmitAsync("identify_robot_id", _robot.RobotId);

        await StateAsync(state => state.Live);
    }

    [Fact]
    public async Task A_status_before_the_identify_counts_when_the_robot_is_known_by_another_socket()
    {
        await using var nameless = await SocketIOPeer.ConnectAsync(_host.Address);
        await nameless.EmitAsync("send_video_status", new { send_video_process_exists = true, camera_id = CameraId });
        await nameless.AskAsync("select_robot", new { robot_id = "rover" });
        Assert.False((await GetStateAsync()).Live);

        await _host.Get<RobotPresence>().ControlSocketOpenAsync("rover");

        await StateAsync(state => state.Live);
    }

    [Fact]
    public async Task A_closed_socket_ends_live_after_the_configured_time()
    {
        await using (var robot = await RobotAsync())
        {
            await robot.EmitAsync("send_video_status", new { send_video_process_exists = true, camera_id = CameraId });
            await StateAsync(state => state.Live);
        }

        await StateAsync(state => !state.Online);
        Assert.True((await GetStateAsync()).Live);
        await StateAsync(state => !state.Live);
    }

    [Fact]
    public async Task The_newest_socket_is_the_robot_and_the_older_is_told_and_closed()
    {
        await using var older = await RobotAsync();
        await using var newer = await RobotAsync();

        await older.WaitForAsync("robot_taken_over");
        await Eventually.TrueAsync(() => !older.IsConnected);
        await newer.EmitAsync("send_video_status", new { send_video_process_exists = true, camera_id = CameraId });
        await StateAsync(state => state is { Live: true, Online: true });
        _host.Get<IBus>().Publish(new RobotSettingsChanged("rover"));
        await newer.WaitForAsync("robot_settings_changed");
        Assert.DoesNotContain(older.Received, received => received.Name == "robot_settings_changed");
    }

    [Fact]
    public async Task Who_has_chosen_a_robot_is_told_that_its_settings_have_changed_by_its_handle_and_others_are_not()
    {
        await using var viewer = await SocketIOPeer.ConnectAsync(_host.Address);
        await using var other = await SocketIOPeer.ConnectAsync(_host.Address);
        await viewer.AskAsync("select_robot", new { robot_id = "rover" });

        await _host.Robots.ChangeAsync("rover", robot => robot with { XRes = 320 });

        Assert.Equal("rover", (await viewer.WaitForAsync("robot_settings_changed")).GetProperty("robot_id").GetString());

        // What was said before this answer has come before it.
        await other.AskAsync("select_robot", new { });
        Assert.DoesNotContain(other.Received, received => received.Name == "robot_settings_changed");
    }

    [Fact]
    public async Task A_stranger_who_knows_the_camera_id_cannot_end_live()
    {
        await using var robot = await RobotAsync();
        await robot.EmitAsync("send_video_status", new { send_video_process_exists = true, camera_id = CameraId });
        await StateAsync(state => state.Live);
        await using var stranger = await SocketIOPeer.ConnectAsync(_host.Address);

        await stranger.EmitAsync("send_video_status", new { send_video_process_exists = false, camera_id = CameraId });
        await stranger.AskAsync("select_robot", new { robot_id = "rover" });

        Assert.True((await GetStateAsync()).Live);
    }

    [Theory]
    [InlineData("unknown")]
    [InlineData("rover")]
    public async Task Only_the_private_id_makes_a_robot(string name)
    {
        await using var stranger = await SocketIOPeer.ConnectAsync(_host.Address);

        var answer = await stranger.AskAsync("identify_robot_id", name);

        Assert.Equal("unknown_robot", answer.GetProperty("code").GetString());
        Assert.False((await GetStateAsync()).Online);
    }

    [Fact]
    public async Task Malformed_statuses_and_unknown_events_are_ignored()
    {
        await using var robot = await RobotAsync();

        await robot.EmitAsync("send_video_status", "true");
        await robot.EmitAsync("send_video_status", new { send_video_process_exists = "yes" });
        await robot.EmitAsync("send_video_status", new { camera_id = CameraId });
        await robot.EmitAsync("ip_information", new { ip = "192.0.2.7 \n", robot_id = _robot.RobotId });
        await robot.EmitAsync("send_video_status", new { send_video_process_exists = true });

        await StateAsync(state => state.Live);
        Assert.True(robot.IsConnected);
    }

    [Fact]
    public async Task A_robot_is_told_that_its_settings_have_changed()
    {
        await using var robot = await RobotAsync(3);

        _host.Get<IBus>().Publish(new RobotSettingsChanged("rover"));

        await robot.WaitForAsync("robot_settings_changed");
    }

    [Fact]
    public async Task A_watcher_is_told_every_state_when_it_comes_and_what_changes_when_it_changes()
    {
        await using var watcher = await SocketIOPeer.ConnectAsync(_host.Address);
        await watcher.WaitForAsync("robot_statuses", HasRover(online: false, video: "none"));

        await using var robot = await RobotAsync();
        await watcher.WaitForAsync("robot_statuses", HasRover(online: true, video: "none"));

        await _host.Get<RobotPresence>().FrameArrivedAsync(_robot.Cameras[0]);
        await watcher.WaitForAsync("robot_statuses", HasRover(online: true, video: "flowing"));
        await watcher.WaitForAsync("robot_statuses", HasRover(online: true, video: "stalled"));
    }

    [Theory]
    [InlineData(Visibility.Unlisted)]
    [InlineData(Visibility.Private)]
    public async Task The_state_of_a_robot_that_is_not_public_is_told_only_to_who_may_and_has_chosen_it(Visibility visibility)
    {
        var hidden = await _host.Robots.AddAsync("Hidden", "alice", visibility);
        var token = await _host.Get<ViewingTokens>().IssueAsync(hidden.Handle, TimeSpan.FromMinutes(1));
        await using var watcher = await SocketIOPeer.ConnectAsync(_host.Address);
        await using var friend = await SocketIOPeer.ConnectAsync(_host.Address, token: token);
        if (visibility == Visibility.Private)
        {
            await watcher.AskAsync("select_robot", new { robot_id = hidden.Handle });
        }

        await friend.AskAsync("select_robot", new { robot_id = hidden.Handle });
        await friend.WaitForAsync("robot_statuses", Has("none"));
        await _host.Get<RobotPresence>().FrameArrivedAsync(hidden.Cameras[0]);
        await _host.Get<RobotPresence>().FrameArrivedAsync(_robot.Cameras[0]);

        await friend.WaitForAsync("robot_statuses", Has("flowing"));
        await watcher.WaitForAsync("robot_statuses", HasRover(online: false, video: "flowing"));
        Assert.DoesNotContain(watcher.Received, received => received.Argument.GetRawText().Contains(hidden.Handle, StringComparison.Ordinal));

        Func<JsonElement, bool> Has(string video) => statuses => statuses.GetProperty("robot_statuses").EnumerateArray().Any(status =>
            status.GetProperty("robot_id").GetString() == hidden.Handle && status.GetProperty("video").GetString() == video);
    }

    [Fact]
    public async Task No_watcher_sees_a_private_id()
    {
        await using var watcher = await SocketIOPeer.ConnectAsync(_host.Address);
        await using var robot = await RobotAsync();
        await watcher.WaitForAsync("robot_statuses", HasRover(online: true, video: "none"));

        Assert.DoesNotContain(watcher.Received, received => received.Argument.GetRawText().Contains(_robot.RobotId, StringComparison.Ordinal));
    }

    private static Func<JsonElement, bool> HasRover(bool online, string video) => statuses =>
        statuses.GetProperty("robot_statuses").EnumerateArray().Any(status =>
            status.GetProperty("robot_id").GetString() == "rover"
            && status.GetProperty("online").GetBoolean() == online
            && status.GetProperty("video").GetString() == video);

    private async Task<SocketIOPeer> RobotAsync(int engineIOVersion = 4)
    {
        var robot = await SocketIOPeer.ConnectAsync(_host.Address, engineIOVersion: engineIOVersion);
        Assert.True((await robot.AskAsync("identify_robot_id", _robot.RobotId)).GetProperty("ok").GetBoolean());
        return robot;
    }

    private Task<RobotState> GetStateAsync() => _host.Get<RobotPresence>().GetAsync(_robot);

    private Task StateAsync(Func<RobotState, bool> isIt, TimeSpan? within = null) =>
        Eventually.TrueAsync(async () => isIt(await GetStateAsync()), within, "the robot's state");
}
