using System.Diagnostics;
using System.Text.Json;

using LiveRobot.Testing;

using SocketIOClient;
using SocketIOClient.Transport;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>A foreign Socket.IO client (NuGet <c>SocketIOClient</c>) that keeps what it is told.</summary>
public sealed class TestClient : IAsyncDisposable
{
    private readonly SocketIOClient.SocketIO _client;
    private readonly Lock _gate = new();
    private readonly List<Received> _received = [];

    public TestClient(Uri server, int engineIOVersion, IReadOnlyDictionary<string, string>? headers = null)
    {
        _client = new SocketIOClient.SocketIO(server, new SocketIOOptions
        {
            EIO = engineIOVersion,
            Transport = TransportProtocol.WebSocket,
            Reconnection = false,
            ExtraHeaders = headers?.ToDictionary(),
        });
        _client.OnAny((name, response) =>
        {
            lock (_gate)
            {
                _received.Add(new Received(name, response.GetValue<JsonElement>().Clone(), Stopwatch.GetTimestamp()));
            }

            if (Acknowledges)
            {
                _ = response.CallbackAsync();
            }
        });
    }

    /// <summary>Gets or sets whether this client acknowledges what it is told, as a robot may.</summary>
    public bool Acknowledges { get; set; }

    /// <summary>Gets the commands that this client got as a robot, as <c>command:key_position</c>.</summary>
    public string Heard => string.Join(' ', Of("command_to_robot").Select(
        received => $"{received.Argument.GetProperty("command")}:{received.Argument.GetProperty("key_position")}"));

    public bool IsConnected => _client.Connected;

    public async Task ConnectAsync()
    {
        var connected = new TaskCompletionSource();
        _client.OnConnected += (_, _) => connected.TrySetResult();
        await _client.ConnectAsync();
        await connected.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public IReadOnlyList<Received> Of(string name)
    {
        lock (_gate)
        {
            return [.. _received.Where(received => received.Name == name)];
        }
    }

    public Task EmitAsync(string name, params object[] arguments) => _client.EmitAsync(name, arguments);

    /// <summary>Emits and waits for the acknowledgement.</summary>
    public async Task<JsonElement> AskAsync(string name, params object[] arguments)
    {
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _client.EmitAsync(name, response => answer.TrySetResult(response.GetValue<JsonElement>().Clone()), arguments);
        return await answer.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public async Task AskOkAsync(string name, params object[] arguments) =>
        Assert.Equal("""{"ok":true}""", (await AskAsync(name, arguments)).GetRawText());

    /// <summary>Emits and gives the code of the refusal; <c>ok</c> when it was accepted.</summary>
    public async Task<string> AskCodeAsync(string name, params object[] arguments)
    {
        var answer = await AskAsync(name, arguments);
        if (answer.GetProperty("ok").GetBoolean())
        {
            return "ok";
        }

        Assert.NotEmpty(answer.GetProperty("error").GetString()!);
        return answer.GetProperty("code").GetString()!;
    }

    /// <summary>Presses a key of the robot that this viewer has chosen; gives the code of the answer.</summary>
    public Task<string> PressAsync(string command, string position) =>
        AskCodeAsync("command_to_robot", new { command, key_position = position });

    public Task HearsAsync(string commands) => Eventually.TrueAsync(() => Heard == commands, text: $"the robot hears {commands}, not {Heard}");

    public async ValueTask DisposeAsync()
    {
        await _client.DisconnectAsync();
        _client.Dispose();
    }

    public sealed record Received(string Name, JsonElement Argument, long Timestamp);
}
