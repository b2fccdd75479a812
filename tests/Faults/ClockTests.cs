using System.Diagnostics;

using LiveRobot.Testing;

namespace LiveRobot.Faults;

/// <summary>The clock of one process jumps, by a day forward and back (libfaketime). Holds, time-outs and signs of life go by monotonic time.</summary>
public sealed class ClockTests
{
    private const string Library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

    private static readonly TimeSpan Wrong = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("ControlSocket", "+1d")]
    [InlineData("ControlSocket", "-1d")]
    [InlineData("VideoRelay", "+1d")]
    public async Task Nobody_notices_that_the_clock_of_a_service_jumped(string service, string jump)
    {
        Fault.SkipUnlessLong();
        Assert.SkipUnless(File.Exists(Library), "Needs Debian's libfaketime.");
        using var folder = new TemporaryFolder();
        var time = folder.File("time");
        await File.WriteAllTextAsync(time, "+0d");
        await using var load = await Load.StartAsync();
        await load.Services.KillAsync(service);
        load.Services.Start(service, new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = Library,
            ["FAKETIME_TIMESTAMP_FILE"] = time,
            ["FAKETIME_NO_CACHE"] = "1",
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        });
        await load.WellAsync(since: Stopwatch.GetTimestamp());

        await Fault.RunAsync($"clock of {service} wrong by {jump} for 10 s", load, async () =>
        {
            await File.WriteAllTextAsync(time, jump);
            await Task.Delay(Wrong);
            await File.WriteAllTextAsync(time, "+0d");
        });
    }
}
