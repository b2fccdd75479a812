using System.Collections.Concurrent;
using System.Diagnostics;

namespace LiveRobot.RobotClient.Tests;

/// <summary>The robot client as its owner starts it: a process of its own.</summary>
internal sealed class RobotProgram : IAsyncDisposable
{
    // Its own output folder: in that of the tests its packages give way to those of ASP.NET Core.
    private static readonly string Program = Path.GetFullPath(
        Path.Combine(AppContext.BaseDirectory, "..", "..", "RobotClient", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "RobotClient.dll"));

    private readonly Process _process;
    private readonly Task _reading;

    private RobotProgram(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput, Output), ReadAsync(process.StandardError, Log));
    }

    public string RobotId { get; private init; } = "";

    public string StreamKey { get; private init; } = "";

    public ConcurrentQueue<string> Output { get; } = new();

    public ConcurrentQueue<string> Log { get; } = new();

    public int Id => _process.Id;

    /// <summary>Starts a demo robot at that server. The secrets go by the environment.</summary>
    public static RobotProgram Start(Uri server, int statusPort, params string[] more)
    {
        var robotId = string.Concat(Enumerable.Range(0, 20).Select(_ => Random.Shared.Next(10)));
        return Start(server, statusPort, robotId, cameraId: 7, streamKey: "key" + Guid.NewGuid().ToString("N"), more);
    }

    /// <inheritdoc cref="Start(Uri, int, string[])"/>
    public static RobotProgram Start(Uri server, int statusPort, string robotId, int cameraId, string streamKey, params string[] more)
    {
        var start = new ProcessStartInfo("dotnet",
            [Program, "--server", server.ToString(), "--camera-id", $"{cameraId}", "--status-port", $"{statusPort}", "--demo", .. more])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LIVEROBOT_ROBOT_ID"] = robotId;
        start.Environment["LIVEROBOT_STREAM_KEY"] = streamKey;
        return new RobotProgram(Process.Start(start)!) { RobotId = robotId, StreamKey = streamKey };
    }

    /// <summary>Starts the program with these arguments alone.</summary>
    public static RobotProgram Run(IEnumerable<string> arguments) =>
        new(Process.Start(new ProcessStartInfo("dotnet", [Program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!);

    /// <summary>Sends a signal by its name.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, $"{Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits for the end and gives the exit code.</summary>
    public async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
        await _reading;
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await WaitAsync();
        }

        _process.Dispose();
    }

    private static async Task ReadAsync(StreamReader reader, ConcurrentQueue<string> lines)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lines.Enqueue(line);
        }
    }
}
