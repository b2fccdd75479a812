using System.Text.Json;

using LiveRobot.RobotClient.Configuration;

using SocketIOClient;
using SocketIOClient.Transport;

namespace LiveRobot.RobotClient.Sockets;

/// <summary>
/// One Socket.IO connection, from its handshake to its end; it does not come back. The library's own reconnection is
/// off: it would return to the old address without a look-up.
/// </summary>
internal sealed class SocketSession : IAsyncDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private static readonly object[] NoArguments = [];

    private readonly HeartbeatWebSocket _webSocket;
    private readonly SocketIO _client;
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SocketSession(Uri address, RobotOptions options)
    {
        _webSocket = new HeartbeatWebSocket(options.HeartbeatTimeout, options.RobotToken);
        _client = new SocketIO(address, new SocketIOOptions
        {
            EIO = 4,
            Transport = TransportProtocol.WebSocket,
            Reconnection = false,
            ConnectionTimeout = ConnectTimeout,
        })
        {
            ClientWebSocketProvider = () => _webSocket,
        };
        _client.OnConnected += (_, _) => _connected.TrySetResult();
        _client.OnError += (_, message) => _connected.TrySetException(new IOException($"refused: {message}"));
    }

    /// <summary>Completes with the reason when the connection has ended. Never fails.</summary>
    public Task<string> Ended => _webSocket.Ended;

    /// <summary>
    /// Connects, and waits until the server has said so on the Socket.IO level: the library is content with a
    /// WebSocket, behind which nobody may ever answer.
    /// </summary>
    /// <exception cref="TimeoutException">The server accepted the connection and never answered.</exception>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        // The library takes no token here: hanging up ends its attempt.
        await using var hangUp = cancellationToken.Register(_webSocket.Dispose);
        await _client.ConnectAsync();
        cancellationToken.ThrowIfCancellationRequested();

        var first = await Task.WhenAny(_connected.Task, Ended).WaitAsync(ConnectTimeout, cancellationToken);
        if (first == Ended)
        {
            throw new IOException(await Ended);
        }

        await first;
    }

    /// <summary>
    /// Sets the handler of an event; it gets the first argument, or an undefined element. Set all before connecting.
    /// When the server asked for an acknowledgement it is sent after the handler has returned.
    /// </summary>
    public void On(string eventName, Action<JsonElement> handler, Action<Exception> onFailure) => _client.On(eventName, response =>
    {
        var acknowledge = _webSocket.AcknowledgementAsked;
        try
        {
            handler(response.Count > 0 ? response.GetValue() : default);
        }
        catch (Exception exception)
        {
            // The library would swallow it unseen.
            onFailure(exception);
            return;
        }

        if (acknowledge)
        {
            _ = AcknowledgeAsync(response, onFailure);
        }
    });

    /// <summary>Sends an event with one argument.</summary>
    public Task EmitAsync(string eventName, object argument, CancellationToken cancellationToken) =>
        _client.EmitAsync(eventName, cancellationToken, argument);

    public async ValueTask DisposeAsync()
    {
        await _webSocket.DisconnectAsync(CancellationToken.None);
        _webSocket.Dispose();
        try
        {
            _client.Dispose();
        }
        catch (NullReferenceException)
        {
            // The library's Dispose expects that a connection was tried.
        }
    }

    private static async Task AcknowledgeAsync(SocketIOResponse response, Action<Exception> onFailure)
    {
        try
        {
            await response.CallbackAsync(NoArguments);
        }
        catch (Exception exception)
        {
            onFailure(exception);
        }
    }
}
