using System.Net.WebSockets;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using System.Text;

using LiveRobot.RobotClient.Server;

using SocketIOClient.Transport;

namespace LiveRobot.RobotClient.Sockets;

/// <summary>
/// The WebSocket beneath a Socket.IO session, in place of the library's own, which notices neither a dead network
/// (no heartbeat of its own; a server's silence goes unseen) nor a message it cannot read (its receive loop ends
/// without a word). This one asks for a pong every second and ends with a reason, once, whatever happened.
/// </summary>
/// <remarks>The pings are those of RFC 6455, section 5.5.2, which every WebSocket peer answers.</remarks>
internal sealed class HeartbeatWebSocket : IClientWebSocket
{
    private const int LongestMessage = 1 << 20;

    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    private readonly ClientWebSocket _socket = new();
    private readonly Subject<string> _text = new();
    private readonly Subject<byte[]> _bytes = new();
    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="heartbeatTimeout">How long the server may leave a ping unanswered.</param>
    /// <param name="robotToken">Shown with the opening request; null when the robot has none.</param>
    public HeartbeatWebSocket(TimeSpan heartbeatTimeout, string? robotToken)
    {
        if (robotToken is not null)
        {
            _socket.Options.SetRequestHeader(RobotToken.HeaderName, RobotToken.HeaderValue(robotToken));
        }

        _socket.Options.KeepAliveInterval = TimeSpan.FromSeconds(1);
        _socket.Options.KeepAliveTimeout = heartbeatTimeout;
    }

    public IObservable<string> TextObservable => _text.AsObservable();

    public IObservable<byte[]> BytesObservable => _bytes.AsObservable();

    /// <summary>Completes with the reason when the connection has ended. Never fails.</summary>
    public Task<string> Ended => _ended.Task;

    /// <summary>
    /// Gets whether the event that is being dispatched asks for an acknowledgement. The library cannot tell: without
    /// an id it reports id 0. Valid within a handler, which runs on the receive loop.
    /// </summary>
    public bool AcknowledgementAsked { get; private set; }

    public async Task ConnectAsync(Uri uri, CancellationToken cancellationToken)
    {
        await _socket.ConnectAsync(uri, cancellationToken);
        _ = ReceiveAsync();
    }

    public Task SendAsync(byte[] bytes, TransportMessageType type, bool endOfMessage, CancellationToken cancellationToken) =>
        _socket.SendAsync(bytes, type == TransportMessageType.Binary ? WebSocketMessageType.Binary : WebSocketMessageType.Text, endOfMessage, cancellationToken);

    /// <summary>Says goodbye and hangs up; a peer that does not answer cannot hold this up.</summary>
    public async Task DisconnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(CloseTimeout);
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, timeout.Token);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // It was gone already.
        }

        End("closed");
        _socket.Abort();
    }

    public void AddHeader(string key, string val) => _socket.Options.SetRequestHeader(key, val);

    public void Dispose()
    {
        End("closed");
        _socket.Dispose();
    }

    private async Task ReceiveAsync()
    {
        var message = new MemoryStream();
        var buffer = new byte[8192];
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    End("closed by the server");
                    break;
                }

                if (message.Length + received.Count > LongestMessage)
                {
                    End($"a message is longer than {LongestMessage} bytes");
                    break;
                }

                message.Write(buffer, 0, received.Count);
                if (received.EndOfMessage)
                {
                    Dispatch(received.MessageType, message.GetBuffer().AsSpan(0, (int)message.Length));
                    message.SetLength(0);
                }
            }
        }
        catch (Exception exception)
        {
            // Also what the library throws at a message it cannot read: that ends the connection, not the robot.
            End(exception.Message);
        }

        _socket.Abort();
        _text.OnError(new WebSocketException(await Ended));
    }

    private void Dispatch(WebSocketMessageType type, ReadOnlySpan<byte> message)
    {
        if (type == WebSocketMessageType.Binary)
        {
            _bytes.OnNext(message.ToArray());
            return;
        }

        // An event is "42", then an id if an acknowledgement is asked for, then the JSON array.
        AcknowledgementAsked = message is [(byte)'4', (byte)'2', >= (byte)'0' and <= (byte)'9', ..];
        _text.OnNext(Encoding.UTF8.GetString(message));
    }

    private void End(string reason) => _ended.TrySetResult(reason);
}
