namespace SocketIO.EngineIO;

/// <summary>What a session tells the layer above. Calls come one at a time, but for <see cref="OnClosed"/>, and never under a lock.</summary>
internal interface IEngineIOListener
{
    /// <summary>The client has come back after the handshake, by a poll, a post, an upgrade or on its own WebSocket. Called once, before any message.</summary>
    void OnOpened();

    /// <summary>A message; the data is valid until the call returns.</summary>
    void OnMessage(ReadOnlyMemory<byte> data, bool isBinary);

    /// <summary>The session has ended. Called once, also for one that was never opened.</summary>
    void OnClosed(DisconnectReason reason);
}
