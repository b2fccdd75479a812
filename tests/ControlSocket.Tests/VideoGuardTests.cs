using LiveRobot.Platform.Control;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>A robot that is bound to its picture, while Redis, which knows whether that moves, is away.</summary>
public sealed class VideoGuardTests : IAsyncLifetime
{
    private readonly CancellationTokenSource _end = new();
    private RedisServer _redis = null!;
    private ControlServer _server = null!;
    private Robot _robot = null!;
    private TestClient _body = null!;
    private TestClient _viewer = null!;
    private Task _picture = Task.CompletedTask;
    private int _stopsBefore;

    private int Stops => _body.Heard.Split(' ').Count(heard => heard == "stop:up");

    public async ValueTask InitializeAsync() => _redis = await RedisServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _picture;
        await _viewer.DisposeAsync();
        await _body.DisposeAsync();
        await _server.DisposeAsync();
        await _redis.DisposeAsync();
        _end.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task While_Redis_is_away_a_robot_whose_picture_moved_is_driven_until_Redis_says_otherwise(bool isKilled)
    {
        await StartAsync();
        await DrivesAsync();

        await GoesAsync(isKilled);
        await LogsAsync("is not known");
        Assert.Equal("ok", await _viewer.PressAsync("L", "down"));
        await ComesBackAsync(isKilled);
        await LogsAsync("is known again");
        Assert.Equal("ok", await _viewer.PressAsync("R", "down"));
        await HearsAsync("R:down");
        Assert.Equal(_stopsBefore, Stops);
    }

    [Fact]
    public async Task Where_a_picture_stood_still_when_Redis_went_nobody_drives()
    {
        await StartAsync();
        Assert.Equal("video_stalled", await PressAnewAsync());

        await GoesAsync(isKilled: true);
        await LogsAsync("is not known");

        Assert.Equal("video_stalled", await PressAnewAsync());
    }

    [Fact]
    public async Task Nobody_drives_blindly_for_longer_than_VideoUnknownTime()
    {
        await StartAsync("Control:VideoUnknownTime=00:00:01");
        await DrivesAsync();

        await GoesAsync(isKilled: true);

        await Eventually.TrueAsync(() => Stops > _stopsBefore);
        Assert.Equal("video_stalled", await PressAnewAsync());
    }

    [Fact]
    public async Task Where_the_picture_does_not_come_back_with_Redis_the_robot_is_stopped()
    {
        await StartAsync("Presence:NoneAfter=00:00:02.500");
        await DrivesAsync();
        await GoesAsync(isKilled: true);
        await LogsAsync("is not known");

        await _end.CancelAsync();
        await _picture;
        await ComesBackAsync(wasKilled: true);

        await Eventually.TrueAsync(() => Stops > _stopsBefore);
        Assert.Equal("video_stalled", await PressAnewAsync());
    }

    private async Task StartAsync(params string[] settings)
    {
        // However busy the machine is, no frame comes too late.
        _server = await ControlServer.StartAsync(
        [
            $"Redis:Configuration={_redis.Configuration}",
            "Redis:Rest=00:00:00.200",
            "Presence:StalledAfter=00:01:00",
            "Presence:NoneAfter=00:01:00",
            "Control:VideoUnknownTime=00:10:00",
            .. settings,
        ]);
        _robot = await _server.AddRobotAsync();
        await _server.Get<ControlRulesStore>().ChangeAsync("rover", rules => rules with { VideoBound = true });
        _body = await _server.ConnectRobotAsync(_robot, capabilities: new { key_position = true, acknowledge = true });
        _viewer = await _server.ConnectViewerAsync(_robot);
        await Eventually.TrueAsync(async () => await PressAnewAsync() == "video_stalled");
    }

    /// <summary>Frames come from now on, and somebody drives.</summary>
    private async Task DrivesAsync()
    {
        _picture = SendPictureAsync();
        await Eventually.TrueAsync(async () => await PressAnewAsync() == "ok");

        // Behind this no stop is on its way that was sent before.
        Assert.Equal("ok", await _viewer.PressAsync("B", "down"));
        await HearsAsync("B:down");
        _stopsBefore = Stops;
    }

    private Task HearsAsync(string command) => Eventually.TrueAsync(() => _body.Heard.Contains(command, StringComparison.Ordinal));

    private async Task SendPictureAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            await _server.Presence.FrameArrivedAsync(_robot.Cameras[0]);
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }

    private async Task<string> PressAnewAsync()
    {
        await _viewer.PressAsync("F", "up");
        return await _viewer.PressAsync("F", "down");
    }

    private async Task GoesAsync(bool isKilled)
    {
        if (isKilled)
        {
            await _redis.KillAsync();
        }
        else
        {
            _redis.Freeze();
        }
    }

    private async Task ComesBackAsync(bool wasKilled)
    {
        if (wasKilled)
        {
            await _redis.StartAgainAsync();
        }
        else
        {
            _redis.Thaw();
        }
    }

    private Task LogsAsync(string text) => Eventually.TrueAsync(() => _server.Log.Lines.Any(line => line.Contains("picture", StringComparison.Ordinal) && line.Contains(text, StringComparison.Ordinal)));
}
