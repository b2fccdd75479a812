using System.Globalization;

using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;

namespace LiveRobot.Platform.Tests;

public sealed class RobotPresenceTests : IAsyncLifetime
{
    private readonly TestPlatform _platform = new();
    private Robot _robot = null!;

    public async ValueTask InitializeAsync() => _robot = await _platform.Robots.AddAsync("Rover", "alice");

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Fact]
    public async Task A_robot_that_gives_no_sign_is_offline_without_picture()
    {
        Assert.Equal(new RobotState(Online: false, Live: false, VideoState.None, Viewers: 0), await StateAsync());
    }

    [Fact]
    public async Task A_status_keeps_a_robot_live_for_longer_than_the_90_seconds_between_two_of_them()
    {
        await _platform.Presence.StatusSocketOpenAsync(_robot.Handle);
        await _platform.Presence.VideoStatusAsync(_robot.Handle, streams: true);

        _platform.Clock.Advance(TimeSpan.FromSeconds(180));
        Assert.True((await StateAsync()).Live);

        _platform.Clock.Advance(TimeSpan.FromSeconds(20));
        Assert.False((await StateAsync()).Live);
    }

    [Fact]
    public async Task A_status_of_false_ends_live_at_once_although_frames_still_come()
    {
        await _platform.Presence.VideoStatusAsync(_robot.Handle, streams: true);
        await _platform.Presence.FrameArrivedAsync(_robot.Cameras[0]);

        await _platform.Presence.VideoStatusAsync(_robot.Handle, streams: false);

        Assert.False((await StateAsync()).Live);
    }

    [Fact]
    public async Task A_closed_status_socket_ends_live_after_10_seconds()
    {
        await _platform.Presence.StatusSocketOpenAsync(_robot.Handle);
        await _platform.Presence.VideoStatusAsync(_robot.Handle, streams: true);

        await _platform.Presence.StatusSocketClosedAsync(_robot.Handle);

        _platform.Clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.True((await StateAsync()).Live);
        _platform.Clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.False((await StateAsync()).Live);
    }

    [Fact]
    public async Task A_moving_feed_makes_a_robot_live_that_never_said_so()
    {
        await _platform.Presence.FrameArrivedAsync(_robot.Cameras[0]);

        Assert.Equal(new RobotState(Online: false, Live: true, VideoState.Flowing, Viewers: 0), await StateAsync());
    }

    [Fact]
    public async Task A_new_feed_outweighs_an_earlier_status_of_false()
    {
        await _platform.Presence.VideoStatusAsync(_robot.Handle, streams: false);

        await _platform.Presence.FeedStartedAsync(_robot.Cameras[0]);
        await _platform.Presence.FrameArrivedAsync(_robot.Cameras[0]);

        Assert.True((await StateAsync()).Live);
    }

    [Fact]
    public async Task Video_without_frames_is_stalled_after_2_seconds_and_none_after_5()
    {
        await _platform.Presence.FrameArrivedAsync(_robot.Cameras[0]);
        Assert.Equal(VideoState.Flowing, (await StateAsync()).Video);

        _platform.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(VideoState.Stalled, (await StateAsync()).Video);

        _platform.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(VideoState.None, (await StateAsync()).Video);
    }

    [Fact]
    public async Task The_end_of_a_feed_ends_video_at_once()
    {
        await _platform.Presence.FrameArrivedAsync(_robot.Cameras[0]);

        await _platform.Presence.FeedEndedAsync(_robot.Cameras[0]);

        Assert.Equal(VideoState.None, (await StateAsync()).Video);
    }

    [Fact]
    public async Task A_fight_of_two_encoders_is_told_for_a_minute_after_it_was_last_seen()
    {
        await _platform.Presence.FeedConflictAsync(_robot.Cameras[0], "video");
        Assert.Equal("video", (await StateAsync()).FeedConflict);

        _platform.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Null((await StateAsync()).FeedConflict);
    }

    [Fact]
    public async Task A_robot_is_online_while_any_of_its_sockets_is_open()
    {
        await _platform.Presence.ControlSocketOpenAsync(_robot.Handle);
        await _platform.Presence.StatusSocketOpenAsync(_robot.Handle);

        await _platform.Presence.StatusSocketClosedAsync(_robot.Handle);
        Assert.True((await StateAsync()).Online);

        await _platform.Presence.ControlSocketClosedAsync(_robot.Handle);
        Assert.False((await StateAsync()).Online);
    }

    [Fact]
    public async Task Many_robots_are_told_of_in_their_order_whatever_cameras_they_have()
    {
        var robots = Enumerable.Range(0, 600)
            .Select(number => _robot with { Handle = $"rover-{number}", Cameras = [.. Enumerable.Range(0, number % 3).Select(camera => _robot.Cameras[0] with { CameraId = (10 * number) + camera })] })
            .ToArray();
        foreach (var robot in robots)
        {
            await _platform.Presence.ViewersAsync(robot.Handle, int.Parse(robot.Handle["rover-".Length..], CultureInfo.InvariantCulture));
        }

        await _platform.Presence.FrameArrivedAsync(robots[599].Cameras[1]);

        var states = await _platform.Presence.GetAsync(robots);

        Assert.Equal(Enumerable.Range(0, 600), states.Select(state => state.Viewers));
        Assert.All(states.SkipLast(1), state => Assert.Equal(VideoState.None, state.Video));
        Assert.Equal(VideoState.Flowing, states[599].Video);
        Assert.Empty(await _platform.Presence.GetAsync([]));
    }

    [Fact]
    public async Task A_service_that_no_longer_repeats_its_word_is_not_believed()
    {
        await _platform.Presence.ControlSocketOpenAsync(_robot.Handle);

        _platform.Clock.Advance(TimeSpan.FromSeconds(30));

        Assert.False((await StateAsync()).Online);
    }

    private Task<RobotState> StateAsync() => _platform.Presence.GetAsync(_robot);
}
