using LiveRobot.Api.Accounts;
using LiveRobot.Api.LookUps;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Sockets;

using Microsoft.AspNetCore.Http.HttpResults;

namespace LiveRobot.Api.Robots;

/// <summary>Robots: their list, and one with its settings.</summary>
internal static class RobotEndpoints
{
    public static void MapRobots(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/v1/robots").WithTags("Robots");
        group.MapGet("", ListAsync).WithSummary("All public robots and their state now.");
        group.MapGet("/{robotId}", GetAsync).WithSummary("One robot, by its robot-id or its handle, with its settings. By its handle, a private robot wants a viewing token.");
    }

    private static async Task<Ok<RobotList>> ListAsync(RobotDirectory robots, RobotPresence presence)
    {
        var now = await RobotNow.ReadAsync(await robots.ListPublicAsync(), presence);
        return TypedResults.Ok(new RobotList([.. now.Select(robot => new RobotSummary(robot))]));
    }

    private static async Task<Results<Ok<RobotDetails>, ProblemHttpResult>> GetAsync(
        string robotId, string? token, CallerFeature caller, RobotAccess robots, RobotPresence presence, RobotSockets sockets, Advertised advertised, HttpRequest request, HttpResponse response)
    {
        var identity = await robots.FindAsync(robotId, token, caller.Caller, RobotApproach.Of(request));
        if (identity.Robot is not { } robot)
        {
            return Problems.Of(identity);
        }

        // The answer to a robot repeats its robot-id, which is a credential.
        response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(await RobotDetails.ReadAsync(robot, presence, sockets, advertised, calledBy: robotId, caller.Caller));
    }
}
