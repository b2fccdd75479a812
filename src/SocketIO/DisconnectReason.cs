namespace SocketIO;

/// <summary>Why a socket ended.</summary>
public enum DisconnectReason
{
    /// <summary>The client left the namespace or closed its session on purpose.</summary>
    ClientDisconnected,

    /// <summary>The server called <see cref="Socket.Disconnect"/>.</summary>
    ServerDisconnected,

    /// <summary>The connection beneath was closed or lost.</summary>
    TransportClosed,

    /// <summary>The client was silent for longer than its heartbeat allows.</summary>
    HeartbeatTimeout,

    /// <summary>The client sent something that the protocol does not allow.</summary>
    ProtocolError,

    /// <summary>The client passed one of the server's limits.</summary>
    LimitExceeded,
}
