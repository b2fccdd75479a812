using System.Diagnostics;

using LiveRobot.Testing;

namespace LiveRobot.Faults;

/// <summary>Lets something break under load, waits until all is well again, and measures what it cost.</summary>
internal static class Fault
{
    /// <summary>How long healing may take: Python robots of the LetsRobot era come back with what they say each minute.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>What happened just before the fault and just after all was well belongs to the measurement.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    /// <summary>Skips the test unless the long tests run.</summary>
    public static void SkipUnlessLong() => Assert.SkipUnless(RandomInput.IsLong, "A long test: ./test.sh --faults runs it.");

    /// <summary>Runs a fault and adds its row to the table.</summary>
    /// <param name="place">Where something breaks.</param>
    /// <param name="name">Of the fault, as it stands in the table.</param>
    /// <param name="load">Who suffers.</param>
    /// <param name="strike">Breaks something, and is done when the cause is gone; from then on the time to heal counts.</param>
    /// <returns>What was measured. That no acknowledged line is lost was asserted.</returns>
    public static async Task<FaultReport> RunAsync(FaultPlace place, string name, Load load, Func<Task> strike)
    {
        try
        {
            return await MeasureAsync(place, name, load, strike);
        }
        catch
        {
            foreach (var node in load.Services.Nodes)
            {
                TestContext.Current.TestOutputHelper!.WriteLine($"The last of {node}:\n{string.Join('\n', load.Services.Process(node).Lines.TakeLast(40))}");
            }

            throw;
        }
    }

    private static async Task<FaultReport> MeasureAsync(FaultPlace place, string name, Load load, Func<Task> strike)
    {
        using var memory = new MemoryWatch(load);
        var began = Stopwatch.GetTimestamp();
        await Task.Delay(Margin);
        await strike();

        var gone = Stopwatch.GetTimestamp();
        await load.WellAsync(since: gone);
        var healed = Stopwatch.GetElapsedTime(gone);
        await Task.Delay(Margin);
        await load.WellAsync(since: Stopwatch.GetTimestamp());

        var report = new FaultReport(
            place,
            name,
            load.Driven.ToDictionary(robot => robot.Key, robot => robot.Value.LongestGap(began)),
            load.Frames.LongestGap(began),
            load.Acknowledged,
            await load.LostLinesAsync(),
            healed,
            memory.Before,
            memory.Most,
            load.ServicesMemory());
        ReliabilityTable.Add(report);
        Assert.Equal(0, report.LinesLost);
        return report;
    }
}

/// <summary>Where something breaks, in the order of the table.</summary>
internal enum FaultPlace
{
    Services,
    Stores,
    Network,
    Machine,
}

/// <summary>What a fault cost.</summary>
/// <param name="Place">Where something broke.</param>
/// <param name="Name">Of the fault.</param>
/// <param name="Driving">The longest time in which a robot of each kind was told nothing.</param>
/// <param name="Video">The longest time without a frame.</param>
/// <param name="LinesAcknowledged">Chat lines that the server said it has.</param>
/// <param name="LinesLost">Those of them that it has not.</param>
/// <param name="Healed">From when the cause was gone until all was as before.</param>
/// <param name="MemoryBefore">Of all services, in bytes.</param>
/// <param name="MemoryMost">The most of all services meanwhile.</param>
/// <param name="MemoryAfter">When all was well again.</param>
internal sealed record FaultReport(
    FaultPlace Place,
    string Name,
    IReadOnlyDictionary<string, TimeSpan> Driving,
    TimeSpan Video,
    int LinesAcknowledged,
    int LinesLost,
    TimeSpan Healed,
    long MemoryBefore,
    long MemoryMost,
    long MemoryAfter);
