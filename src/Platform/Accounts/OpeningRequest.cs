using System.Net;

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace LiveRobot.Platform.Accounts;

/// <summary>The request that has opened a connection, as far as it shows who is there and what they may.</summary>
/// <param name="Header">Reads a header by its name.</param>
/// <param name="Cookies">Its cookies.</param>
/// <param name="Query">The query of its address.</param>
/// <param name="Address">Where it comes from.</param>
/// <param name="IsSecure">Whether it comes over TLS.</param>
public sealed record OpeningRequest(
    Func<string, StringValues> Header, IRequestCookieCollection Cookies, IQueryCollection Query, IPAddress? Address, bool IsSecure)
{
    public static OpeningRequest Of(HttpRequest request) =>
        new(name => request.Headers[name], request.Cookies, request.Query, request.HttpContext.Connection.RemoteIpAddress, request.IsHttps);
}
