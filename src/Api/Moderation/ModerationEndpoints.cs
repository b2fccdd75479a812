using System.Text.Json;
using System.Text.Json.Serialization;

using LiveRobot.Api.Accounts;
using LiveRobot.Api.Robots;
using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Moderation;
using LiveRobot.Platform.Robots;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace LiveRobot.Api.Moderation;

/// <summary>Who moderates a robot, the rules of its chat, what is taken back, and what was done. Bans are in <see cref="Bans.BanEndpoints"/>.</summary>
internal static class ModerationEndpoints
{
    private const long MaxBodyBytes = 4_096;

    /// <summary>As many words as may be, and as long, with each character escaped.</summary>
    private const long MaxRulesBytes = 131_072;

    public static void MapModeration(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/v1/robots/{handle}").WithTags("Moderation").RequireAuthorization(CallerAuthentication.SessionOnly)
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes)).DisableAntiforgery();
        group.MapGet("/moderators", ListAsync).WithSummary("Who moderates the robot beside its owner.");
        group.MapPut("/moderators/{username}", AddAsync).WithSummary("Names a moderator. For the owner.");
        group.MapDelete("/moderators/{username}", RemoveAsync).WithSummary("Somebody is no moderator any more. For the owner, and for the moderator who steps down.");
        group.MapGet("/moderation", LogAsync).WithSummary("What was done, newest first: before the next of the answer before.");
        group.MapGet("/chat_rules", FindRulesAsync).WithSummary("The rules of the robot's chat.");
        group.MapPatch("/chat_rules", ChangeRulesAsync).WithMetadata(new RequestSizeLimitAttribute(MaxRulesBytes)).WithSummary(
            "Changes rules: a JSON object with the changed keys alone (slow_mode_seconds, links, words, speech_delay_seconds). For the owner.");
        group.MapDelete("/chat/{message_id}", TakeBackAsync).WithSummary("Takes a line of chat back.");
    }

    /// <summary>The answer to somebody who does not moderate this robot; null to who does.</summary>
    public static async Task<IResult?> RefuseAsync(CallerFeature caller, Robot robot, Moderators moderators) =>
        await moderators.MayModerateAsync(robot, caller.Caller, caller.Address) ? null : OwnRobotEndpoints.Refuse(caller, robot);

    /// <summary>The answer to a moderator who would do something to the owner, an administrator or a moderator.</summary>
    public static ProblemHttpResult Protected() => Problems.Forbidden("Moderators do nothing to the owner, to administrators and to each other.");

    private static Task<IResult> ListAsync(string handle, CallerFeature caller, RobotDirectory robots, Moderators moderators, HttpResponse response) =>
        ForModeratorsAsync(handle, caller, robots, moderators, async robot =>
        {
            response.Headers.CacheControl = "no-store";
            return TypedResults.Ok(new ModeratorList([.. (await moderators.ListAsync(robot)).Select(moderator => new ModeratorView(moderator.Name, moderator.Since))]));
        });

    private static Task<IResult> AddAsync(
        string handle, string username, CallerFeature caller, RobotDirectory robots, AccountDirectory accounts, Moderators moderators) =>
        OwnRobotEndpoints.ForOwnerAsync(handle, caller, robots, async robot =>
        {
            if (await accounts.FindAsync(username) is not { } account)
            {
                return Problems.Bad("username: there is no account of this name.");
            }

            if (account.IsAdministrator || account.Name == robot.Owner)
            {
                return Problems.Bad("username: the owner and administrators moderate anyway.");
            }

            return await moderators.AddAsync(robot, account, caller.Caller.Account!.Name)
                ? TypedResults.NoContent()
                : Problems.Conflict("There are as many moderators as may be.");
        });

    private static async Task<IResult> RemoveAsync(
        string handle, string username, CallerFeature caller, RobotDirectory robots, AccountDirectory accounts, Moderators moderators)
    {
        var account = await accounts.FindAsync(username);
        return account is not null && account.Id == caller.Caller.Account!.Id
            ? await ForModeratorsAsync(handle, caller, robots, moderators, RemoveAsync)
            : await OwnRobotEndpoints.ForOwnerAsync(handle, caller, robots, RemoveAsync);

        async Task<IResult> RemoveAsync(Robot robot) =>
            account is not null && await moderators.RemoveAsync(robot, account, caller.Caller.Account!.Name)
                ? TypedResults.NoContent()
                : Problems.NotFound("There is no moderator of this name here.");
    }

    private static Task<IResult> LogAsync(
        string handle, long? before, CallerFeature caller, RobotDirectory robots, Moderators moderators, ModerationLog log, HttpResponse response) =>
        ForModeratorsAsync(handle, caller, robots, moderators, async robot =>
        {
            response.Headers.CacheControl = "no-store";
            var page = await log.ListAsync(robot, before);
            return TypedResults.Ok(new LogPage([.. page.Items.Select(entry => new EntryView(entry))], page.Next));
        });

    private static Task<IResult> FindRulesAsync(
        string handle, CallerFeature caller, RobotDirectory robots, Moderators moderators, ChatRulesStore rules, HttpResponse response) =>
        ForModeratorsAsync(handle, caller, robots, moderators, async robot =>
        {
            response.Headers.CacheControl = "no-store";
            return TypedResults.Ok(await rules.FindAsync(robot.Handle));
        });

    private static Task<IResult> ChangeRulesAsync(
        string handle, HttpContext context, CallerFeature caller, RobotDirectory robots, ChatRulesStore rules, IOptions<ModerationOptions> limits) =>
        OwnRobotEndpoints.ForOwnerAsync(handle, caller, robots, async robot =>
        {
            try
            {
                using var request = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
                if (request.RootElement.ValueKind != JsonValueKind.Object)
                {
                    return Problems.Bad("The body is not a JSON object with the rules that are to change.");
                }

                var changed = await rules.ChangeAsync(
                    robot.Handle,
                    stored => ChatRulesRequest.Apply(stored, request.RootElement, limits.Value),
                    caller.Caller.Account!.Name,
                    string.Join(", ", request.RootElement.EnumerateObject().Select(field => field.Name).Where(ChatRulesRequest.IsRule)));
                return changed is null ? Problems.UnknownRobot() : TypedResults.Ok(changed);
            }
            catch (Exception exception) when (exception is JsonException or InvalidOperationException)
            {
                // The latter: a text with half of a surrogate pair.
                return Problems.Bad("The body is not well-formed JSON.");
            }
            catch (BadHttpRequestException exception)
            {
                return Problems.Of(exception);
            }
            catch (ArgumentException exception)
            {
                return Problems.Bad(exception);
            }
        });

    private static Task<IResult> TakeBackAsync(
        string handle,
        [FromRoute(Name = "message_id")] string messageId,
        CallerFeature caller,
        RobotDirectory robots,
        AccountDirectory accounts,
        Moderators moderators,
        SaidLines lines) =>
        ForModeratorsAsync(handle, caller, robots, moderators, async robot =>
        {
            if (await lines.FindAsync(robot, messageId) is not { } line)
            {
                return UnknownLine();
            }

            var author = line.IsByAccount ? await accounts.FindAsync(line.Name) : null;
            if (author is not null
                && author.Id != caller.Caller.Account!.Id
                && !caller.Caller.Owns(robot)
                && await moderators.IsProtectedAsync(robot, author))
            {
                return Protected();
            }

            return await lines.TakeBackAsync(robot, messageId, caller.Caller.Account!.Name) ? TypedResults.NoContent() : UnknownLine();
        });

    private static ProblemHttpResult UnknownLine() => Problems.NotFound("There is no such line of chat, or it was taken back.");

    private static async Task<IResult> ForModeratorsAsync(
        string handle, CallerFeature caller, RobotDirectory robots, Moderators moderators, Func<Robot, Task<IResult>> act) =>
        await robots.FindByHandleAsync(handle) is not { } robot
            ? Problems.UnknownRobot()
            : await RefuseAsync(caller, robot, moderators) ?? await act(robot);

    private sealed record ModeratorList([property: JsonPropertyName("moderators")] IReadOnlyList<ModeratorView> Moderators);

    private sealed record ModeratorView(
        [property: JsonPropertyName("username")] string UserName,
        [property: JsonPropertyName("since")] DateTimeOffset Since);

    private sealed record LogPage(
        [property: JsonPropertyName("entries")] IReadOnlyList<EntryView> Entries,
        [property: JsonPropertyName("next")] long? Next);

    private sealed class EntryView(LoggedModeration entry)
    {
        [JsonPropertyName("id")]
        public long Id { get; } = entry.Id;

        [JsonPropertyName("at")]
        public DateTimeOffset At { get; } = entry.At;

        [JsonPropertyName("by")]
        public string By { get; } = entry.By;

        [JsonPropertyName("action")]
        public string Action { get; } = entry.Action;

        [JsonPropertyName("name")]
        public string Name { get; } = entry.Name;

        /// <summary>The line of chat that it is about; may be empty.</summary>
        [JsonPropertyName("message")]
        public string Message { get; } = entry.Message;

        [JsonPropertyName("reason")]
        public string Reason { get; } = entry.Reason;

        [JsonPropertyName("until")]
        public DateTimeOffset? Until { get; } = entry.Until;
    }
}
