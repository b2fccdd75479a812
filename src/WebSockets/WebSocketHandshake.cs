using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

using WebSockets.EventLoops;

namespace WebSockets;

/// <summary>The opening handshake: RFC 6455 section 4.2 on HTTP/1.1, RFC 8441 on HTTP/2.</summary>
public static class WebSocketHandshake
{
    private const string Version = "13";
    private const int KeyBytes = 16;
    private static ReadOnlySpan<byte> Guid => "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8;

    /// <summary>Gets whether the request asks for a WebSocket, rightly or wrongly: <see cref="AcceptAsync"/> tells.</summary>
    public static bool IsUpgradeRequest(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" }
            || (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
                && HasToken(context.Request.Headers.Upgrade, "websocket"));
    }

    /// <summary>
    /// Answers the handshake and takes the connection over; it lives until the request's handler returns, so the
    /// handler must dispose it. Null when the request is no valid handshake: then it has been answered with 400, or
    /// with 426 for another version of the protocol. No extension is negotiated.
    /// </summary>
    public static async Task<WebSocketConnection?> AcceptAsync(HttpContext context, WebSocketOptions options, string? subprotocol = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!IsUpgradeRequest(context))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return null;
        }

        if (context.Request.Headers.SecWebSocketVersion != Version)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            context.Response.Headers.SecWebSocketVersion = Version;
            return null;
        }

        if (subprotocol is not null)
        {
            context.Response.Headers.SecWebSocketProtocol = subprotocol;
        }

        // The limits here are our own: a peer that reads slowly is dropped by MaxBufferedBytes and by its heartbeat.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        Stream stream;
        if (context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
        {
            stream = await connect.AcceptAsync().ConfigureAwait(false);
        }
        else if (TryGetKey(context.Request.Headers.SecWebSocketKey, out var key))
        {
            context.Response.Headers[HeaderNames.SecWebSocketAccept] = ComputeAccept(key);
            context.Response.Headers.Upgrade = "websocket";
            context.Response.Headers.Connection = "Upgrade";
            stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync().ConfigureAwait(false);

            // The answer has gone through the same output, so frames may follow there without HTTP's layers.
            if (context.Features.Get<EventLoopConnection>() is { } connection && connection.TryTakeOver(out var input, out var output, out var received))
            {
                return new WebSocketConnection(input, output, options, context.Abort, received: received);
            }
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return null;
        }

        return new WebSocketConnection(stream, options, context.Abort);
    }

    /// <summary>Computes the answer to a key: SHA-1 over the key and a fixed GUID, in base64 (section 4.2.2).</summary>
    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 prescribes SHA-1; it proves understanding, not secrecy.")]
    internal static string ComputeAccept(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        Span<byte> input = stackalloc byte[64];
        var length = Encoding.ASCII.GetBytes(key, input);
        Guid.CopyTo(input[length..]);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData(input[..(length + Guid.Length)], hash);
        return Convert.ToBase64String(hash);
    }

    private static bool TryGetKey(StringValues header, [NotNullWhen(true)] out string? key)
    {
        key = header.Count == 1 ? header[0] : null;
        Span<byte> bytes = stackalloc byte[KeyBytes + 2];
        return key is { Length: 24 } && Convert.TryFromBase64String(key, bytes, out var written) && written == KeyBytes;
    }

    private static bool HasToken(StringValues values, string token)
    {
        foreach (var value in values)
        {
            foreach (var part in value.AsSpan().Split(','))
            {
                if (value.AsSpan()[part].Trim().Equals(token, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
