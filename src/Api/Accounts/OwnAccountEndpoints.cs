using System.Text.Json.Serialization;

using LiveRobot.Api.ViewerApp;
using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Moderation;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;

using Microsoft.AspNetCore.Mvc;

namespace LiveRobot.Api.Accounts;

/// <summary>What people do with their own account: only when signed in, never with an API key.</summary>
internal static class OwnAccountEndpoints
{
    private const long MaxBodyBytes = 16_384;

    public static void MapOwnAccount(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/v1/account").WithTags("Own account")
            .RequireAuthorization(CallerAuthentication.SessionOnly)
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes))
            .DisableAntiforgery();
        group.MapGet("", GetAsync).WithSummary("Who has signed in.");
        group.MapPut("/password", ChangePasswordAsync).WithSummary("Changes the password: password, new_password. All other sign-ins end.");
        group.MapPut("/description", DescribeAsync).WithSummary("Changes the text about oneself: profile_description.");
        group.MapPost("/delete", DeleteAsync).WithSummary("Deletes the account with its robots: password. The name is not given to anybody again.");
        group.MapGet("/keys", ListKeysAsync).WithSummary("The API keys, without their secrets.");
        group.MapPost("/keys", AddKeyAsync).WithSummary("Makes an API key: name. Its secret is in this answer and never again.");
        group.MapDelete("/keys/{id:long}", RevokeKeyAsync).WithSummary("Revokes an API key.");
        endpoints.MapPost("/api/v1/accounts/{name}", DescribeForAppAsync).WithTags("Own account").RequireAuthorization(CallerAuthentication.SessionOnly)
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes)).DisableAntiforgery()
            .WithSummary("Changes the text about oneself: profile_description. For existing viewers, who send a form.");
        endpoints.MapGet("/api/v1/accounts", GetAsync).WithTags("Own account").RequireAuthorization(CallerAuthentication.SessionOnly)
            .WithSummary("Who has signed in, for existing viewers.");
    }

    private static async Task<OwnAccount> GetAsync(
        SignedIn caller, RobotDirectory robots, RobotPresence presence, Subscriptions subscriptions, Moderators moderators, HttpRequest request, HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        var own = await robots.ListOfOwnerAsync(caller.Account.Name);
        var states = await presence.GetAsync(own);
        return new OwnAccount(caller.Account, [.. own.Zip(states, (robot, state) => new AppRobot(robot, state, request))], await subscriptions.OfAccountAsync(caller.Account), await moderators.OfAccountAsync(caller.Account));
    }

    private static async Task<IResult> ChangePasswordAsync(
        RequestFields fields, SignedIn caller, HttpContext context, AccountDirectory accounts, Callers callers, SignInLimits limits)
    {
        if (fields.Problem is not null)
        {
            return fields.Problem;
        }

        if (accounts.CheckPassword(fields["new_password"], caller.Account.Name) is { } error)
        {
            return Problems.Bad(error);
        }

        if (await CheckPasswordAsync(fields, caller, context, accounts, limits) is { } refusal)
        {
            return refusal;
        }

        var session = callers.SessionToken(name => context.Request.Headers[name], context.Request.Cookies);
        await accounts.SetPasswordAsync(caller.Account, fields["new_password"]!, session);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> DescribeAsync(RequestFields fields, SignedIn caller, AccountDirectory accounts)
    {
        if (fields.Problem is not null)
        {
            return fields.Problem;
        }

        try
        {
            await accounts.SetDescriptionAsync(caller.Account, fields["profile_description"] ?? "");
            return TypedResults.NoContent();
        }
        catch (ArgumentException exception)
        {
            return Problems.Bad(exception);
        }
    }

    private static async Task<IResult> DescribeForAppAsync(string name, RequestFields fields, SignedIn caller, AccountDirectory accounts)
    {
        if (fields.Problem is not null)
        {
            return fields.Problem;
        }

        if (!string.Equals(name, caller.Account.Name, StringComparison.OrdinalIgnoreCase))
        {
            return Problems.ForApps(StatusCodes.Status403Forbidden, "This is not your account.");
        }

        try
        {
            // A field that is not there changes nothing: the app sends those that have changed.
            var description = fields["profile_description"] ?? caller.Account.Description;
            await accounts.SetDescriptionAsync(caller.Account, description);
            return TypedResults.Ok(new AppProfile(caller.Account.Name, description));
        }
        catch (ArgumentException exception)
        {
            return Problems.ForApps(StatusCodes.Status400BadRequest, Problems.TextOf(exception));
        }
    }

    private static async Task<IResult> DeleteAsync(
        RequestFields fields, SignedIn caller, HttpContext context, AccountDirectory accounts, SignInLimits limits)
    {
        if (fields.Problem is not null)
        {
            return fields.Problem;
        }

        if (await CheckPasswordAsync(fields, caller, context, accounts, limits) is { } refusal)
        {
            return refusal;
        }

        await accounts.DeleteAsync(caller.Account);
        SessionCookie.Remove(context);
        return TypedResults.NoContent();
    }

    private static async Task<IReadOnlyList<KeyView>> ListKeysAsync(SignedIn caller, ApiKeys keys) =>
        [.. (await keys.ListAsync(caller.Account)).Select(key => new KeyView(key, secret: null))];

    private static async Task<IResult> AddKeyAsync(RequestFields fields, SignedIn caller, ApiKeys keys, HttpResponse response)
    {
        if (fields.Problem is not null)
        {
            return fields.Problem;
        }

        try
        {
            if (await keys.AddAsync(caller.Account, fields["name"] ?? "") is not var (key, secret))
            {
                return Problems.Conflict("This account has as many API keys as it may. Revoke one first.");
            }

            response.Headers.CacheControl = "no-store";
            return TypedResults.Ok(new KeyView(key, secret));
        }
        catch (ArgumentException exception)
        {
            return Problems.Bad(exception);
        }
    }

    private static async Task<IResult> RevokeKeyAsync(long id, SignedIn caller, ApiKeys keys) =>
        await keys.RevokeAsync(caller.Account, id) ? TypedResults.NoContent() : Problems.NotFound("There is no API key with this number.");

    /// <summary>Asks for the password once more: a computer left alone must not lose its owner the account.</summary>
    private static async Task<IResult?> CheckPasswordAsync(
        RequestFields fields, SignedIn caller, HttpContext context, AccountDirectory accounts, SignInLimits limits)
    {
        if (limits.TakePassword(caller.Account) is { } wait)
        {
            return Problems.TooMany(context, wait, "The password was wrong too often.");
        }

        var password = fields["password"] ?? "";
        if (password.Length > AccountDirectory.MaxPasswordLength || await accounts.VerifyAsync(caller.Account.Name, password) is null)
        {
            return Problems.Forbidden("The password is wrong.");
        }

        limits.PasswordWasRight(caller.Account);
        return null;
    }

    /// <summary>One's own account, with what existing viewers read of it.</summary>
    private sealed class OwnAccount(
        Account account, IReadOnlyList<AppRobot> robots, IReadOnlyList<SubscribedRobot> subscriptions, IReadOnlyList<ModeratedRobot> moderated)
    {
        [JsonPropertyName("username")]
        public string UserName { get; } = account.Name;

        [JsonPropertyName("administrator")]
        public bool IsAdministrator { get; } = account.IsAdministrator;

        [JsonPropertyName("profile_description")]
        public string ProfileDescription { get; } = account.Description;

        [JsonPropertyName("robots")]
        public IReadOnlyList<AppRobot> Robots { get; } = robots;

        /// <summary>The handles of the robots of others that the account moderates.</summary>
        [JsonPropertyName("moderates")]
        public IReadOnlyList<string> Moderates { get; } = [.. moderated.Select(robot => robot.Handle)];

        [JsonPropertyName("subscriptions")]
        public IReadOnlyList<SubscriptionView> Subscriptions { get; } = [.. subscriptions.Select(robot => new SubscriptionView(robot.Handle, robot.Name))];
    }

    /// <summary>What existing viewers read after a change; an <c>error</c> would be shown.</summary>
    private sealed record AppProfile(
        [property: JsonPropertyName("username")] string UserName,
        [property: JsonPropertyName("profile_description")] string ProfileDescription);

    private sealed record SubscriptionView(
        [property: JsonPropertyName("robot_id")] string RobotId,
        [property: JsonPropertyName("robot_name")] string RobotName);

    private sealed class KeyView(ApiKey key, string? secret)
    {
        [JsonPropertyName("id")]
        public long Id { get; } = key.Id;

        [JsonPropertyName("name")]
        public string Name { get; } = key.Name;

        [JsonPropertyName("created_at")]
        public DateTimeOffset CreatedAt { get; } = key.CreatedAt;

        [JsonPropertyName("last_used_at")]
        public DateTimeOffset? LastUsedAt { get; } = key.LastUsedAt;

        /// <summary>The key itself; only in the answer to its making.</summary>
        [JsonPropertyName("key"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Secret { get; } = secret;
    }
}
