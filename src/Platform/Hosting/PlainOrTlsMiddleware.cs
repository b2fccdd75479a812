using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace LiveRobot.Platform.Hosting;

/// <summary>
/// Tells TLS from plain HTTP by the first byte of a connection. A TLS record begins with its content type, 22 for a
/// handshake (RFC 8446 section 5.1); no HTTP method begins with that byte.
/// </summary>
internal sealed partial class PlainOrTlsMiddleware(
    ConnectionDelegate next,
    ServerCertificate? certificate,
    ListenerOptions options,
    ILogger<PlainOrTlsMiddleware> logger)
{
    private const byte TlsHandshake = 22;

    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        bool? tls;
        try
        {
            using var patience = new CancellationTokenSource(options.FirstByteTimeout);
            tls = await BeginsWithTlsAsync(connection.Transport.Input, patience.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            return;
        }

        switch (tls)
        {
            case null:
                return;
            case false:
                await next(connection);
                return;
            case true when certificate is null:
                Log.NoCertificate(logger, connection.ConnectionId);
                connection.Abort();
                return;
            default:
                await ServeTlsAsync(connection, certificate.Current);
                return;
        }
    }

    /// <summary>Looks at the first byte and consumes nothing; null when the connection ended without one.</summary>
    private static async ValueTask<bool?> BeginsWithTlsAsync(PipeReader input, CancellationToken cancellationToken)
    {
        var result = await input.ReadAsync(cancellationToken);
        var buffer = result.Buffer;
        bool? tls = buffer.IsEmpty ? null : buffer.FirstSpan[0] == TlsHandshake;

        // Nothing is marked as examined, so that whoever reads next gets these bytes at once.
        input.AdvanceTo(buffer.Start);
        return tls;
    }

    private async Task ServeTlsAsync(ConnectionContext connection, SslStreamCertificateContext serverCertificate)
    {
        var plain = connection.Transport;
        await using var stream = new SslStream(new DuplexPipeStream(plain), leaveInnerStreamOpen: true);
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
            patience.CancelAfter(options.TlsHandshakeTimeout);
            await stream.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = serverCertificate,
                    ApplicationProtocols = [SslApplicationProtocol.Http11],
                    EnabledSslProtocols = SslProtocols.None,
                },
                patience.Token);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException or OperationCanceledException)
        {
            // Mostly a client that does not trust the certificate.
            Log.HandshakeFailed(logger, connection.ConnectionId, exception.Message);
            connection.Abort();
            return;
        }

        // Kestrel takes the scheme of a request from the presence of this feature.
        connection.Features.Set<ITlsConnectionFeature>(new TlsConnectionFeature());

        var input = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        var output = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        connection.Transport = new DuplexPipe(input, output);
        try
        {
            await next(connection);
        }
        finally
        {
            await input.CompleteAsync();
            await output.CompleteAsync();
            connection.Transport = plain;
        }
    }

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>Clients present no certificates here.</summary>
    private sealed class TlsConnectionFeature : ITlsConnectionFeature
    {
        public X509Certificate2? ClientCertificate { get; set; }

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) =>
            Task.FromResult(ClientCertificate);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Connection {ConnectionId} began TLS, but no certificate is configured (Tls:CertificatePath).", EventName = "NoCertificate")]
        public static partial void NoCertificate(ILogger logger, string connectionId);

        [LoggerMessage(2, LogLevel.Debug, "The TLS handshake of connection {ConnectionId} failed: {Reason}", EventName = "HandshakeFailed")]
        public static partial void HandshakeFailed(ILogger logger, string connectionId, string reason);
    }
}
