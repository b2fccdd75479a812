using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Options;

namespace SocketIO;

/// <summary>Settings of a <see cref="SocketIOServer"/>.</summary>
public sealed class SocketIOOptions
{
    /// <summary>Gets or sets whether clients of Engine.IO 3 (Socket.IO 1.x and 2.x) are served. They are by default; otherwise a request without <c>EIO</c> or with 3 is refused.</summary>
    public bool AllowEngineIO3 { get; set; } = true;

    /// <summary>Gets or sets the heartbeat interval. Defaults to 25 seconds, as the reference server does.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>Gets or sets how long the server waits for a heartbeat beyond the interval. Defaults to 20 seconds, as the reference server does.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan PingTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Gets or sets how long after an upgrade, or after its first poll, a client of Engine.IO 3 is told that it is
    /// connected. Defaults to 100 ms: the Python library lets its user register handlers only after the connection is up.
    /// A client that begins on a WebSocket is told at once.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10")]
    public TimeSpan ConnectDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Gets or sets how long a session may live on polling without ever being polled. Defaults to 10 seconds.</summary>
    /// <remarks>Some clients make a throw-away handshake and then open a second session.</remarks>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan FirstPollTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how long an upgrade to a WebSocket may take. Defaults to 10 seconds, as the reference server does.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan UpgradeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how long a client of protocol revision 5 may stay without joining a namespace. Defaults to 45 seconds, as the reference server does.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>Gets or sets the largest post and the largest WebSocket message of a client, in bytes. Defaults to 1,000,000, as the reference server does.</summary>
    [Range(1, 1 << 30)]
    public int MaxPayloadBytes { get; set; } = 1_000_000;

    /// <summary>Gets or sets how many bytes may wait for one client that does not read. Defaults to 4 MiB; past it the client is disconnected.</summary>
    [Range(1024, 1L << 30)]
    public long MaxBufferedBytes { get; set; } = 4 << 20;

    /// <summary>Gets or sets how many bytes of one socket's events may wait for its handlers, each event counted with 256 bytes more. Defaults to 4 MiB; past it the client is disconnected.</summary>
    [Range(1024, 1L << 30)]
    public long MaxPendingBytes { get; set; } = 4 << 20;

    /// <summary>Gets or sets how many attachments one packet of a client may have. Defaults to 10, as the reference parser does; with their packet they may be <see cref="MaxPendingBytes"/> long together.</summary>
    [Range(0, 1000)]
    public int MaxAttachments { get; set; } = 10;

    /// <summary>Gets or sets the largest attachment of a client, in bytes. Defaults to 1,000,000; each is a message of its own, so <see cref="MaxPayloadBytes"/> bounds it too.</summary>
    [Range(0, 1 << 30)]
    public int MaxAttachmentBytes { get; set; } = 1_000_000;

    /// <summary>Gets or sets how many packets, heartbeats included, a client may send in one second. Defaults to 2,000; past it the client is disconnected.</summary>
    [Range(1, int.MaxValue)]
    public int MaxPacketsPerSecond { get; set; } = 2000;

    /// <summary>Gets or sets in how many namespaces one client may be. Defaults to 100; past it a client is refused the next.</summary>
    [Range(1, int.MaxValue)]
    public int MaxNamespacesPerConnection { get; set; } = 100;

    /// <summary>Gets or sets how many connections may come from one address. No limit by default: behind a proxy all come from its own.</summary>
    [Range(1, int.MaxValue)]
    public int? MaxConnectionsPerAddress { get; set; }

    /// <summary>Gets or sets how many connections the server holds at most, those on the way to be opened included. Defaults to 100,000.</summary>
    [Range(1, int.MaxValue)]
    public int MaxConnections { get; set; } = 100_000;

    /// <summary>
    /// Gets or sets for how long a client of protocol revision 5 whose connection was lost can come back to its socket:
    /// same id, same rooms, and the events it missed. Off by default; the reference server's default is 2 minutes.
    /// </summary>
    /// <remarks>It makes clients 3.x and later see one more argument, the event's offset, at the end of each event.</remarks>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan? RecoveryTime { get; set; }

    /// <summary>Gets or sets how many events are kept for clients that come back. Defaults to 10,000; a client that missed one that is gone starts anew.</summary>
    [Range(1, int.MaxValue)]
    public int RecoveryMaxEvents { get; set; } = 10_000;

    /// <summary>Gets or sets how many bytes the events that are kept may take, each counted with its frames and 256 bytes more. Defaults to 16 MiB.</summary>
    [Range(1024, 1L << 40)]
    public long RecoveryMaxBytes { get; set; } = 16 << 20;

    /// <summary>Gets or sets how many lost connections are kept. Defaults to 10,000; past it those lost first start anew.</summary>
    [Range(1, int.MaxValue)]
    public int RecoveryMaxSessions { get; set; } = 10_000;

    /// <summary>
    /// Gets the origins (<c>https://example.org</c>) whose pages may read answers and send cookies. Empty, the default,
    /// allows every origin: right for a server that identifies nobody by cookies; one that does must name its origins.
    /// </summary>
    /// <remarks>A WebSocket knows no such rule: a page of any origin may open one. Handlers see the header <c>Origin</c> in the handshake.</remarks>
    public IList<string> AllowedOrigins { get; } = [];
}

/// <summary>Refuses settings out of range when the application starts.</summary>
[OptionsValidator]
internal sealed partial class SocketIOOptionsValidator : IValidateOptions<SocketIOOptions>;
