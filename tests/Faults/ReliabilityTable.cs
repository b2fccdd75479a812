using System.Globalization;

using LiveRobot.Testing;

namespace LiveRobot.Faults;

/// <summary>
/// The table of docs/reliability.md. Every fault tells its row in its output; the file named by
/// <c>LIVEROBOT_RELIABILITY_TABLE</c>, relative to the repository, is given it in the place of the fault's row before. Rows
/// are in the order of <see cref="FaultPlace"/>, and then of their names. <c>./test.sh --faults</c> begins with an empty table.
/// </summary>
internal static class ReliabilityTable
{
    private const string Begin = "<!-- faults -->";
    private const string End = "<!-- /faults -->";

    private static string[] Head { get; } =
    [
        Row(["where", "fault", .. Load.AllKinds.Select(kind => $"driving: {kind}"), "video", "lines: acknowledged, lost", "well again after", "memory: before, most, after"]),
        Row(["---", "---", .. Load.AllKinds.Select(_ => "---"), "---", "---", "---", "---"]),
    ];

    public static void Add(FaultReport report)
    {
        var row = Row(
        [
            PlaceCell(report.Place),
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
            Write(Path.Combine(Repository.Root, file), row);
        }
    }

    private static void Write(string path, string row)
    {
        var lines = File.ReadAllLines(path).ToList();
        var (begin, end) = (lines.IndexOf(Begin), lines.IndexOf(End));
        var others = lines.GetRange(begin + 1, end - begin - 1).Where(line => line.StartsWith('|')).Skip(Head.Length).Where(other => PositionOf(other) != PositionOf(row));
        string[] rows = [.. others.Append(row).OrderBy(other => PositionOf(other).Place).ThenBy(other => PositionOf(other).Name, StringComparer.Ordinal)];
        lines.RemoveRange(begin + 1, end - begin - 1);
        lines.InsertRange(begin + 1, [.. Head, .. rows]);
        File.WriteAllLines(path, lines);
    }

    private static string PlaceCell(FaultPlace place) => place.ToString().ToLowerInvariant();

    /// <summary>Gives where a row stands: by its place, and there by its name.</summary>
    private static (FaultPlace Place, string Name) PositionOf(string row)
    {
        var cells = row.Split(" | ");
        return (Enum.Parse<FaultPlace>(cells[0]["| ".Length..], ignoreCase: true), cells[1]);
    }

    private static string Row(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:F1} s");
}
