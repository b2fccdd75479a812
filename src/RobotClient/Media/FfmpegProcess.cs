using System.Diagnostics;

namespace LiveRobot.RobotClient.Media;

/// <summary>
/// One ffmpeg as a child that cannot outlive this program, however it ends. Stopping is SIGTERM, on which ffmpeg ends
/// its request in order, and SIGKILL two seconds later.
/// </summary>
/// <remarks>
/// A small shell stands between: it starts ffmpeg and a guard that reads from a pipe whose other end only this process
/// holds. The read returns when the pipe is closed, by <see cref="DisposeAsync"/> or by the kernel when this process is
/// gone, SIGKILL included, and the guard ends ffmpeg. (A parent death signal was left out: it follows the thread that
/// started the child, and a pool thread ends when it likes.) A terminal's Ctrl-C reaches the whole group: the shell
/// ignores it, so that ffmpeg ends in this one way.
/// </remarks>
internal sealed class FfmpegProcess : IAsyncDisposable
{
    private const string Guarded = """
        trap '' INT HUP TERM
        exec 3<&0 </dev/null
        "$@" 3<&- &
        ffmpeg=$!
        { read -r _ <&3; kill -TERM $ffmpeg; sleep 2; kill -KILL $ffmpeg; } >/dev/null 2>&1 &
        guard=$!
        exec 3<&-
        wait $ffmpeg
        status=$?
        kill -KILL $guard 2>/dev/null
        exit $status
        """;

    private const int LongestLine = 1000;

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    private readonly Process _shell;

    private FfmpegProcess(Process shell, Action<string> onLine)
    {
        _shell = shell;
        Exited = RunAsync(onLine);
    }

    /// <summary>Completes with ffmpeg's exit code when it has ended and its last line has been handed over. Never fails.</summary>
    public Task<int> Exited { get; }

    /// <summary>Starts ffmpeg.</summary>
    /// <param name="ffmpeg">The program; when it cannot be started the exit code is 127 or 126, as in any shell.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="directory">Its working directory.</param>
    /// <param name="onLine">Gets each line that ffmpeg writes to standard error, cut to 1000 characters, one at a time.</param>
    public static FfmpegProcess Start(string ffmpeg, IReadOnlyList<string> arguments, string directory, Action<string> onLine)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", Guarded, "sh", ffmpeg, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory,
        };
        return new FfmpegProcess(Process.Start(start)!, onLine);
    }

    /// <summary>Stops ffmpeg and waits until it is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        try
        {
            await Exited.WaitAsync(StopTimeout);
        }
        catch (TimeoutException)
        {
            // The shell itself hangs, stopped by someone, maybe.
            _shell.Kill(entireProcessTree: true);
            await Exited;
        }

        _shell.Dispose();
    }

    private async Task<int> RunAsync(Action<string> onLine)
    {
        await ReadLinesAsync(_shell.StandardError, onLine);
        await _shell.WaitForExitAsync();
        return _shell.ExitCode;
    }

    // StreamReader.ReadLine would keep a line of any length.
    private static async Task ReadLinesAsync(StreamReader reader, Action<string> onLine)
    {
        var buffer = new char[LongestLine];
        var line = new System.Text.StringBuilder(LongestLine);
        int count;
        while ((count = await reader.ReadAsync(buffer)) > 0)
        {
            for (var i = 0; i < count; i++)
            {
                if (buffer[i] is not ('\n' or '\r'))
                {
                    if (line.Length < LongestLine)
                    {
                        line.Append(buffer[i]);
                    }

                    continue;
                }

                HandOver(line, onLine);
            }
        }

        HandOver(line, onLine);
    }

    private static void HandOver(System.Text.StringBuilder line, Action<string> onLine)
    {
        if (line.Length > 0)
        {
            onLine(line.ToString());
            line.Clear();
        }
    }
}
