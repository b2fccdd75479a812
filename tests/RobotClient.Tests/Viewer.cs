using System.Text.Json;

using SocketIOClient;
using SocketIOClient.Transport;

namespace LiveRobot.RobotClient.Tests;

/// <summary>Someone who watches the robot: on the control or the chat socket, like the site.</summary>
internal sealed class Viewer : IAsyncDisposable
{
    private readonly SocketIOClient.SocketIO _client;

    private Viewer(Uri address) => _client = new SocketIOClient.SocketIO(address, new SocketIOOptions
    {
        Transport = TransportProtocol.WebSocket,
        Reconnection = false,
    });

    public static async Task<Viewer> ConnectAsync(Uri address, string handle)
    {
        var viewer = new Viewer(address);
        var connected = new TaskCompletionSource();
        viewer._client.OnConnected += (_, _) => connected.TrySetResult();
        await viewer._client.ConnectAsync();
        await connected.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await viewer.AskAsync("select_robot", new { robot_id = handle });
        return viewer;
    }

    /// <summary>Presses or releases a key; false when the server refused it.</summary>
    public async Task<bool> CommandAsync(string command, string keyPosition, string handle) =>
        (await AskAsync("command_to_robot", new { robot_id = handle, command, key_position = keyPosition })).GetProperty("ok").GetBoolean();

    /// <summary>Emits and gives the acknowledgement.</summary>
    public async Task<JsonElement> AskAsync(string eventName, object message)
    {
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _client.EmitAsync(eventName, response => answer.TrySetResult(response.GetValue().Clone()), message);
        return await answer.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisconnectAsync();
        _client.Dispose();
    }
}
