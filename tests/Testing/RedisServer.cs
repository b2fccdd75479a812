using System.Globalization;

namespace LiveRobot.Testing;

/// <summary>A Redis of a test's own, that can be killed, frozen and started again on the same port, empty.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private ChildProcess? _process;

    private RedisServer()
    {
    }

    public int Port { get; } = FreePorts.Take();

    /// <summary>Gets what stands in <c>Redis:Configuration</c>.</summary>
    public string Configuration => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    public static async Task<RedisServer> StartAsync()
    {
        var server = new RedisServer();
        await server.StartAgainAsync();
        return server;
    }

    public async Task StartAgainAsync()
    {
        _process = ChildProcess.Start(
            "redis-server",
            ["--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", _folder.Path]);
        await _process.WaitForLineAsync(line => line.Contains("Ready to accept connections", StringComparison.Ordinal));
    }

    /// <summary>Ends it as a crash would. What it knew is lost.</summary>
    public async Task KillAsync()
    {
        await _process!.DisposeAsync();
        _process = null;
    }

    /// <summary>It stays connected and answers nothing.</summary>
    public void Freeze() => _process!.Signal("STOP");

    public void Thaw() => _process!.Signal("CONT");

    /// <summary>Asks it by its own client, and gives the answer without the line's end.</summary>
    public async Task<string> AskAsync(params string[] command) =>
        (await ChildProcess.RunAsync("redis-cli", ["-p", Port.ToString(CultureInfo.InvariantCulture), .. command])).Trim();

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }

        _folder.Dispose();
    }
}
