using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Hosting;

/// <summary>Reads the certificate that the listeners present.</summary>
internal static class ServerCertificate
{
    /// <summary>Loads the configured certificate with its chain, or null when none is configured.</summary>
    /// <exception cref="OptionsValidationException">A file is missing, unreadable, or one path is given without the other.</exception>
    public static SslStreamCertificateContext? Load(TlsOptions options)
    {
        if (string.IsNullOrEmpty(options.CertificatePath) && string.IsNullOrEmpty(options.KeyPath))
        {
            return null;
        }

        if (string.IsNullOrEmpty(options.CertificatePath) || string.IsNullOrEmpty(options.KeyPath))
        {
            throw Invalid("Tls:CertificatePath and Tls:KeyPath are needed together.");
        }

        try
        {
            var certificate = X509Certificate2.CreateFromPemFile(options.CertificatePath, options.KeyPath);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(options.CertificatePath);
            return SslStreamCertificateContext.Create(certificate, chain, offline: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw Invalid($"The certificate of Tls:CertificatePath or the key of Tls:KeyPath cannot be read: {exception.Message}");
        }
    }

    private static OptionsValidationException Invalid(string message) => new(nameof(TlsOptions), typeof(TlsOptions), [message]);
}
