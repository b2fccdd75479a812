using System.Diagnostics;

namespace LiveRobot.RobotClient.Tests;

/// <summary>Processes of this machine, found by what stands on their command line.</summary>
internal static class TestProcesses
{
    /// <summary>The ids of processes with that text on their command line, the shells around ffmpeg included.</summary>
    public static IReadOnlyList<int> With(string text) => [.. All().Where(process => process.CommandLine.Contains(text, StringComparison.Ordinal)).Select(process => process.Id)];

    /// <summary>The ids of the ffmpegs themselves with that text on their command line.</summary>
    public static IReadOnlyList<int> FfmpegsWith(string text) =>
        [.. All().Where(process => process.CommandLine.StartsWith("ffmpeg\0", StringComparison.Ordinal) && process.CommandLine.Contains(text, StringComparison.Ordinal)).Select(process => process.Id)];

    public static void Kill(int id)
    {
        using var process = Process.GetProcessById(id);
        process.Kill();
    }

    private static IEnumerable<(int Id, string CommandLine)> All()
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), out var id) && id != Environment.ProcessId && Read(directory) is { Length: > 0 } commandLine)
            {
                yield return (id, commandLine);
            }
        }
    }

    private static string? Read(string directory)
    {
        try
        {
            return File.ReadAllText(Path.Combine(directory, "cmdline"));
        }
        catch (IOException)
        {
            // It ended just now.
            return null;
        }
    }
}
