using System.Globalization;

using LiveRobot.Testing;

namespace LiveRobot.EndToEnd;

/// <summary>ffmpeg with the command lines of the API document and of existing clients.</summary>
public sealed class ExistingFfmpegTests : IAsyncLifetime
{
    private Installation _installation = null!;
    private RobotCredentials _credentials = null!;

    public async ValueTask InitializeAsync()
    {
        _installation = await Installation.StartAsync();
        _credentials = await _installation.AddRobotAsync("Rover");
    }

    public ValueTask DisposeAsync() => _installation.DisposeAsync();

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task A_feed_makes_the_robot_live_and_its_end_ends_it(string scheme)
    {
        await using var ffmpeg = Push(scheme, _credentials.StreamKey);
        await _installation.StateAsync(_credentials, state => state.GetProperty("live").GetBoolean() && state.GetProperty("video").GetString() == "flowing");

        ffmpeg.Signal("TERM");

        await _installation.StateAsync(_credentials, state => !state.GetProperty("live").GetBoolean() && state.GetProperty("video").GetString() == "none");
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task A_wrong_key_ends_ffmpeg_with_an_error_and_stands_in_no_log(string scheme)
    {
        await using var ffmpeg = Push(scheme, "not-the-key");

        await ffmpeg.WaitForExitAsync(TimeSpan.FromSeconds(30));

        Assert.NotEqual(0, ffmpeg.ExitCode);
        Assert.DoesNotContain(_installation.Log, line => line.Contains("not-the-key", StringComparison.Ordinal));
        Assert.DoesNotContain(_installation.Log, line => line.Contains(_credentials.StreamKey, StringComparison.Ordinal));
        Assert.DoesNotContain(_installation.Log, line => line.Contains(_credentials.RobotId, StringComparison.Ordinal));
    }

    private ChildProcess Push(string scheme, string key) => ChildProcess.Start(
        "ffmpeg",
        [
            "-hide_banner", "-nostdin", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25",
            "-f", "mpegts", "-framerate", "25", "-codec:v", "mpeg1video", "-b:v", "350k", "-bf", "0", "-muxdelay", "0.001",
            string.Create(CultureInfo.InvariantCulture, $"{scheme}://localhost:{_installation.Port("Video")}/{key}/320/240/"),
        ]);
}
