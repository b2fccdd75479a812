using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace LiveRobot.Testing;

/// <summary>A program that a test runs, whose lines it reads, and which ends with the test.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private readonly Action<string>? _onLine;

    private ChildProcess(ProcessStartInfo start, Action<string>? onLine)
    {
        _onLine = onLine;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        Id = _process.Id;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id { get; }

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Gets the memory that it has (resident set), without its children; 0 when it has ended.</summary>
    public long ResidentBytes
    {
        get
        {
            try
            {
                // proc(5): the second number is the resident set, in pages.
                return long.Parse(File.ReadAllText($"/proc/{Id}/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
            }
            catch (IOException)
            {
                return 0;
            }
        }
    }

    /// <summary>Gets what it has printed so far, on both outputs.</summary>
    public IReadOnlyList<string> Lines => [.. _lines];

    /// <param name="onLine">Told each line as it comes, from any thread.</param>
    public static ChildProcess Start(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, Action<string>? onLine = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository.Root,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return new ChildProcess(start, onLine);
    }

    /// <summary>Runs a program to its end and gives what it printed on standard output.</summary>
    /// <exception cref="InvalidOperationException">It exited with another code than 0.</exception>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        await using var child = Start(program, arguments, environment);
        await child.WaitForExitAsync();
        var output = string.Join('\n', child.Lines);
        return child.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} exited with {child.ExitCode}: {output}");
    }

    /// <summary>Waits for a line, from the line of number <paramref name="after"/> on, and gives it.</summary>
    /// <exception cref="TimeoutException">It did not come; the message has all that did.</exception>
    public async Task<string> WaitForLineAsync(Func<string, bool> isIt, TimeSpan? within = null, int after = 0)
    {
        string? found = null;
        try
        {
            await Eventually.TrueAsync(() => (found = _lines.Skip(after).FirstOrDefault(isIt)) is not null || HasExited, within, "the line came");
        }
        catch (TimeoutException)
        {
        }

        return found ?? throw new TimeoutException($"The line did not come. All lines:\n{string.Join('\n', _lines)}");
    }

    public async Task WaitForExitAsync(TimeSpan? within = null)
    {
        using var patience = new CancellationTokenSource(within ?? TimeSpan.FromMinutes(5));
        await _process.WaitForExitAsync(patience.Token);
    }

    /// <summary>Sends a signal by name, e.g. <c>STOP</c>, <c>CONT</c>, <c>INT</c>, <c>KILL</c>.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _lines.Enqueue(line);
            _onLine?.Invoke(line);
        }
    }
}
