using System.Text.Json.Serialization;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace LiveRobot.Api.Accounts;

/// <summary>Signing up, in and out, at the paths of existing clients.</summary>
internal static class SignInEndpoints
{
    /// <summary>A name, a password and a code are short.</summary>
    private const long MaxBodyBytes = 16_384;

    public static void MapSignIn(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Accounts").WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes)).DisableAntiforgery();
        group.MapPost("/api/v1/register", SignUpAsync)
            .WithSummary("Signs up: username and password, and the one-time code of a new server to become its administrator. JSON or form. Sets the cookie connect.sid.");
        group.MapPost("/api/v1/authenticate", SignInAsync)
            .WithSummary("Signs in: username and password, JSON or form. Sets the cookie connect.sid.");
        group.MapGet("/api/v1/session", GetSession).WithSummary("Who has signed in; null: nobody.");
        group.MapPost("/api/v1/logout", SignOutAsync).WithSummary("Signs out: the session ends, here and on its sockets.");
        group.MapGet("/logout", SignOutAsync).WithSummary("The same, for existing viewers.");
    }

    /// <summary>The site asks before it knows; to be nobody is no error.</summary>
    private static SessionAnswer GetSession(CallerFeature caller, HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        return new SessionAnswer(caller.Caller is { Account: { } account, Proof: CallerProof.Session } ? new AccountView(account) : null);
    }

    private static async Task<IResult> SignUpAsync(
        RequestFields fields,
        HttpContext context,
        AccountDirectory accounts,
        BanDirectory bans,
        AdministratorCode code,
        Sessions sessions,
        SessionCookie cookie,
        SignInLimits limits,
        IOptions<AccountOptions> options)
    {
        if (fields.Problem is not null)
        {
            return fields.Problem;
        }

        var (name, password, givenCode) = (fields["username"] ?? "", fields["password"], fields["code"]);
        if ((AccountNames.Check(name) ?? accounts.CheckPassword(password, name)) is { } error)
        {
            return Problems.ForApps(StatusCodes.Status400BadRequest, error);
        }

        if (limits.TakeSignUp(context) is { } wait)
        {
            return Problems.TooMany(context, wait, "Too many accounts were made from this address.");
        }

        if (await bans.FindOfSiteAsync(Caller.Anonymous, context.Connection.RemoteIpAddress) is { } ban)
        {
            return Problems.Banned(ban);
        }

        if (await accounts.FindAsync(name) is not null)
        {
            limits.SignUpCameToNothing(context);
            return NameTaken();
        }

        var isAdministrator = !string.IsNullOrEmpty(givenCode);
        if (isAdministrator && !await code.UseAsync(givenCode!))
        {
            return Problems.ForApps(StatusCodes.Status403Forbidden, "This is not the one-time code that the server has printed, or it was used.");
        }

        if (!isAdministrator && !options.Value.OpenSignUp)
        {
            return Problems.ForApps(StatusCodes.Status403Forbidden, "On this site accounts are made by its administrator.");
        }

        if (await accounts.CreateAsync(name, password, isAdministrator) is not { } account)
        {
            limits.SignUpCameToNothing(context);
            return NameTaken();
        }

        context.Response.Headers.CacheControl = "no-store";
        cookie.Set(context, await sessions.BeginAsync(account));
        return TypedResults.Ok(new SignedInAnswer(account));
    }

    // In these words: the existing viewer app knows them.
    private static ProblemHttpResult NameTaken() => Problems.ForApps(StatusCodes.Status409Conflict, "username already exists");

    private static async Task<IResult> SignInAsync(
        RequestFields fields,
        HttpContext context,
        AccountDirectory accounts,
        BanDirectory bans,
        Sessions sessions,
        SessionCookie cookie,
        SignInLimits limits)
    {
        if (fields.Problem is not null)
        {
            return fields.Problem;
        }

        if (fields["username"] is not { } name || fields["password"] is not { } password)
        {
            return Problems.Bad("Signing in takes the texts username and password.");
        }

        if (limits.TakeSignIn(context, name) is { } wait)
        {
            return Problems.TooMany(context, wait, "There were too many attempts to sign in.");
        }

        // No stored password is longer, and hashing takes time by length.
        if (password.Length > AccountDirectory.MaxPasswordLength || await accounts.VerifyAsync(name, password) is not { } account)
        {
            // The existing viewer app knows a refusal by exactly this body.
            return fields.IsForm ? Results.Text("Unauthorized", statusCode: StatusCodes.Status401Unauthorized) : Problems.WrongPassword();
        }

        limits.PasswordWasRight(account);
        if (await bans.FindOfSiteAsync(new Caller(account, CallerProof.Session), context.Connection.RemoteIpAddress) is { } ban)
        {
            return Problems.Banned(ban);
        }

        context.Response.Headers.CacheControl = "no-store";
        cookie.Set(context, await sessions.BeginAsync(account));
        return TypedResults.Ok(new SignedInAnswer(account));
    }

    private static async Task<IResult> SignOutAsync(HttpContext context, CallerFeature caller, Callers callers, Sessions sessions)
    {
        if (caller.Caller is { Account: { } account, Proof: CallerProof.Session }
            && callers.SessionToken(name => context.Request.Headers[name], context.Request.Cookies) is { } token)
        {
            await sessions.EndAsync(account, token);
            SessionCookie.Remove(context);
        }

        return TypedResults.NoContent();
    }

    private sealed record SessionAnswer([property: JsonPropertyName("user")] AccountView? User);

    /// <summary>The answer that existing viewers read, and the same for our site.</summary>
    private sealed class SignedInAnswer(Account account)
    {
        [JsonPropertyName("user")]
        public AccountView User { get; } = new(account);
    }
}

/// <summary>An account as others on the site see it.</summary>
internal sealed class AccountView(Account account)
{
    [JsonPropertyName("username")]
    public string UserName { get; } = account.Name;

    [JsonPropertyName("administrator")]
    public bool IsAdministrator { get; } = account.IsAdministrator;
}
