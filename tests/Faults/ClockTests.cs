using LiveRobot.Testing;

namespace LiveRobot.Faults;

/// <summary>The clock of one process jumps by a day, and back (libfaketime). Holds, time-outs and signs of life go by monotonic time.</summary>
public sealed class ClockTests
{
    private const string Library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

    private static readonly TimeSpan Wrong = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("ControlSocket", "Control", 1)]
    [InlineData("ControlSocket", "Control", -1)]
    [InlineData("VideoRelay", "Video", 1)]
    public async Task Nobody_notices_that_the_clock_of_a_service_jumped(string service, string port, int days)
    {
        Fault.SkipUnlessLong();
        Assert.SkipUnless(File.Exists(Library), "Needs Debian's libfaketime.");
        using var folder = new TemporaryFolder();
        var time = folder.File("time");
        await File.WriteAllTextAsync(time, "+0d");
        await using var load = await Load.StartAsync(environments: new Dictionary<string, IReadOnlyDictionary<string, string>>
        {
            [service] = new Dictionary<string, string>
            {
                ["LD_PRELOAD"] = Library,
                ["FAKETIME_TIMESTAMP_FILE"] = time,
                ["FAKETIME_NO_CACHE"] = "1",
                ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
            },
        });
        using var http = new HttpClient();

        await Fault.RunAsync(FaultPlace.Machine, $"clock of {service} wrong by {days:+0;-0} day for 10 s", load, async () =>
        {
            await File.WriteAllTextAsync(time, $"{days:+0;-0}d");
            await Eventually.TrueAsync(async () => Math.Round((await ClockAsync() - DateTimeOffset.UtcNow).TotalDays) == days, text: "the service's clock has jumped");
            await Task.Delay(Wrong);
            await File.WriteAllTextAsync(time, "+0d");
        });

        async Task<DateTimeOffset> ClockAsync()
        {
            using var answer = await http.GetAsync(load.Services.Address(port, "healthz"));
            return answer.Headers.Date!.Value;
        }
    }
}
