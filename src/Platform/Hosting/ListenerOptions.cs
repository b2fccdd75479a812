using System.ComponentModel.DataAnnotations;

namespace LiveRobot.Platform.Hosting;

/// <summary>How long new connections are waited for (configuration section <c>Listeners</c>).</summary>
public sealed class ListenerOptions
{
    /// <summary>
    /// Gets or sets how long a new connection may send nothing before it is closed. Defaults to 30 seconds, which is what the
    /// head of a request may take as well.
    /// </summary>
    /// <remarks>
    /// Browsers open connections in advance and give up those that they did not need after 5 to 10 seconds. One that is
    /// closed while it waits is opened again when it is needed.
    /// </remarks>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan FirstByteTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how long a client may take for the TLS handshake from its first byte on. Defaults to 10 seconds, as the framework's own listeners.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan TlsHandshakeTimeout { get; set; } = TimeSpan.FromSeconds(10);
}
