using System.Globalization;

using LiveRobot.Testing;

namespace LiveRobot.Faults;

/// <summary>
/// The table of docs/reliability.md. Every fault tells its row in its output; the file named by
/// <c>LIVEROBOT_RELIABILITY_TABLE</c>, relative to the repository, is given it in the place of the fault's row before.
/// </summary>
internal static class ReliabilityTable
{
    private const string Begin = "<!-- faults -->";
    private const string End = "<!-- /faults -->";

    private static string[] Head { get; } =
    [
        Row(["fault", .. Load.AllKinds.Select(kind => $"driving: {kind}"), "video", "lines: acknowledged, lost", "well again after", "memory: before, most, after"]),
        Row(["---", .. Load.AllKinds.Select(_ => "---"), "---", "---", "---", "---"]),
    ];

    public static void Add(FaultReport report)
    {
        var row = Row(
        [
            report.Name,
            .. Load.AllKinds.Select(kind => report.Driving.TryGetValue(kind, out var gap) ? Seconds(gap) : ""),
            Seconds(report.Video),
            string.Create(CultureInfo.InvariantCulture, $"{report.LinesAcknowledged}, {report.LinesLost}"),
            Seconds(report.Healed),
            string.Join(", ", new[] { report.MemoryBefore, report.MemoryMost, report.MemoryAfter }.Select(bytes => bytes / 1_000_000)) + " MB",
        ]);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join('\n', [.. Head, row]));
        if (Environment.GetEnvironmentVariable("LIVEROBOT_RELIABILITY_TABLE") is { Length: > 0 } file)
        {
            Write(Path.Combine(Repository.Root, file), report.Name, row);
        }
    }

    private static void Write(string path, string name, string row)
    {
        var lines = File.ReadAllLines(path).ToList();
        var (begin, end) = (lines.IndexOf(Begin), lines.IndexOf(End));
        var rows = lines.GetRange(begin + 1, end - begin - 1).Where(line => line.StartsWith('|')).Skip(Head.Length).ToList();
        var old = rows.FindIndex(line => line.StartsWith($"| {name} |", StringComparison.Ordinal));
        if (old < 0)
        {
            rows.Add(row);
        }
        else
        {
            rows[old] = row;
        }

        lines.RemoveRange(begin + 1, end - begin - 1);
        lines.InsertRange(begin + 1, [.. Head, .. rows]);
        File.WriteAllLines(path, lines);
    }

    private static string Row(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:F1} s");
}
