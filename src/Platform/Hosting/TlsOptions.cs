namespace LiveRobot.Platform.Hosting;

/// <summary>The certificate of the listeners (configuration section <c>Tls</c>). Without one, the ports take plain HTTP only.</summary>
public sealed class TlsOptions
{
    /// <summary>Gets or sets the path of the certificate chain in PEM, the server's own certificate first.</summary>
    public string? CertificatePath { get; set; }

    /// <summary>Gets or sets the path of its private key in PEM.</summary>
    public string? KeyPath { get; set; }
}
