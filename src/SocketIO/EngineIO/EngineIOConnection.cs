using WebSockets;

namespace SocketIO.EngineIO;

/// <summary>One client of bare Engine.IO. Every member may be called from any thread.</summary>
public sealed class EngineIOConnection : IEngineIOListener
{
    private readonly EngineIOSession _session;
    private readonly Action<EngineIOConnection> _onConnection;

    internal EngineIOConnection(EngineIOSession session, Handshake handshake, Action<EngineIOConnection> onConnection)
    {
        _session = session;
        _onConnection = onConnection;
        Handshake = handshake;
    }

    /// <summary>Gets what the client sent when it connected.</summary>
    public Handshake Handshake { get; }

    /// <summary>Gets or sets what happens with a text message (UTF-8). The bytes are valid until it returns.</summary>
    public Action<ReadOnlyMemory<byte>>? OnText { get; set; }

    /// <summary>Gets or sets what happens with a binary message. The bytes are valid until it returns.</summary>
    public Action<ReadOnlyMemory<byte>>? OnBinary { get; set; }

    /// <summary>Gets or sets what happens, once, when the connection has ended.</summary>
    public Action<DisconnectReason>? OnClosed { get; set; }

    /// <summary>Queues a text message (UTF-8, copied) and returns at once; false when the connection has ended.</summary>
    public bool SendText(ReadOnlySpan<byte> utf8) => _session.Send([Encode(utf8, text: true, (byte)'4')]);

    /// <summary>Queues a binary message (copied) and returns at once; false when the connection has ended.</summary>
    public bool SendBinary(ReadOnlySpan<byte> bytes) =>
        _session.Send([_session.Version == 4 ? WebSocketFrame.Binary(bytes) : Encode(bytes, text: false, 4)]);

    /// <summary>Ends the connection after what was sent.</summary>
    public void Close() => _session.Close(DisconnectReason.ServerDisconnected);

    void IEngineIOListener.OnOpened()
    {
        _session.Confirm();
        _onConnection(this);
    }

    void IEngineIOListener.OnMessage(ReadOnlyMemory<byte> data, bool isBinary) => (isBinary ? OnBinary : OnText)?.Invoke(data);

    void IEngineIOListener.OnClosed(DisconnectReason reason) => OnClosed?.Invoke(reason);

    private static WebSocketFrame Encode(ReadOnlySpan<byte> data, bool text, byte type)
    {
        var packet = new byte[data.Length + 1];
        packet[0] = type;
        data.CopyTo(packet.AsSpan(1));
        return text ? WebSocketFrame.Text(packet) : WebSocketFrame.Binary(packet);
    }
}
