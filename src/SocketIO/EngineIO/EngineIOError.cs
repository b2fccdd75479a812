namespace SocketIO.EngineIO;

/// <summary>Why a request was refused; the values are the protocol's codes, sent as <c>{"code":0,"message":"Transport unknown"}</c>.</summary>
internal enum EngineIOError
{
    /// <summary>The query's transport is neither <c>polling</c> nor <c>websocket</c>.</summary>
    TransportUnknown = 0,

    /// <summary>There is no session with the query's sid, or no longer.</summary>
    SessionIdUnknown = 1,

    /// <summary>A session was to be opened with another method than GET.</summary>
    BadHandshakeMethod = 2,

    /// <summary>The request does not fit the state of its session, or its body breaks the protocol.</summary>
    BadRequest = 3,

    /// <summary>The server takes no more connections, or none from there.</summary>
    Forbidden = 4,

    /// <summary>The query's EIO is neither 3 nor 4.</summary>
    UnsupportedVersion = 5,
}
