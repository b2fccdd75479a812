using System.ComponentModel.DataAnnotations;

namespace LiveRobot.Platform.Hosting;

/// <summary>
/// The certificate of the listeners (configuration section <c>Tls</c>). Without one, the ports take plain HTTP only. The
/// files may be replaced while the process runs: new connections are shown the new certificate within a second.
/// </summary>
public sealed class TlsOptions
{
    /// <summary>Gets or sets the path of the certificate chain in PEM, the server's own certificate first.</summary>
    public string? CertificatePath { get; set; }

    /// <summary>Gets or sets the path of its private key in PEM.</summary>
    public string? KeyPath { get; set; }

    /// <summary>
    /// Gets or sets how long a browser that came over TLS is to come over nothing else
    /// (<c>Strict-Transport-Security</c>, RFC 6797). Defaults to 30 days; zero makes browsers forget it.
    /// </summary>
    /// <remarks>Browsers pass it over where they do not trust the certificate, and for addresses without a name.</remarks>
    [Range(typeof(TimeSpan), "00:00:00", "730.00:00:00")]
    public TimeSpan HstsMaxAge { get; set; } = TimeSpan.FromDays(30);
}
