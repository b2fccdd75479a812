using System.Text.Json.Serialization;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Moderation;

using Microsoft.AspNetCore.Http.HttpResults;

namespace LiveRobot.Api.Accounts;

/// <summary>What existing robots ask of accounts.</summary>
internal static class AccountEndpoints
{
    public static void MapAccounts(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/v1").WithTags("Accounts");
        group.MapGet("/accounts/{name}", GetAsync)
            .WithSummary("An owner's account. Robots read who may moderate their chat.");
        group.MapGet("/robocasters/internal/frontpage", FrontPageAsync)
            .WithSummary("The site's administrators, whom robots with the setting global_mods obey.");
    }

    private static async Task<Results<Ok<PublicAccount>, ProblemHttpResult>> GetAsync(string name, AccountDirectory accounts, Moderators moderators) =>
        await accounts.FindAsync(name) is { } account ? TypedResults.Ok(new PublicAccount(account, await moderators.OfOwnerAsync(account))) : Problems.UnknownAccount();

    private static async Task<FrontPageAnswer> FrontPageAsync(AccountDirectory accounts) =>
        new([.. (await accounts.ListAsync()).Where(account => account.IsAdministrator).Select(account => account.Name)]);

    /// <summary>An account. Robots die when <c>moderators</c> is missing.</summary>
    private sealed class PublicAccount(Account account, IReadOnlyList<string> moderators)
    {
        [JsonPropertyName("username")]
        public string UserName { get; } = account.Name;

        [JsonPropertyName("moderators")]
        public IReadOnlyList<string> Moderators { get; } = moderators;

        [JsonPropertyName("profile_description")]
        public string ProfileDescription { get; } = account.Description;
    }

    private sealed record FrontPageAnswer([property: JsonPropertyName("admins")] IReadOnlyList<string> Admins);
}
