using System.Collections.Concurrent;
using System.Text.Json;

using SocketIOClient;
using SocketIOClient.Transport;

namespace LiveRobot.Testing;

/// <summary>A foreign Socket.IO client (the NuGet library SocketIOClient) that remembers what it received.</summary>
public sealed class SocketIOPeer : IAsyncDisposable
{
    private readonly SocketIOClient.SocketIO _socket;
    private readonly ConcurrentQueue<(string Name, JsonElement Argument)> _received = new();

    // The library numbers its events without a lock: two at once may get the same number, and one acknowledgement is lost.
    private readonly SemaphoreSlim _emitting = new(1);

    private SocketIOPeer(SocketIOClient.SocketIO socket) => _socket = socket;

    public bool IsConnected => _socket.Connected;

    /// <summary>Gets every event with its first argument, oldest first.</summary>
    public IReadOnlyList<(string Name, JsonElement Argument)> Received => [.. _received];

    /// <summary>Connects over a WebSocket, as a viewer with a viewing token and a session's cookie, on a page of an origin, or as a robot with a robot token, from an address behind a proxy, if they are given.</summary>
    public static async Task<SocketIOPeer> ConnectAsync(
        Uri server, string path = "/socket.io", int engineIOVersion = 4, string? userAgent = null, string? token = null, string? cookie = null, string? robotToken = null,
        string? origin = null, string? forwardedFor = null)
    {
        var peer = new SocketIOPeer(new SocketIOClient.SocketIO(server, new SocketIOOptions
        {
            Path = path,
            EIO = engineIOVersion,
            Transport = TransportProtocol.WebSocket,
            Reconnection = false,
            Query = token is null ? [] : [new("token", token)],
            ExtraHeaders = new[] { ("User-Agent", userAgent), ("Cookie", cookie), ("Origin", origin), ("X-Forwarded-For", forwardedFor), ("Authorization", robotToken is null ? null : $"Robot {robotToken}") }
                .Where(header => header.Item2 is not null)
                .ToDictionary(header => header.Item1, header => header.Item2!),
        }));
        peer._socket.OnAny((name, response) =>
            peer._received.Enqueue((name, response.Count > 0 ? response.GetValue<JsonElement>().Clone() : default)));
        // ConnectAsync returns when the transport is up; an event that is sent then may overtake the connect packet.
        var connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        peer._socket.OnConnected += (_, _) => connected.TrySetResult();
        await peer._socket.ConnectAsync();
        await connected.Task.WaitAsync(TimeSpan.FromSeconds(30));
        return peer;
    }

    public Task EmitAsync(string name, object argument) => EmitAsync(() => _socket.EmitAsync(name, argument));

    /// <summary>Emits an event and gives the first argument of its acknowledgement.</summary>
    public async Task<JsonElement> AskAsync(string name, object argument)
    {
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        await EmitAsync(() => _socket.EmitAsync(name, response => answer.TrySetResult(response.GetValue<JsonElement>().Clone()), argument));
        return await answer.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>Waits for an event of that name whose argument is as told, and gives the argument.</summary>
    public async Task<JsonElement> WaitForAsync(string name, Func<JsonElement, bool>? isIt = null)
    {
        JsonElement? found = null;
        await Eventually.TrueAsync(
            () =>
            {
                foreach (var (received, argument) in _received)
                {
                    if (received == name && (isIt is null || isIt(argument)))
                    {
                        found = argument;
                        return true;
                    }
                }

                return false;
            },
            text: $"{name} came");
        return found!.Value;
    }

    public async ValueTask DisposeAsync()
    {
        await _socket.DisconnectAsync();
        _socket.Dispose();
        _emitting.Dispose();
    }

    private async Task EmitAsync(Func<Task> emit)
    {
        await _emitting.WaitAsync();
        try
        {
            await emit();
        }
        finally
        {
            _emitting.Release();
        }
    }
}
