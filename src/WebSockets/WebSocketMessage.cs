namespace WebSockets;

/// <summary>What <see cref="WebSocketConnection.ReceiveAsync"/> returned.</summary>
public enum WebSocketMessageKind
{
    /// <summary>A text message; the payload is valid UTF-8.</summary>
    Text,

    /// <summary>A binary message.</summary>
    Binary,

    /// <summary>The connection has ended; nothing more will come.</summary>
    Closed,
}

/// <summary>How a connection ended.</summary>
public enum WebSocketEnd
{
    /// <summary>It has not.</summary>
    None,

    /// <summary>The peer sent a close frame.</summary>
    ClosedByPeer,

    /// <summary>We sent a close frame first, or ended without one.</summary>
    ClosedByUs,

    /// <summary>The bytes stopped without a close frame.</summary>
    Lost,

    /// <summary>The peer broke RFC 6455.</summary>
    ProtocolError,

    /// <summary>The peer's message passed <see cref="WebSocketOptions.MaxMessageBytes"/>.</summary>
    MessageTooLong,

    /// <summary>The peer read so slowly that <see cref="WebSocketOptions.MaxBufferedBytes"/> was passed.</summary>
    TooSlow,

    /// <summary>We called <see cref="WebSocketConnection.Abort"/>.</summary>
    Aborted,
}

/// <summary>A message from the peer.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Payload">The whole message, reassembled. Owned by the connection, valid until its next receive.</param>
/// <param name="CloseCode">When closed: the peer's close code, 1005 without one, 1006 without a close frame.</param>
public readonly record struct WebSocketMessage(WebSocketMessageKind Kind, ReadOnlyMemory<byte> Payload, int CloseCode = 0);
