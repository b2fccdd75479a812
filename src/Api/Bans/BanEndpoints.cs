using System.Net;
using System.Text.Json.Serialization;

using LiveRobot.Api.Accounts;
using LiveRobot.Api.Robots;
using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Robots;

using Microsoft.AspNetCore.Mvc;

namespace LiveRobot.Api.Bans;

/// <summary>Bans from a robot and from all of one's robots, for owners; from the site, for administrators.</summary>
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
    private delegate Task<(BanScope Scope, IResult? Refusal)> FindScope(HttpContext context, CallerFeature caller);

    private static void Map(IEndpointRouteBuilder endpoints, string path, string from, FindScope find)
    {
        var group = endpoints.MapGroup(path).WithTags("Bans").RequireAuthorization(CallerAuthentication.SessionOnly)
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes)).DisableAntiforgery();
        group.MapGet("", (HttpContext context, CallerFeature caller, BanDirectory bans) => ListAsync(find, context, caller, bans))
            .WithSummary($"Who is banned from {from}.");
        group.MapPost("", (BanRequest request, HttpContext context, CallerFeature caller, BanDirectory bans, AccountDirectory accounts) =>
                MakeAsync(find, request, context, caller, bans, accounts))
            .WithSummary($"Bans from {from}: an account, an address, or who said a line of chat (message_id); with a reason, for seconds or until it is lifted.");
        group.MapDelete("/{id:long}", (long id, HttpContext context, CallerFeature caller, BanDirectory bans) => LiftAsync(find, id, context, caller, bans))
            .WithSummary($"Lifts a ban from {from}.");
    }

    private static async Task<(BanScope Scope, IResult? Refusal)> RobotAsync(HttpContext context, CallerFeature caller)
    {
        var handle = (string)context.GetRouteValue("handle")!;
        var robot = await context.RequestServices.GetRequiredService<RobotDirectory>().FindByHandleAsync(handle);
        return (BanScope.OfRobot(handle), robot is null ? Problems.UnknownRobot() : OwnRobotEndpoints.Refuse(caller, robot));
    }

    private static Task<(BanScope Scope, IResult? Refusal)> OwnAsync(HttpContext context, CallerFeature caller) =>
        Task.FromResult((BanScope.OfOwner(caller.Caller.Account!.Name), (IResult?)null));

    private static Task<(BanScope Scope, IResult? Refusal)> SiteAsync(HttpContext context, CallerFeature caller) =>
        Task.FromResult((BanScope.Site, caller.Caller.Account!.IsAdministrator ? null : (IResult?)Problems.Forbidden("This is for administrators.")));

    private static async Task<IResult> ListAsync(FindScope find, HttpContext context, CallerFeature caller, BanDirectory bans)
    {
        var (scope, refusal) = await find(context, caller);
        if (refusal is not null)
        {
            return refusal;
        }

        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new BanList([.. (await bans.ListAsync(scope)).Select(ban => new BanView(ban))]));
    }

    private static async Task<IResult> MakeAsync(
        FindScope find, BanRequest request, HttpContext context, CallerFeature caller, BanDirectory bans, AccountDirectory accounts)
    {
        var (scope, refusal) = await find(context, caller);
        if (refusal is not null)
        {
            return refusal;
        }

        var (target, problem) = await TargetAsync(scope, request, bans, accounts);
        if (target is null)
        {
            return problem!;
        }

        try
        {
            // What is no number of seconds at all must not overflow.
            var duration = request.Seconds is { } seconds ? TimeSpan.FromSeconds(Math.Clamp(seconds, 0, TimeSpan.MaxValue.TotalSeconds / 2)) : (TimeSpan?)null;
            return await bans.MakeAsync(scope, target, request.Reason ?? "", duration, caller.Caller.Account!.Name) is { } ban
                ? TypedResults.Created($"{context.Request.Path}/{ban.Id}", new BanView(ban))
                : Problems.Conflict("There are as many bans as may be. Lift one first.");
        }
        catch (ArgumentException exception)
        {
            return Problems.Bad(exception);
        }
    }

    private static async Task<IResult> LiftAsync(FindScope find, long id, HttpContext context, CallerFeature caller, BanDirectory bans)
    {
        var (scope, refusal) = await find(context, caller);
        return refusal ?? (await bans.LiftAsync(scope, id) ? TypedResults.NoContent() : Problems.NotFound("There is no ban with this number here."));
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
