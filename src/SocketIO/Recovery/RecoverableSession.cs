namespace SocketIO.Recovery;

/// <summary>What outlives a socket whose connection was lost, so that its client can come back to it. <see cref="RecoveryLog"/> guards it.</summary>
internal sealed class RecoverableSession(string @namespace, string socketId)
{
    public string Namespace { get; } = @namespace;

    /// <summary>Gets the id that the socket had and will have again.</summary>
    public string SocketId { get; } = socketId;

    /// <summary>Gets or sets what the client, and nobody else, knows the session by.</summary>
    public string Pid { get; set; } = Sid.Create();

    /// <summary>Gets or sets the last event that the client needs not be sent again.</summary>
    public long Position { get; set; }

    /// <summary>Gets or sets whether a client has come back for it.</summary>
    public bool IsReturning { get; set; }

    /// <summary>Gets or sets the socket while it is connected.</summary>
    public Socket? Socket { get; set; }

    public IReadOnlyCollection<string> Rooms { get; set; } = [];

    public IReadOnlyCollection<KeyValuePair<object, object?>> Items { get; set; } = [];

    public long LostAt { get; set; }
}
