using System.Text.Json.Serialization;

using LiveRobot.Api.Accounts;
using LiveRobot.Api.LookUps;
using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Chat;
using LiveRobot.Platform.Moderation;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;

using Microsoft.AspNetCore.Http.HttpResults;

namespace LiveRobot.Api.ViewerApp;

/// <summary>What the existing viewer apps ask for when they start and when they open a robot. Their other paths are those of the API.</summary>
internal static class ViewerAppEndpoints
{
    /// <summary>What each generation of the apps sends with its chat lines. It is in their programs, so it shows nothing and is not checked.</summary>
    private const string ChatSecret = "iknowyourelookingatthisthatsfine";

    public static void MapViewerApp(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Viewer app");
        group.MapGet("/mobile/config.json", () => new AppConfiguration()).WithSummary("Asks no app to update itself.");
        group.MapGet("/internal", StartAsync).WithSummary("The public robots, the port of the user socket, and who has signed in.");
        group.MapGet("/internal/robot/{handle}", RobotAsync).WithSummary("One robot with its control panels and followers.");
        group.MapGet("/api/v1/products", () => Array.Empty<object>()).WithSummary("Nothing: nothing is sold here.");
        group.MapGet(
                "/robocaster/{owner}/robot/{handle}",
                (string owner, string handle, HttpRequest request) => TypedResults.Redirect($"{request.PathBase}/robot/{Uri.EscapeDataString(handle)}"))
            .WithSummary("The address of a robot's page as old programs print it.");
    }

    private static async Task<Results<Ok<AppStart>, ProblemHttpResult>> StartAsync(
        CallerFeature caller,
        BanDirectory bans,
        RobotDirectory robots,
        RobotPresence presence,
        RecentChat chat,
        Moderators moderators,
        Advertised advertised,
        HttpRequest request,
        HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        if (await bans.FindOfSiteAsync(caller.Caller, caller.Address) is { } ban)
        {
            return Problems.Banned(ban);
        }

        var list = await ListAsync(robots, presence, request);
        return TypedResults.Ok(new AppStart(
            list,
            await chat.GlobalAsync(caller.Caller, caller.Address),
            advertised.UserPort,
            ChatSecret,
            await UserAsync(caller, moderators),
            IsSuperuser(caller),
            list.Count > 0 ? list[0] : null));
    }

    private static async Task<Results<Ok<AppRobotAnswer>, ProblemHttpResult>> RobotAsync(
        string handle,
        string? token,
        CallerFeature caller,
        RobotAccess access,
        RobotDirectory robots,
        RobotPresence presence,
        Subscriptions subscriptions,
        Moderators moderators,
        TimeProvider clock,
        HttpRequest request,
        HttpResponse response)
    {
        var found = await access.FindForViewerAsync(handle, token, caller.Caller, caller.Address);
        if (found.Robot is not { } robot)
        {
            return Problems.Of(found);
        }

        response.Headers.CacheControl = "no-store";
        var page = new AppRobotPage(robot, await presence.GetAsync(robot), await subscriptions.OfRobotAsync(handle), clock.GetUtcNow(), request);
        return TypedResults.Ok(new AppRobotAnswer(page, await ListAsync(robots, presence, request), await UserAsync(caller, moderators), IsSuperuser(caller)));
    }

    private static async Task<IReadOnlyList<AppRobot>> ListAsync(RobotDirectory robots, RobotPresence presence, HttpRequest request)
    {
        var list = await robots.ListPublicAsync();
        var states = await presence.GetAsync(list);
        return [.. list.Zip(states, (robot, state) => new AppRobot(robot, state, request))];
    }

    private static async Task<AppUser?> UserAsync(CallerFeature caller, Moderators moderators) => caller.Caller.Account is { } account
        ? new AppUser(account.Name, account.IsAdministrator, [account.Name, .. (await moderators.OfAccountAsync(account)).Select(robot => robot.Owner).Distinct()])
        : null;

    private static bool IsSuperuser(CallerFeature caller) => caller.Caller.Account?.IsAdministrator == true;

    /// <summary>What the app asks for first; without it, it does not start.</summary>
    private sealed record AppConfiguration
    {
        [JsonPropertyName("appStoreId")]
        public string AppStoreId { get; } = "";

        [JsonPropertyName("forcedUpdate")]
        public AppUpdate ForcedUpdate { get; } = new();

        [JsonPropertyName("recommendedUpdate")]
        public AppUpdate RecommendedUpdate { get; } = new();
    }

    private sealed record AppUpdate
    {
        [JsonPropertyName("enabled")]
        public bool IsEnabled { get; }

        [JsonPropertyName("minimum_version")]
        public string MinimumVersion { get; } = "0";

        [JsonPropertyName("title")]
        public string Title { get; } = "";

        [JsonPropertyName("message")]
        public string Message { get; } = "";
    }

    private sealed record AppStart(
        [property: JsonPropertyName("robots")] IReadOnlyList<AppRobot> Robots,
        [property: JsonPropertyName("chat_messages")] IReadOnlyList<RecentLine> ChatMessages,
        [property: JsonPropertyName("socket_io_messaging_to_web_client_port")] int UserPort,
        [property: JsonPropertyName("chat_secret")] string ChatSecret,
        [property: JsonPropertyName("user"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] AppUser? User,
        [property: JsonPropertyName("superuser")] bool IsSuperuser,
        [property: JsonPropertyName("robot"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] AppRobot? Robot);

    private sealed record AppRobotAnswer(
        [property: JsonPropertyName("robot")] AppRobotPage Robot,
        [property: JsonPropertyName("robots")] IReadOnlyList<AppRobot> Robots,
        [property: JsonPropertyName("user"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] AppUser? User,
        [property: JsonPropertyName("superuser")] bool IsSuperuser);

    /// <summary>Somebody who has signed in, and the owners whose viewers they may moderate, at some robot at least: themselves among them.</summary>
    private sealed record AppUser(
        [property: JsonPropertyName("username")] string Username,
        [property: JsonPropertyName("moderator")] bool IsModerator,
        [property: JsonPropertyName("moderates_for")] IReadOnlyList<string> ModeratesFor);
}
