using System.Net;
using System.Text.Json.Serialization;

using LiveRobot.Api.Accounts;
using LiveRobot.Api.Moderation;
using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Moderation;
using LiveRobot.Platform.Robots;

using Microsoft.AspNetCore.Mvc;

namespace LiveRobot.Api.Bans;

/// <summary>Bans from a robot, for its owner and moderators; from all of one's robots, for owners; from the site, for administrators.</summary>
internal static class BanEndpoints
{
    private const long MaxBodyBytes = 16_384;

    public static void MapBans(this IEndpointRouteBuilder endpoints)
    {
        Map(endpoints, "/api/v1/robots/{handle}/bans", "a robot", RobotAsync);
        Map(endpoints, "/api/v1/account/bans", "all of one's robots", OwnAsync);
        Map(endpoints, "/api/v1/bans", "the site, for administrators", SiteAsync);
    }

    /// <summary>Finds what a request is about, or tells why the caller has no say in it.</summary>
    private delegate Task<Found> FindScope(HttpContext context, CallerFeature caller);

    private static void Map(IEndpointRouteBuilder endpoints, string path, string from, FindScope find)
    {
        var group = endpoints.MapGroup(path).WithTags("Bans").RequireAuthorization(CallerAuthentication.SessionOnly)
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes)).DisableAntiforgery();
        group.MapGet("", (HttpContext context, CallerFeature caller, BanDirectory bans) => ListAsync(find, context, caller, bans))
            .WithSummary($"Who is banned from {from}.");
        group.MapPost("", (BanRequest request, HttpContext context, CallerFeature caller, BanDirectory bans, AccountDirectory accounts, Moderators moderators) =>
                MakeAsync(find, request, context, caller, bans, accounts, moderators))
            .WithSummary($"Bans from {from}: an account, an address, or who said a line of chat (message_id); with a reason, for seconds or until it is lifted.");
        group.MapDelete("/{id:long}", (long id, HttpContext context, CallerFeature caller, BanDirectory bans, AccountDirectory accounts) =>
                LiftAsync(find, id, context, caller, bans, accounts))
            .WithSummary($"Lifts a ban from {from}.");
    }

    private static async Task<Found> RobotAsync(HttpContext context, CallerFeature caller)
    {
        var handle = (string)context.GetRouteValue("handle")!;
        var robot = await context.RequestServices.GetRequiredService<RobotDirectory>().FindByHandleAsync(handle);
        if (robot is null)
        {
            return new Found(BanScope.OfRobot(handle), Problems.UnknownRobot());
        }

        var refusal = await ModerationEndpoints.RefuseAsync(caller, robot, context.RequestServices.GetRequiredService<Moderators>());
        return new Found(BanScope.OfRobot(handle), refusal) { ModeratedRobot = caller.Caller.Owns(robot) ? null : robot };
    }

    private static Task<Found> OwnAsync(HttpContext context, CallerFeature caller) =>
        Task.FromResult(new Found(BanScope.OfOwner(caller.Caller.Account!.Name), null));

    private static Task<Found> SiteAsync(HttpContext context, CallerFeature caller) =>
        Task.FromResult(new Found(BanScope.Site, caller.Caller.Account!.IsAdministrator ? null : Problems.Forbidden("This is for administrators.")));

    private static async Task<IResult> ListAsync(FindScope find, HttpContext context, CallerFeature caller, BanDirectory bans)
    {
        var found = await find(context, caller);
        if (found.Refusal is not null)
        {
            return found.Refusal;
        }

        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new BanList([.. (await bans.ListAsync(found.Scope)).Select(ban => new BanView(ban))]));
    }

    private static async Task<IResult> MakeAsync(
        FindScope find, BanRequest request, HttpContext context, CallerFeature caller, BanDirectory bans, AccountDirectory accounts, Moderators moderators)
    {
        var found = await find(context, caller);
        if (found.Refusal is not null)
        {
            return found.Refusal;
        }

        var (target, problem) = await TargetAsync(found.Scope, request, bans, accounts);
        if (target is null)
        {
            return problem!;
        }

        if (found.ModeratedRobot is { } robot && target.Account is { } account && await moderators.IsProtectedAsync(robot, account))
        {
            return ModerationEndpoints.Protected();
        }

        try
        {
            // What is no number of seconds at all must not overflow.
            var duration = request.Seconds is { } seconds ? TimeSpan.FromSeconds(Math.Clamp(seconds, 0, TimeSpan.MaxValue.TotalSeconds / 2)) : (TimeSpan?)null;
            return await bans.MakeAsync(
                found.Scope, target, request.Reason ?? "", duration, caller.Caller.Account!.Name, mayShorten: found.ModeratedRobot is null) is { } ban
                ? TypedResults.Created($"{context.Request.PathBase}{context.Request.Path}/{ban.Id}", new BanView(ban))
                : Problems.Conflict("There are as many bans as may be. Lift one first.");
        }
        catch (ArgumentException exception)
        {
            return Problems.Bad(exception);
        }
    }

    private static async Task<IResult> LiftAsync(
        FindScope find, long id, HttpContext context, CallerFeature caller, BanDirectory bans, AccountDirectory accounts)
    {
        var found = await find(context, caller);
        if (found.Refusal is not null)
        {
            return found.Refusal;
        }

        if (found.ModeratedRobot is { } robot
            && await bans.FindAsync(found.Scope, id) is { } ban
            && (ban.MadeBy == robot.Owner || (await accounts.FindAsync(ban.MadeBy))?.IsAdministrator == true))
        {
            return Problems.Forbidden("Only the owner lifts what the owner or an administrator has banned.");
        }

        return await bans.LiftAsync(found.Scope, id, caller.Caller.Account!.Name)
            ? TypedResults.NoContent()
            : Problems.NotFound("There is no ban with this number here.");
    }

    private static async Task<(BanTarget? Target, IResult? Problem)> TargetAsync(
        BanScope scope, BanRequest request, BanDirectory bans, AccountDirectory accounts)
    {
        if (new[] { request.Account, request.Address, request.MessageId }.Count(field => field is not null) != 1)
        {
            return (null, Problems.Bad("One of account, address and message_id is expected."));
        }

        if (request.Account is { } name)
        {
            return await accounts.FindAsync(name) is { } account ? (BanTarget.Of(account), null) : (null, Problems.Bad("account: there is no account of this name."));
        }

        if (request.Address is { } text)
        {
            return IPAddress.TryParse(text, out var address) ? (BanTarget.Of(address), null) : (null, Problems.Bad("address: an address of IPv4 or IPv6 is expected."));
        }

        return await bans.FindAuthorAsync(scope, request.MessageId!) is { } author
            ? (author, null)
            : (null, Problems.Bad("message_id: there is no such line of chat, or it is not known who said it."));
    }

    /// <summary>What a request is about.</summary>
    /// <param name="Scope">From what somebody is banned.</param>
    /// <param name="Refusal">Why the caller has no say in it; null when they have.</param>
    private sealed record Found(BanScope Scope, IResult? Refusal)
    {
        /// <summary>Gets the robot when the caller is a moderator of it, who may do less than the owner.</summary>
        public Robot? ModeratedRobot { get; init; }
    }

    private sealed record BanRequest(
        [property: JsonPropertyName("account")] string? Account,
        [property: JsonPropertyName("address")] string? Address,
        [property: JsonPropertyName("message_id")] string? MessageId,
        [property: JsonPropertyName("reason")] string? Reason,
        [property: JsonPropertyName("seconds")] double? Seconds);

    private sealed record BanList([property: JsonPropertyName("bans")] IReadOnlyList<BanView> Bans);

    private sealed class BanView(Ban ban)
    {
        [JsonPropertyName("id")]
        public long Id { get; } = ban.Id;

        /// <summary>An account, the name of somebody who had not signed in, or an address.</summary>
        [JsonPropertyName("name")]
        public string Name { get; } = ban.Name;

        [JsonPropertyName("account")]
        public bool IsAccount { get; } = ban.IsAccount;

        [JsonPropertyName("reason")]
        public string Reason { get; } = ban.Reason;

        [JsonPropertyName("made_by")]
        public string MadeBy { get; } = ban.MadeBy;

        [JsonPropertyName("made_at")]
        public DateTimeOffset MadeAt { get; } = ban.MadeAt;

        [JsonPropertyName("until")]
        public DateTimeOffset? Until { get; } = ban.Until;
    }
}
