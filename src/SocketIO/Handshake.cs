using System.Net;
using System.Text.Json;

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace SocketIO;

/// <summary>What a client sent with the request that opened its connection. It stays the same after an upgrade.</summary>
public sealed class Handshake
{
    /// <summary>Gets the Engine.IO protocol: 3 (Socket.IO clients 1.x and 2.x) or 4 (3.x and 4.x).</summary>
    public required int EngineIOVersion { get; init; }

    /// <summary>Gets the address the client connected from.</summary>
    public required IPAddress RemoteAddress { get; init; }

    /// <summary>Gets the port the connection arrived at.</summary>
    public required int LocalPort { get; init; }

    /// <summary>Gets whether the connection is encrypted.</summary>
    public required bool IsSecure { get; init; }

    /// <summary>Gets the headers of the opening request.</summary>
    public required IReadOnlyDictionary<string, StringValues> Headers { get; init; }

    /// <summary>Gets the query of the opening request.</summary>
    public required IQueryCollection Query { get; init; }

    /// <summary>Gets the cookies of the opening request.</summary>
    public required IRequestCookieCollection Cookies { get; init; }

    /// <summary>Gets the auth object of the connect packet (clients 3.x and 4.x), or an undefined element.</summary>
    public JsonElement Auth { get; init; }

    /// <summary>Makes a copy with the auth object of one namespace.</summary>
    internal Handshake WithAuth(JsonElement auth) => new()
    {
        EngineIOVersion = EngineIOVersion,
        RemoteAddress = RemoteAddress,
        LocalPort = LocalPort,
        IsSecure = IsSecure,
        Headers = Headers,
        Query = Query,
        Cookies = Cookies,
        Auth = auth,
    };

    /// <summary>Keeps what a request says; the request itself is over before its connection is.</summary>
    internal static Handshake From(HttpContext context, int engineIOVersion) => new()
    {
        EngineIOVersion = engineIOVersion,
        RemoteAddress = context.Connection.RemoteIpAddress ?? IPAddress.None,
        LocalPort = context.Connection.LocalPort,
        IsSecure = context.Request.IsHttps,
        Headers = context.Request.Headers.ToDictionary(StringComparer.OrdinalIgnoreCase),
        Query = context.Request.Query,
        Cookies = context.Request.Cookies,
    };
}
