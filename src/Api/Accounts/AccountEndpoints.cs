using System.Text.Json.Serialization;

using LiveRobot.Platform.Robots;

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
        group.MapGet("/robocasters/internal/frontpage", FrontPage)
            .WithSummary("The site's administrators, whom robots with the setting global_mods obey.");
    }

    private static async Task<Results<Ok<Account>, ProblemHttpResult>> GetAsync(string name, RobotDirectory robots) =>
        await robots.FindOwnerAsync(name) is { } owner ? TypedResults.Ok(new Account(owner)) : Problems.UnknownAccount();

    private static Ok<FrontPageAnswer> FrontPage() => TypedResults.Ok(new FrontPageAnswer());

    /// <summary>An account. Robots die when <c>moderators</c> is missing; an owner has named none yet.</summary>
    private sealed record Account([property: JsonPropertyName("username")] string UserName)
    {
        [JsonPropertyName("moderators")]
        public IReadOnlyList<string> Moderators { get; } = [];

        [JsonPropertyName("profile_description")]
        public string ProfileDescription { get; } = "";
    }

    private sealed record FrontPageAnswer
    {
        [JsonPropertyName("admins")]
        public IReadOnlyList<string> Admins { get; } = [];
    }
}
