using System.Diagnostics;
using System.Globalization;

using LiveRobot.Testing;

namespace LiveRobot.Compatibility.Control;

/// <summary>A robot of the LetsRobot era in a process of its own; see <c>robots/pulse_robot.py</c>.</summary>
internal sealed class PulseRobot : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Lock _gate = new();
    private readonly List<(string Line, long Timestamp)> _lines = [];

    private PulseRobot(Process process) => _process = process;

    /// <summary>Gets what the robot has said so far.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines.Select(line => line.Line)];
            }
        }
    }

    /// <summary>Starts a robot whose hardware takes so long to load, and that says so often who it is.</summary>
    public static PulseRobot Start(Uri server, string robotId, double loadSeconds = 0, double identifySeconds = 60)
    {
        var start = new ProcessStartInfo("/usr/bin/python3")
        {
            ArgumentList =
            {
                Path.Combine(Repository.Root, "tests", "Compatibility", "robots", "pulse_robot.py"),
                server.Host,
                server.Port.ToString(CultureInfo.InvariantCulture),
                robotId,
                loadSeconds.ToString(CultureInfo.InvariantCulture),
                identifySeconds.ToString(CultureInfo.InvariantCulture),
            },
            RedirectStandardOutput = true,
        };
        var robot = new PulseRobot(Process.Start(start)!);
        robot._process.OutputDataReceived += (_, line) => robot.Hear(line.Data);
        robot._process.BeginOutputReadLine();
        return robot;
    }

    public int Count(string line) => Lines.Count(said => said == line);

    /// <summary>The times at which the robot has said something that begins so.</summary>
    public IReadOnlyList<long> TimesOf(string beginning)
    {
        lock (_gate)
        {
            return [.. _lines.Where(line => line.Line.StartsWith(beginning, StringComparison.Ordinal)).Select(line => line.Timestamp)];
        }
    }

    public Task SaysAsync(string line) => Eventually.TrueAsync(() => Lines.Contains(line), text: $"the robot says '{line}'");

    /// <summary>SIGSTOP: from now on it reads nothing.</summary>
    public Task SuspendAsync() => SignalAsync("-STOP");

    /// <summary>SIGCONT: it goes on, and finds what came meanwhile.</summary>
    public Task ResumeAsync() => SignalAsync("-CONT");

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("/bin/kill", [signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private void Hear(string? line)
    {
        if (line is not null)
        {
            lock (_gate)
            {
                _lines.Add((line, Stopwatch.GetTimestamp()));
            }
        }
    }
}
