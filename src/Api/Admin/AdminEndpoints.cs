using System.Text.Json.Serialization;

using LiveRobot.Api.Accounts;
using LiveRobot.Api.Robots;
using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;

using Microsoft.AspNetCore.Mvc;

namespace LiveRobot.Api.Admin;

/// <summary>
/// What administrators do with everybody's accounts and robots, beside what they may as if the robots were theirs. Only
/// for those who have signed in, never with an API key.
/// </summary>
internal static partial class AdminEndpoints
{
    private const long MaxBodyBytes = 4_096;

    public static void MapAdmin(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/v1/admin").WithTags("Administration").RequireAuthorization(CallerAuthentication.SessionOnly)
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes)).DisableAntiforgery()
            .AddEndpointFilter(AdministratorsAloneAsync);
        group.MapGet("/accounts", ListAccountsAsync).WithSummary("The accounts, newest first: query is a part of the name, before the next of the answer before.");
        group.MapDelete("/accounts/{name}", DeleteAccountAsync).WithSummary("Deletes an account with its robots. The name is not given to anybody again.");
        group.MapPost("/accounts/{name}/password", ResetPasswordAsync).WithSummary("Gives an account a new password, shown only now. All its sign-ins end.");
        group.MapPut("/accounts/{name}/administrator", SetAdministratorAsync).WithSummary("Makes an account an administrator, or takes that from it: administrator.");
        group.MapGet("/nodes", NodesEndpoint.ListAsync).WithSummary("The processes that serve this site: what each runs, its slots, its load, whether it ends.");
        group.MapGet("/robots", ListRobotsAsync).WithSummary("All robots, newest first: query is a part of the name, handle or owner, before the next of the answer before.");
    }

    private static ValueTask<object?> AdministratorsAloneAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.Features.Get<CallerFeature>()?.Caller.Account?.IsAdministrator == true
            ? next(context)
            : ValueTask.FromResult<object?>(Problems.Forbidden("This is for administrators."));

    private static async Task<AccountPage> ListAccountsAsync(string? query, long? before, AccountList accounts, HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        var page = await accounts.SearchAsync(query, before);
        return new AccountPage([.. page.Items.Select(account => new AdminAccountView(account))], page.Next);
    }

    private static async Task<RobotPage> ListRobotsAsync(string? query, long? before, RobotDirectory robots, RobotPresence presence, HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        var page = await robots.SearchAsync(query, before);
        var now = await RobotNow.ReadAsync(page.Items, presence);
        return new RobotPage([.. now.Select(robot => new AdminRobotView(robot))], page.Next);
    }

    private static Task<IResult> DeleteAccountAsync(string name, SignedIn caller, AccountDirectory accounts, ILoggerFactory loggers) =>
        ForOthersAsync(name, accounts, async account =>
        {
            await accounts.DeleteAsync(account);
            Log.Deleted(loggers.CreateLogger(typeof(AdminEndpoints)), caller.Account.Name, account.Name);
            return TypedResults.NoContent();
        });

    private static Task<IResult> ResetPasswordAsync(string name, SignedIn caller, AccountDirectory accounts, ILoggerFactory loggers, HttpResponse response) =>
        ForOthersAsync(name, accounts, async account =>
        {
            var password = GeneratedPassword.New();
            await accounts.SetPasswordAsync(account, password, keptSession: null);
            Log.PasswordReset(loggers.CreateLogger(typeof(AdminEndpoints)), caller.Account.Name, account.Name);
            response.Headers.CacheControl = "no-store";
            return TypedResults.Ok(new NewPassword(password));
        });

    private static async Task<IResult> SetAdministratorAsync(
        string name, AdministratorRequest request, SignedIn caller, AccountDirectory accounts, ILoggerFactory loggers)
    {
        if (await accounts.FindAsync(name) is not { } account)
        {
            return Problems.UnknownAccount();
        }

        if (!await accounts.SetAdministratorAsync(account, request.IsAdministrator))
        {
            return Problems.Conflict("This is the last administrator. Make another one first.");
        }

        Log.AdministratorSet(loggers.CreateLogger(typeof(AdminEndpoints)), caller.Account.Name, account.Name, request.IsAdministrator);
        return TypedResults.NoContent();
    }

    /// <summary>Runs what is not done to administrators: a wrong click, or one stolen session, must not take the site from all of them.</summary>
    private static async Task<IResult> ForOthersAsync(string name, AccountDirectory accounts, Func<Account, Task<IResult>> action) =>
        await accounts.FindAsync(name) is not { } account ? Problems.UnknownAccount()
        : account.IsAdministrator ? Problems.Conflict("This is an administrator. Take that from the account first.")
        : await action(account);

    private sealed record AdministratorRequest([property: JsonPropertyName("administrator"), JsonRequired] bool IsAdministrator);

    private sealed record NewPassword([property: JsonPropertyName("password")] string Password);

    private sealed record AccountPage(
        [property: JsonPropertyName("accounts")] IReadOnlyList<AdminAccountView> Accounts,
        [property: JsonPropertyName("next")] long? Next);

    private sealed record RobotPage(
        [property: JsonPropertyName("robots")] IReadOnlyList<AdminRobotView> Robots,
        [property: JsonPropertyName("next")] long? Next);

    private sealed class AdminAccountView(ListedAccount account)
    {
        [JsonPropertyName("username")]
        public string UserName { get; } = account.Name;

        [JsonPropertyName("administrator")]
        public bool IsAdministrator { get; } = account.IsAdministrator;

        [JsonPropertyName("created_at")]
        public DateTimeOffset CreatedAt { get; } = account.CreatedAt;

        /// <summary>When the newest sign-in that still lasts began; null: there is none.</summary>
        [JsonPropertyName("signed_in_at")]
        public DateTimeOffset? SignedInAt { get; } = account.SignedInAt;

        [JsonPropertyName("robots")]
        public int Robots { get; } = account.Robots;

        /// <summary>What keeps it away from the site; null: nothing.</summary>
        [JsonPropertyName("ban")]
        public BanView? Ban { get; } = account.Ban is { } ban ? new BanView(ban.Id, ban.Reason, ban.Until) : null;
    }

    private sealed record BanView(
        [property: JsonPropertyName("id")] long Id,
        [property: JsonPropertyName("reason")] string Reason,
        [property: JsonPropertyName("until")] DateTimeOffset? Until);

    private sealed class AdminRobotView(RobotNow now) : RobotSummary(now)
    {
        [JsonPropertyName("visibility")]
        public string Visibility { get; } = now.Robot.Visibility.ToWire();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Administrator} deleted the account {Account}.", EventName = "AccountDeleted")]
        public static partial void Deleted(ILogger logger, string administrator, string account);

        [LoggerMessage(2, LogLevel.Information, "{Administrator} gave the account {Account} a new password.", EventName = "PasswordReset")]
        public static partial void PasswordReset(ILogger logger, string administrator, string account);

        [LoggerMessage(3, LogLevel.Information, "{Administrator} set whether {Account} is an administrator: {IsAdministrator}.", EventName = "AdministratorSet")]
        public static partial void AdministratorSet(ILogger logger, string administrator, string account, bool isAdministrator);
    }
}
