using LiveRobot.Platform.Accounts;

using Microsoft.Extensions.Options;

namespace LiveRobot.Api.Accounts;

/// <summary>The cookie of those who have signed in, under the name that existing clients look for.</summary>
internal sealed class SessionCookie(IOptions<AccountOptions> options)
{
    public void Set(HttpContext context, string token) => context.Response.Cookies.Append(
        Sessions.CookieName, token, Flags(context, options.Value.SessionLifetime));

    public static void Remove(HttpContext context) => context.Response.Cookies.Delete(Sessions.CookieName, Flags(context, lifetime: null));

    // Scripts never see it, other sites' pages do not send it, nor do others below other paths of a front; once set over
    // TLS it stays with TLS.
    private static CookieOptions Flags(HttpContext context, TimeSpan? lifetime) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = context.Request.IsHttps,
        Path = context.Request.PathBase.HasValue ? context.Request.PathBase.Value : "/",
        MaxAge = lifetime,
        IsEssential = true,
    };
}
