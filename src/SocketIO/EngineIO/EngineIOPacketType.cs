namespace SocketIO.EngineIO;

/// <summary>The kinds of Engine.IO packet; the value is the character that begins a text packet.</summary>
internal enum EngineIOPacketType : byte
{
    /// <summary><c>0{"sid":…}</c>: the session's parameters, from the server.</summary>
    Open = (byte)'0',

    /// <summary><c>1</c>: the sender ends the session.</summary>
    Close = (byte)'1',

    /// <summary><c>2</c>: from the client in protocol 3, from the server in protocol 4; <c>2probe</c> during an upgrade.</summary>
    Ping = (byte)'2',

    /// <summary><c>3</c>: the answer to a ping, with the ping's data.</summary>
    Pong = (byte)'3',

    /// <summary><c>4hello</c>: data of the layer above.</summary>
    Message = (byte)'4',

    /// <summary><c>5</c>: the client has switched to the WebSocket.</summary>
    Upgrade = (byte)'5',

    /// <summary><c>6</c>: nothing; answers a poll that would hang.</summary>
    Noop = (byte)'6',
}
