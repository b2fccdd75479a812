using System.Text.Json.Serialization;

using LiveRobot.Api.Accounts;
using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;

using Microsoft.AspNetCore.Mvc;

namespace LiveRobot.Api.Robots;

/// <summary>The button with which an owner who has signed in has a robot open a reverse SSH tunnel, where to is the robot's business.</summary>
internal static class ReverseSshEndpoints
{
    private const long MaxBodyBytes = 4_096;

    public static void MapReverseSsh(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/api/v1/robots/{handle}/reverse_ssh", SwitchAsync).WithTags("Own robots").RequireAuthorization(CallerAuthentication.SessionOnly)
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes)).DisableAntiforgery()
            .WithSummary("Tells the robot to open its reverse SSH tunnel, or to close it: on. Only a robot that is connected and has said that it accepts this.");

    private static Task<IResult> SwitchAsync(
        string handle, ReverseSshRequest request, CallerFeature caller, RobotDirectory robots, RobotPresence presence, IBus bus) =>
        OwnRobotEndpoints.ForOwnerAsync(handle, caller, robots, async _ =>
        {
            if (!await presence.AcceptsReverseSshAsync(handle))
            {
                return Problems.Conflict("No robot is connected that accepts reverse SSH.");
            }

            bus.Publish(new ReverseSshSwitched(handle, request.IsOn));
            return TypedResults.NoContent();
        });

    private sealed record ReverseSshRequest([property: JsonPropertyName("on"), JsonRequired] bool IsOn);
}
