using System.Text.Json.Serialization;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Robots;

using Microsoft.AspNetCore.Mvc;

namespace LiveRobot.Api.Accounts;

/// <summary>Following robots, as the existing viewer app does it.</summary>
internal static class SubscriptionEndpoints
{
    private const long MaxBodyBytes = 4_096;

    public static void MapSubscriptions(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/v1/accounts").WithTags("Own account").RequireAuthorization(CallerAuthentication.SessionOnly)
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes)).DisableAntiforgery();
        group.MapPost("/subscribe", SubscribeAsync).WithSummary("Follows a robot: robot_id, its handle.");
        group.MapPost("/unsubscribe", UnsubscribeAsync).WithSummary("Follows it no longer.");
    }

    private static Task<IResult> SubscribeAsync(
        RequestFields fields, string? token, SignedIn caller, HttpContext context, RobotAccess access, Subscriptions subscriptions) =>
        ChangeAsync(fields, token, caller, context, access, subscriptions, subscriptions.SubscribeAsync);

    private static Task<IResult> UnsubscribeAsync(
        RequestFields fields, string? token, SignedIn caller, HttpContext context, RobotAccess access, Subscriptions subscriptions) =>
        ChangeAsync(fields, token, caller, context, access, subscriptions, async (account, robot) =>
        {
            await subscriptions.UnsubscribeAsync(account, robot);
            return true;
        });

    private static async Task<IResult> ChangeAsync(
        RequestFields fields,
        string? token,
        SignedIn caller,
        HttpContext context,
        RobotAccess access,
        Subscriptions subscriptions,
        Func<Account, Robot, Task<bool>> change)
    {
        if (fields.Problem is not null)
        {
            return fields.Problem;
        }

        var found = await access.FindForViewerAsync(
            fields["robot_id"] ?? "", token, new Caller(caller.Account, CallerProof.Session), context.Connection.RemoteIpAddress);
        if (found.Robot is not { } robot)
        {
            return Problems.Of(found);
        }

        if (subscriptions.Take(caller.Account) is { } wait)
        {
            return Problems.TooMany(context, wait, "Subscriptions change too often.");
        }

        return await change(caller.Account, robot)
            ? TypedResults.Ok(new SubscriptionAnswer(robot.Handle))
            : Problems.ForApps(StatusCodes.Status409Conflict, "This account follows as many robots as it may.");
    }

    private sealed record SubscriptionAnswer([property: JsonPropertyName("robot_id")] string RobotId);
}
