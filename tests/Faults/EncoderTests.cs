using System.Globalization;

using LiveRobot.Testing;

namespace LiveRobot.Faults;

/// <summary>The encoder of a robot dies; its client starts another.</summary>
public sealed class EncoderTests
{
    [Fact]
    public async Task The_picture_is_back_after_ffmpeg_was_killed()
    {
        Fault.SkipUnlessLong();
        await using var load = await Load.StartAsync();

        await Fault.RunAsync(FaultPlace.Machine, "`kill -9` of our robot's ffmpeg", load, async () =>
        {
            var encoders = DescendantsOf(load.OurRobot.Id).Where(process => File.ReadAllText($"/proc/{process}/comm").Trim() == "ffmpeg").ToArray();
            Assert.NotEmpty(encoders);
            await ChildProcess.RunAsync("kill", ["-KILL", .. encoders.Select(process => process.ToString(CultureInfo.InvariantCulture))]);
        });
    }

    /// <summary>The processes that a process has started, and those that they have (proc(5)).</summary>
    private static IEnumerable<int> DescendantsOf(int process) => Directory.GetDirectories($"/proc/{process}/task")
        .SelectMany(thread => File.ReadAllText(Path.Combine(thread, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(child => int.Parse(child, CultureInfo.InvariantCulture))
        .SelectMany(child => new[] { child }.Concat(DescendantsOf(child)));
}
