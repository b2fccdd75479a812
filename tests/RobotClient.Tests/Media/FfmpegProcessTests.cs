using LiveRobot.RobotClient.Media;
using LiveRobot.Testing;

namespace LiveRobot.RobotClient.Tests.Media;

public sealed class FfmpegProcessTests
{
    private static readonly string[] Endless = ["-nostdin", "-loglevel", "error", "-re", "-f", "lavfi", "-i", "anullsrc", "-f", "null", "-"];

    [Fact]
    public async Task Exited_OfOneThatFails_TellsItsCodeAndItsWords()
    {
        List<string> lines = [];

        await using var ffmpeg = FfmpegProcess.Start("ffmpeg", ["-nostdin", "-hide_banner", "-i", "/nowhere"], Path.GetTempPath(), lines.Add);

        Assert.Equal(1, await ffmpeg.Exited);
        Assert.Contains(lines, line => line.Contains("/nowhere: No such file or directory", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Exited_OfAProgramThatIsMissing_IsTheShellsCode()
    {
        await using var ffmpeg = FfmpegProcess.Start("/no/such/ffmpeg", [], Path.GetTempPath(), _ => { });

        Assert.Equal(127, await ffmpeg.Exited);
    }

    [Fact]
    public async Task Dispose_OfARunningOne_LeavesNoProcess()
    {
        var mark = "mark" + Guid.NewGuid();
        var ffmpeg = FfmpegProcess.Start("ffmpeg", [.. Endless, "-metadata", "title=" + mark], Path.GetTempPath(), _ => { });
        await Eventually.TrueAsync(() => TestProcesses.FfmpegsWith(mark).Count == 1);

        await ffmpeg.DisposeAsync();

        await Eventually.TrueAsync(() => TestProcesses.With(mark).Count == 0);
    }

    [Fact]
    public async Task Dispose_OfOneThatIgnoresTheSignal_KillsIt()
    {
        // A stopped process takes no SIGTERM.
        var mark = "mark" + Guid.NewGuid();
        var ffmpeg = FfmpegProcess.Start("ffmpeg", [.. Endless, "-metadata", "title=" + mark], Path.GetTempPath(), _ => { });
        await Eventually.TrueAsync(() => TestProcesses.FfmpegsWith(mark).Count == 1);
        using (var stop = System.Diagnostics.Process.Start("kill", ["-STOP", TestProcesses.FfmpegsWith(mark).Single().ToString()]))
        {
            await stop.WaitForExitAsync();
        }

        await ffmpeg.DisposeAsync();

        await Eventually.TrueAsync(() => TestProcesses.With(mark).Count == 0);
    }

    [Fact]
    public async Task Lines_OfAnyLength_AreCut()
    {
        List<string> lines = [];

        await using var shell = FfmpegProcess.Start("sh", ["-c", "head -c 100000 /dev/zero | tr '\\0' x >&2; echo >&2; echo next >&2"], Path.GetTempPath(), lines.Add);

        Assert.Equal(0, await shell.Exited);
        Assert.Equal([1000, 4], lines.Select(line => line.Length));
    }
}
