using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Hosting;

/// <summary>
/// The certificate that the listeners present, with its chain. New files in the place of the old are taken for the next
/// connections; what is connected goes on.
/// </summary>
internal sealed partial class ServerCertificate
{
    /// <summary>How often at most the files are looked at.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly string _certificatePath;
    private readonly string _keyPath;
    private readonly TimeProvider _clock;
    private readonly ILogger<ServerCertificate> _logger;
    private (string Certificate, string Key) _seen;
    private SslStreamCertificateContext _current;
    private long _lookedAt;

    private ServerCertificate(string certificatePath, string keyPath, TimeProvider clock, ILogger<ServerCertificate> logger)
    {
        (_certificatePath, _keyPath, _clock, _logger) = (certificatePath, keyPath, clock, logger);
        _seen = Read();
        _current = Parse(_seen);
        _lookedAt = clock.GetTimestamp();
    }

    /// <summary>Gets what a connection is to be shown now.</summary>
    public SslStreamCertificateContext Current
    {
        get
        {
            lock (_gate)
            {
                if (_clock.GetElapsedTime(_lookedAt) >= Interval)
                {
                    Renew();
                    _lookedAt = _clock.GetTimestamp();
                }

                return _current;
            }
        }
    }

    /// <summary>Loads the configured certificate, or gives null when none is configured.</summary>
    /// <exception cref="OptionsValidationException">A file is missing, unreadable, or one path is given without the other.</exception>
    public static ServerCertificate? Load(TlsOptions options, TimeProvider clock, ILogger<ServerCertificate> logger)
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
            return new ServerCertificate(options.CertificatePath, options.KeyPath, clock, logger);
        }
        catch (Exception exception) when (IsUnreadable(exception))
        {
            throw Invalid($"The certificate of Tls:CertificatePath or the key of Tls:KeyPath cannot be read: {exception.Message}");
        }
    }

    private static SslStreamCertificateContext Parse((string Certificate, string Key) pem)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(pem.Certificate);
        return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(pem.Certificate, pem.Key), chain, offline: true);
    }

    private static bool IsUnreadable(Exception exception) => exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;

    private static OptionsValidationException Invalid(string message) => new(nameof(TlsOptions), typeof(TlsOptions), [message]);

    private (string Certificate, string Key) Read() => (File.ReadAllText(_certificatePath), File.ReadAllText(_keyPath));

    /// <summary>Takes the files when they are others. Those that do not belong together are half of a replacement; the rest is awaited.</summary>
    private void Renew()
    {
        try
        {
            var found = Read();
            if (found != _seen)
            {
                _seen = found;
                _current = Parse(found);
                Log.Renewed(_logger, _current.TargetCertificate.NotAfter);
            }
        }
        catch (Exception exception) when (IsUnreadable(exception))
        {
            Log.NotRenewed(_logger, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The certificate was replaced by one that is valid until {Until}.", EventName = "Renewed")]
        public static partial void Renewed(ILogger logger, DateTime until);

        [LoggerMessage(2, LogLevel.Warning, "The new certificate or its key cannot be read, and the old one stays: {Reason}", EventName = "NotRenewed")]
        public static partial void NotRenewed(ILogger logger, string reason);
    }
}
