using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;

using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace LiveRobot.Api.Accounts;

/// <summary>Tells the framework who calls, so that endpoints can say <c>RequireAuthorization</c>. Who it is, <see cref="Callers"/> says.</summary>
internal sealed class CallerAuthentication(
    Callers callers, BanDirectory bans, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>The policy of what only somebody who has signed in may do, and no program with an API key.</summary>
    public const string SessionOnly = "session";

    private const string SchemeName = "LiveRobot";

    public static void Add(IServiceCollection services)
    {
        services.AddAuthentication(SchemeName).AddScheme<AuthenticationSchemeOptions, CallerAuthentication>(SchemeName, null);
        services.AddAuthorizationBuilder().AddPolicy(
            SessionOnly,
            new AuthorizationPolicyBuilder().RequireAuthenticatedUser().RequireClaim(nameof(CallerProof), nameof(CallerProof.Session)).Build());
    }

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var caller = await callers.FindAsync(Request);
        var feature = new CallerFeature(caller, Context.Connection.RemoteIpAddress);
        Context.Features.Set(feature);
        if (caller.Account is not { } account)
        {
            return AuthenticateResult.NoResult();
        }

        if (await bans.FindOfSiteAsync(caller, feature.Address) is { } ban)
        {
            Context.Features.Set(ban);
            return AuthenticateResult.NoResult();
        }

        var identity = new ClaimsIdentity(
            [new Claim(ClaimTypes.Name, account.Name), new Claim(nameof(CallerProof), caller.Proof.ToString())], SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (Context.Features.Get<Ban>() is { } ban)
        {
            return Problems.Banned(ban).ExecuteAsync(Context);
        }

        Response.Headers.WWWAuthenticate = "Bearer";
        return Problems.SignInFirst().ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Problems.SessionOnly().ExecuteAsync(Context);
}

/// <summary>The caller of a request, once found, and where it comes from.</summary>
internal sealed record CallerFeature(Caller Caller, IPAddress? Address)
{
    /// <summary>Binds the parameter of an endpoint.</summary>
    public static ValueTask<CallerFeature?> BindAsync(HttpContext context) =>
        ValueTask.FromResult<CallerFeature?>(context.Features.Get<CallerFeature>() ?? new CallerFeature(Caller.Anonymous, context.Connection.RemoteIpAddress));
}

/// <summary>The account that calls an endpoint which requires one.</summary>
internal sealed record SignedIn(Account Account)
{
    /// <summary>Binds the parameter of an endpoint.</summary>
    public static ValueTask<SignedIn?> BindAsync(HttpContext context) => ValueTask.FromResult(
        context.Features.Get<CallerFeature>()?.Caller.Account is { } account ? new SignedIn(account) : null);
}
