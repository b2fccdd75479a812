using System.ComponentModel.DataAnnotations;

namespace WebSockets;

/// <summary>Limits of one <see cref="WebSocketConnection"/>.</summary>
public sealed class WebSocketOptions
{
    /// <summary>Gets or sets the largest message taken from the peer, in bytes after reassembly. Defaults to 1,000,000.</summary>
    /// <remarks>A longer one ends the connection with close code 1009. Memory grows with what has arrived, not with what a header announces.</remarks>
    [Range(1, 1 << 30)]
    public int MaxMessageBytes { get; set; } = 1_000_000;

    /// <summary>Gets or sets how many bytes may wait to be written. Defaults to 4 MiB.</summary>
    /// <remarks>A frame that would pass it ends the connection at once: a peer that does not read is dropped, never waited for.</remarks>
    [Range(1, 1 << 30)]
    public long MaxBufferedBytes { get; set; } = 4 << 20;

    /// <summary>Gets or sets how long the peer may take to answer a close frame. Defaults to 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
