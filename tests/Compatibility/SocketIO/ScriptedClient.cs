using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

using LiveRobot.Testing;

namespace LiveRobot.Compatibility.SocketIO;

/// <summary>A real client library in a process of its own, told what to do and asked what it has seen, in JSON lines.</summary>
public sealed class ScriptedClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly BlockingCollection<Seen> _seen = [];
    private readonly List<Seen> _passedOver = [];
    private readonly ConcurrentQueue<Seen> _history = new();

    private ScriptedClient(Process process) => _process = process;

    public static string Folder { get; } = Path.Combine(Repository.Root, "tests", "Compatibility", "clients");

    public int ProcessId => _process.Id;

    /// <summary>Gets all that was seen so far, oldest first.</summary>
    public IReadOnlyCollection<Seen> History => _history;

    /// <summary>npm's socket.io-client of generation 1, 2 or 4.</summary>
    public static ScriptedClient Node(int generation, string url, string transports, string auth = "") =>
        Start("node", "socketio.js", $"{generation}", url, transports, auth);

    /// <summary>npm's socket.io-client of generation 2 in the place of the existing viewer app's, with the app's requests over HTTP.</summary>
    public static ScriptedClient ViewerApp(string site) => Start("node", "viewer_app.js", site);

    /// <summary>Debian's python3-socketio-client, which robots of the LetsRobot era use.</summary>
    public static ScriptedClient OldPython(int port, string transports) =>
        Start("/usr/bin/python3", "socketio_client_0_6.py", "127.0.0.1", $"{port}", transports.Replace("polling", "xhr-polling", StringComparison.Ordinal));

    /// <summary>Debian's python3-socketio.</summary>
    public static ScriptedClient Python(string url, string transports) =>
        Start("/usr/bin/python3", "python_socketio.py", url, transports);

    /// <summary>NuGet's SocketIOClient.</summary>
    /// <param name="engineIO">3 or 4.</param>
    /// <param name="url">The server, and a namespace.</param>
    /// <param name="transports">Its ways to connect.</param>
    /// <param name="first">Events to emit at once.</param>
    public static ScriptedClient DotNet(int engineIO, string url, string transports, params string[] first) => Start(
        "dotnet",
        [Path.Combine(Repository.Root, "artifacts", "bin", "SocketIOClientPeer", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "SocketIOClientPeer.dll"), url, $"{engineIO}", transports, .. first]);

    /// <summary>
    /// Waits for the next thing of that kind. Others that come before it wait for whoever asks for them: some libraries
    /// run each handler in a thread of its own, so only things of one kind have an order.
    /// </summary>
    public async Task<JsonElement> SeeAsync(string what, Func<JsonElement, bool>? matching = null)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            return await Task.Run(() =>
            {
                while (true)
                {
                    var index = _passedOver.FindIndex(seen => seen.What == what);
                    while (index < 0)
                    {
                        _passedOver.Add(_seen.Take(patience.Token));
                        index = _passedOver[^1].What == what ? _passedOver.Count - 1 : -1;
                    }

                    var (_, args) = _passedOver[index];
                    _passedOver.RemoveAt(index);
                    if (matching?.Invoke(args) != false)
                    {
                        return args;
                    }
                }
            });
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The client never saw '{what}', only: {string.Join("; ", _history)}");
        }
    }

    public Task EmitAsync(string name, params object[] args) => CommandAsync(new { @do = "emit", name, args });

    /// <summary>Emits with a callback; the answer is seen as <c>ack</c>.</summary>
    public Task AskAsync(string name, params object[] args) => CommandAsync(new { @do = "ask", name, args });

    public Task DisconnectAsync() => CommandAsync(new { @do = "disconnect" });

    /// <summary>Connects again after a disconnect (npm only).</summary>
    public Task ConnectAsync() => CommandAsync(new { @do = "connect" });

    /// <summary>Connects the viewer app to a port.</summary>
    public Task ConnectAsync(int port) => CommandAsync(new { @do = "connect", port });

    /// <summary>Has the viewer app ask for a path; the status, the type and the body of the answer are seen as <c>answer</c>.</summary>
    public Task GetAsync(string path) => CommandAsync(new { @do = "get", path });

    /// <summary>The same with a form.</summary>
    public Task PostAsync(string path, object form) => CommandAsync(new { @do = "post", path, form });

    /// <summary>Stops the process (SIGSTOP). Its threads stop one after the other; when this is done, all have.</summary>
    public async Task StopAsync()
    {
        await SignalAsync("STOP");
        await Eventually.TrueAsync(() => Directory.GetDirectories($"/proc/{_process.Id}/task").All(IsStopped), text: "the process stands still");
    }

    /// <summary>Lets the process go on (SIGCONT).</summary>
    public Task GoOnAsync() => SignalAsync("CONT");

    /// <summary>Kills the process without a goodbye.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static bool IsStopped(string thread)
    {
        try
        {
            return File.ReadAllText(Path.Combine(thread, "stat")).Split(") ")[^1].StartsWith('T');
        }
        catch (IOException)
        {
            // The thread has ended meanwhile.
            return true;
        }
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("/bin/kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    private static ScriptedClient Start(string program, params string[] args)
    {
        var start = new ProcessStartInfo(program, args)
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var client = new ScriptedClient(Process.Start(start)!);
        client._process.OutputDataReceived += (_, line) => client.OnLine(line.Data);
        client._process.ErrorDataReceived += (_, line) => client.OnError(line.Data);
        client._process.BeginOutputReadLine();
        client._process.BeginErrorReadLine();
        return client;
    }

    private async Task CommandAsync(object command)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(command));
        await _process.StandardInput.FlushAsync();
    }

    private void OnLine(string? line)
    {
        if (line is not null)
        {
            var seen = JsonDocument.Parse(line).RootElement;
            Report(new Seen(seen.GetProperty("what").GetString()!, seen.GetProperty("args")));
        }
    }

    private void OnError(string? line)
    {
        if (!string.IsNullOrEmpty(line))
        {
            Report(new Seen("stderr", JsonSerializer.SerializeToElement(new[] { line })));
        }
    }

    private void Report(Seen seen)
    {
        _history.Enqueue(seen);
        _seen.Add(seen);
    }
}
