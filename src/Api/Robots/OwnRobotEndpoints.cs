using System.Text.Json;
using System.Text.Json.Serialization;

using LiveRobot.Api.Accounts;
using LiveRobot.Api.LookUps;
using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Sockets;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace LiveRobot.Api.Robots;

/// <summary>
/// What owners do with their robots. Settings may be changed with an API key too; credentials are for people who have
/// signed in. To others than the owner (and administrators) a robot that they may not watch is not there.
/// </summary>
internal static class OwnRobotEndpoints
{
    /// <summary>Control panels may be long.</summary>
    private const long MaxBodyBytes = 262_144;

    public static void MapOwnRobots(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/v1/robots").WithTags("Own robots").RequireAuthorization()
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes)).DisableAntiforgery();
        group.MapPost("/{robotId}", ChangeAsync)
            .WithSummary("Changes settings: a JSON object with the changed keys alone, as existing clients send it. The robot is told at once.");

        var people = endpoints.MapGroup("/api/v1/robots").WithTags("Own robots").RequireAuthorization(CallerAuthentication.SessionOnly)
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes)).DisableAntiforgery();
        people.MapPost("", AddAsync).WithSummary("Adds a robot with one camera: name, visibility. Its credentials are generated.");
        people.MapDelete("/{handle}", DeleteAsync).WithSummary("Deletes a robot with its cameras and its chat. Whoever is connected to it is cut off.");
        people.MapGet("/{handle}/credentials", CredentialsAsync).WithSummary("The robot-id and the stream keys: the secrets of the robot.");
        people.MapPost("/{handle}/credentials/robot-id", ReplaceRobotIdAsync).WithSummary("Replaces the robot-id. The old one stops working at once.");
        people.MapPost("/{handle}/credentials/robot-token", ReplaceRobotTokenAsync)
            .WithSummary("Makes a robot token, shown only now. An earlier one stops working at once.");
        people.MapPost("/{handle}/pairing-codes", PairAsync)
            .WithSummary("Makes a code that the robot's client exchanges once, within ten minutes, for all it needs. An earlier code stops working.");
        people.MapPost("/{handle}/cameras", AddCameraAsync).WithSummary("Adds a camera.");
        people.MapDelete("/{handle}/cameras/{cameraId:int}", DeleteCameraAsync).WithSummary("Takes a camera away. A robot keeps one.");
        people.MapPost("/{handle}/cameras/{cameraId:int}/stream-key", ReplaceStreamKeyAsync)
            .WithSummary("Replaces a camera's stream key. The old one stops working at once.");
        people.MapPost("/{handle}/viewing-tokens", ShareAsync).WithSummary("Makes a token with which anyone may watch: days, 1 to 365; with spectator, and send nothing.");
        people.MapDelete("/{handle}/viewing-tokens", WithdrawAsync).WithSummary("Makes all viewing tokens of the robot worthless. Whoever watches by one alone is cut off.");
        endpoints.MapGet("/api/v1/account/robots", ListAsync).WithTags("Own robots").RequireAuthorization()
            .WithSummary("One's own robots and their state now, those that are in no list too.");
    }

    private static async Task<RobotList> ListAsync(SignedIn caller, RobotDirectory robots, RobotPresence presence, HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        var now = await RobotNow.ReadAsync(await robots.ListOfOwnerAsync(caller.Account.Name), presence);
        return new RobotList([.. now.Select(robot => new RobotSummary(robot))]);
    }

    private static async Task<IResult> AddAsync(
        HttpRequest request,
        RequestFields fields,
        SignedIn caller,
        CallerFeature feature,
        RobotDirectory robots,
        RobotPresence presence,
        RobotSockets sockets,
        Advertised advertised,
        IOptions<AccountOptions> options)
    {
        if (fields.Problem is not null)
        {
            return fields.Problem;
        }

        if (!Enum.TryParse<Visibility>(fields["visibility"] ?? "public", ignoreCase: true, out var visibility) || !Enum.IsDefined(visibility))
        {
            return Problems.Bad("visibility: public, unlisted or private is expected.");
        }

        try
        {
            var robot = await robots.AddWithinAsync(fields["name"] ?? "", caller.Account.Name, visibility, options.Value.RobotsPerAccount);
            return robot is null
                ? Problems.Conflict("This account has as many robots as it may.")
                : TypedResults.Created($"{request.PathBase}/api/v1/robots/{robot.Handle}", await RobotDetails.ReadAsync(robot, presence, sockets, advertised, robot.Handle, feature.Caller));
        }
        catch (ArgumentException exception)
        {
            return Problems.Bad(exception);
        }
    }

    private static async Task<IResult> ChangeAsync(
        string robotId,
        HttpContext context,
        CallerFeature caller,
        RobotAccess access,
        RobotDirectory robots,
        RobotPresence presence,
        RobotSockets sockets,
        Advertised advertised,
        AccountDirectory accounts,
        IOptions<PanelOptions> panels)
    {
        if (await access.FindForOwnerAsync(robotId, caller.Caller, caller.Address) is not { } found)
        {
            return Problems.UnknownRobot();
        }

        if (Refuse(caller, found) is { } refusal)
        {
            return refusal;
        }

        try
        {
            using var settings = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            if (settings.RootElement.ValueKind != JsonValueKind.Object)
            {
                return Problems.Bad("The body is not a JSON object with the settings that are to change.");
            }

            // Read once before anything is stored, so that names can be looked up; then upon what is stored by now.
            var wanted = RobotSettingsRequest.Apply(found, settings.RootElement, panels.Value);
            foreach (var driver in wanted.Drivers.Except(found.Drivers))
            {
                if (await accounts.FindAsync(driver) is null)
                {
                    return Problems.Bad("drivers: there is no account of one of these names.");
                }
            }

            var robot = await robots.ChangeAsync(found.Handle, stored => RobotSettingsRequest.Apply(stored, settings.RootElement, panels.Value));
            context.Response.Headers.CacheControl = "no-store";
            return robot is null ? Problems.UnknownRobot() : TypedResults.Ok(await RobotDetails.ReadAsync(robot, presence, sockets, advertised, calledBy: robotId, caller.Caller));
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
    }

    private static Task<IResult> DeleteAsync(string handle, CallerFeature caller, RobotDirectory robots) =>
        ForOwnerAsync(handle, caller, robots, async _ => await robots.DeleteAsync(handle) ? TypedResults.NoContent() : Problems.UnknownRobot());

    private static Task<IResult> CredentialsAsync(string handle, CallerFeature caller, RobotDirectory robots, HttpResponse response) =>
        ForOwnerAsync(handle, caller, robots, async robot =>
        {
            response.Headers.CacheControl = "no-store";
            return TypedResults.Ok(new Credentials(robot.RobotId, robot.Handle, await CameraCredentials.ReadAsync(robot, robots)));
        });

    private static Task<IResult> ReplaceRobotIdAsync(string handle, CallerFeature caller, RobotDirectory robots, HttpResponse response) =>
        ForOwnerAsync(handle, caller, robots, async _ =>
        {
            response.Headers.CacheControl = "no-store";
            return await robots.ReplaceRobotIdAsync(handle) is { } robotId ? TypedResults.Ok(new NewRobotId(robotId)) : Problems.UnknownRobot();
        });

    private static Task<IResult> ReplaceRobotTokenAsync(string handle, CallerFeature caller, RobotDirectory robots, HttpResponse response) =>
        ForOwnerAsync(handle, caller, robots, async _ =>
        {
            response.Headers.CacheControl = "no-store";
            return await robots.ReplaceRobotTokenAsync(handle) is { } token ? TypedResults.Ok(new NewRobotToken(token)) : Problems.UnknownRobot();
        });

    private static Task<IResult> PairAsync(string handle, CallerFeature caller, RobotDirectory robots, PairingCodes codes, HttpResponse response) =>
        ForOwnerAsync(handle, caller, robots, async _ =>
        {
            response.Headers.CacheControl = "no-store";
            return await codes.IssueAsync(handle) is { } code ? TypedResults.Ok(new NewPairingCode(code.Code, code.ExpiresAt)) : Problems.UnknownRobot();
        });

    private static Task<IResult> AddCameraAsync(string handle, CallerFeature caller, RobotDirectory robots) =>
        ForOwnerAsync(handle, caller, robots, async _ => await robots.AddCameraAsync(handle) is { } camera
            ? TypedResults.Ok(new NewCamera(camera.CameraId))
            : Problems.Conflict($"A robot has at most {RobotDirectory.MaxCameras} cameras."));

    private static Task<IResult> DeleteCameraAsync(string handle, int cameraId, CallerFeature caller, RobotDirectory robots) =>
        ForOwnerAsync(handle, caller, robots, async robot => robot.Cameras.All(camera => camera.CameraId != cameraId) ? Problems.UnknownCamera()
            : await robots.DeleteCameraAsync(handle, cameraId) ? TypedResults.NoContent()
            : Problems.Conflict("A robot keeps one camera."));

    private static Task<IResult> ReplaceStreamKeyAsync(string handle, int cameraId, CallerFeature caller, RobotDirectory robots, HttpResponse response) =>
        ForOwnerAsync(handle, caller, robots, async robot =>
        {
            response.Headers.CacheControl = "no-store";
            return robot.Cameras.Any(camera => camera.CameraId == cameraId) && await robots.ReplaceStreamKeyAsync(cameraId) is { } streamKey
                ? TypedResults.Ok(new CameraCredentials(cameraId, streamKey))
                : Problems.UnknownCamera();
        });

    private static Task<IResult> ShareAsync(
        string handle, ShareRequest request, CallerFeature caller, RobotDirectory robots, ViewingTokens tokens, HttpResponse response) =>
        ForOwnerAsync(handle, caller, robots, async robot =>
        {
            if (request.Days is not (>= 1 and <= 365))
            {
                return Problems.Bad("days: a number from 1 to 365 is expected.");
            }

            response.Headers.CacheControl = "no-store";
            return TypedResults.Ok(new ViewingToken(await tokens.IssueAsync(robot.Handle, TimeSpan.FromDays(request.Days), request.ForSpectators)));
        });

    private static Task<IResult> WithdrawAsync(string handle, CallerFeature caller, RobotDirectory robots, ViewingTokens tokens) =>
        ForOwnerAsync(handle, caller, robots, async _ =>
        {
            await tokens.WithdrawAllAsync(handle);
            return TypedResults.NoContent();
        });

    /// <summary>Runs what only the owner may do.</summary>
    public static async Task<IResult> ForOwnerAsync(string handle, CallerFeature caller, RobotDirectory robots, Func<Robot, Task<IResult>> action) =>
        await robots.FindByHandleAsync(handle) is not { } robot ? Problems.UnknownRobot() : Refuse(caller, robot) ?? await action(robot);

    /// <summary>The answer to somebody whose robot this is not; null to its owner.</summary>
    public static ProblemHttpResult? Refuse(CallerFeature caller, Robot robot) =>
        caller.Caller.Owns(robot) ? null
        : robot.Visibility == Visibility.Private ? Problems.UnknownRobot()
        : Problems.Forbidden("This is not your robot.");

    private sealed record ShareRequest(
        [property: JsonPropertyName("days")] double Days,
        [property: JsonPropertyName("spectator")] bool ForSpectators);

    private sealed record ViewingToken([property: JsonPropertyName("token")] string Token);

    private sealed record NewRobotId([property: JsonPropertyName("robot_id")] string RobotId);

    private sealed record NewRobotToken([property: JsonPropertyName("robot_token")] string RobotToken);

    private sealed record NewPairingCode(
        [property: JsonPropertyName("code")] string Code,
        [property: JsonPropertyName("expires_at")] DateTimeOffset ExpiresAt);

    private sealed record NewCamera([property: JsonPropertyName("camera_id")] int CameraId);

    private sealed record Credentials(
        [property: JsonPropertyName("robot_id")] string RobotId,
        [property: JsonPropertyName("handle")] string Handle,
        [property: JsonPropertyName("cameras")] IReadOnlyList<CameraCredentials> Cameras);
}
