using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace LiveRobot.Platform.Accounts;

/// <summary>The one place that says in whose name a request or a socket speaks.</summary>
public sealed class Callers(Sessions sessions, ApiKeys keys, IOptions<AccountOptions> options)
{
    private const string Bearer = "Bearer";

    /// <summary>Finds who sends a request: by its API key or, when it has none, by its session cookie where that counts.</summary>
    public async Task<Caller> FindAsync(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        if (authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && (authorization.Length == Bearer.Length || authorization[Bearer.Length] == ' '))
        {
            // A wrong key is not a reason to look for another proof: who names one speaks in its name or not at all.
            return await keys.FindAsync(authorization[Bearer.Length..].Trim()) is { } owner
                ? new Caller(owner, CallerProof.ApiKey)
                : Caller.Anonymous;
        }

        return SessionToken(name => request.Headers[name], request.Cookies) is { } token ? await FindAsync(token) : Caller.Anonymous;
    }

    /// <summary>Finds who has signed in with a session's token. Sockets ask again with it, because sessions end.</summary>
    public async Task<Caller> FindAsync(string token) =>
        await sessions.FindAsync(token) is { } session ? new Caller(session.Account, CallerProof.Session, session.Until) : Caller.Anonymous;

    /// <summary>
    /// The session's token that a request carries, where it counts; else null. A browser sends the cookie with requests
    /// that any page makes (CSRF), so it counts only when the request comes from no page, from a page of the host that it
    /// goes to, or from an allowed origin (<see cref="AccountOptions.AllowedOrigins"/>).
    /// </summary>
    /// <param name="header">Reads a header by its name.</param>
    /// <param name="cookies">The request's cookies.</param>
    public string? SessionToken(Func<string, StringValues> header, IRequestCookieCollection cookies) =>
        cookies[Sessions.CookieName] is { Length: > 0 } token && IsTrusted(header) ? token : null;

    private bool IsTrusted(Func<string, StringValues> header)
    {
        var origin = header(HeaderNames.Origin).ToString();
        if (origin.Length > 0)
        {
            return options.Value.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase)
                || (Uri.TryCreate(origin, UriKind.Absolute, out var page) && IsSameHost(page, header(HeaderNames.Host).ToString()));
        }

        // Browsers send no Origin with a link or a form of method GET that leads here from elsewhere, but say this.
        return header("Sec-Fetch-Site").ToString() is "" or "same-origin" or "none";
    }

    /// <summary>
    /// Compares host and port. The scheme does not count: a front may have ended TLS, and existing clients write
    /// <c>http:</c> over TLS too.
    /// </summary>
    private static bool IsSameHost(Uri page, string host) =>
        Uri.TryCreate($"{page.Scheme}://{host}", UriKind.Absolute, out var own)
        && string.Equals(page.IdnHost, own.IdnHost, StringComparison.OrdinalIgnoreCase)
        && page.Port == own.Port;
}
