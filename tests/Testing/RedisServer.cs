using System.Globalization;

namespace LiveRobot.Testing;

/// <summary>A Redis of a test's own, that can be killed, frozen and started again on the same port.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly bool _keepsData;
    private readonly NetworkNamespace? _network;
    private ChildProcess? _process;

    private readonly string _host;

    private RedisServer(bool keepsData, string host, NetworkNamespace? network) => (_keepsData, _host, _network) = (keepsData, host, network);

    public int Port { get; } = FreePorts.Take();

    /// <summary>Gets what stands in <c>Redis:Configuration</c>.</summary>
    public string Configuration => string.Create(CultureInfo.InvariantCulture, $"{_host}:{Port}");

    /// <param name="keepsData">Whether it has everything again when it starts again.</param>
    /// <param name="host">The address that it listens at.</param>
    /// <param name="network">Where it runs; here when there is none. Its owner disposes of it.</param>
    public static async Task<RedisServer> StartAsync(bool keepsData = false, string host = "127.0.0.1", NetworkNamespace? network = null)
    {
        var server = new RedisServer(keepsData, host, network);
        await server.StartAgainAsync();
        return server;
    }

    public async Task StartAgainAsync()
    {
        string[] command =
        [
            .. _network?.Run ?? [],
            "redis-server", "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", _host, "--protected-mode", "no",
            "--save", "", "--appendonly", _keepsData ? "yes" : "no", "--appendfsync", "always", "--dir", _folder.Path,
        ];
        _process = ChildProcess.Start(command[0], command[1..]);
        await _process.WaitForLineAsync(line => line.Contains("Ready to accept connections", StringComparison.Ordinal));
    }

    /// <summary>Ends it as a crash would. What it knew is lost, unless it keeps data.</summary>
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
        (await ChildProcess.RunAsync("redis-cli", ["-h", _host, "-p", Port.ToString(CultureInfo.InvariantCulture), .. command])).Trim();

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }

        _folder.Dispose();
    }
}
