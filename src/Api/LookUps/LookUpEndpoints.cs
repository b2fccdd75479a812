using System.Text.Json.Serialization;

using LiveRobot.Api.Accounts;
using LiveRobot.Platform.Robots;

using Microsoft.AspNetCore.Http.HttpResults;

namespace LiveRobot.Api.LookUps;

/// <summary>The look-ups with which robots find their sockets and the relay, at the paths of the LetsRobot API document.</summary>
/// <remarks>
/// Robots ask for the relay with nothing but their camera-id, whoever may watch them; so those answers are the same for
/// every camera of a slot and tell nothing more of its robot.
/// </remarks>
internal static class LookUpEndpoints
{
    public static void MapLookUps(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Look-ups");
        group.MapGet("/get_control_host_port/{robotId}", ControlHostPort)
            .WithSummary("Where the robot's control socket is. The query version=2 of newer clients changes nothing.");
        group.MapGet("/get_chat_host_port/{robotId}", ChatHostPort).WithSummary("Where the robot's chat socket is.");
        group.MapGet("/get_status_host_port/{robotId}", StatusHostPort).WithSummary("Where the robot's status socket is. Existing clients have port 8022 built in.");
        group.MapGet("/get_websocket_relay_host/{cameraId:int}", RelayHost).WithSummary("The relay that takes the camera's stream.");
        group.MapGet("/get_video_port/{cameraId:int}", VideoPort).WithSummary("The relay's port for video.");
        group.MapGet("/get_audio_port/{cameraId:int}", AudioPort).WithSummary("The relay's port for audio.");
        group.MapGet("/get_robot_owner/{robotId}", RobotOwner).WithSummary("The name of the robot's owner.");
        group.MapGet("/get_wifi_login/{secret}", WifiLogin)
            .WithSummary("The Wi-Fi login that the robot's owner has left for it, the same until the owner changes it or it ends; else 404.");
        group.MapGet("/get_robot_id/{cameraId:int}", RobotIdOfCamera)
            .WithSummary("The public robot that the camera belongs to, by its handle: a camera-id is public and opens no credential.");
    }

    private static async Task<Results<Ok<WifiLogin>, ProblemHttpResult>> WifiLogin(string secret, WifiLogins logins, HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        return await logins.FindAsync(secret) is { } login ? TypedResults.Ok(login) : Problems.NotFound("There is no Wi-Fi login for this secret.");
    }

    private static Task<Results<Ok<HostPort>, ProblemHttpResult>> ControlHostPort(
        string robotId, string? token, CallerFeature caller, RobotAccess robots, Advertised advertised, HttpRequest request) =>
        ForRobotAsync(robotId, token, caller, robots, request, robot => advertised.Control(request, robot));

    private static Task<Results<Ok<HostPort>, ProblemHttpResult>> ChatHostPort(
        string robotId, string? token, CallerFeature caller, RobotAccess robots, Advertised advertised, HttpRequest request) =>
        ForRobotAsync(robotId, token, caller, robots, request, robot => advertised.Chat(request, robot));

    private static Task<Results<Ok<HostPort>, ProblemHttpResult>> StatusHostPort(
        string robotId, string? token, CallerFeature caller, RobotAccess robots, Advertised advertised, HttpRequest request) =>
        ForRobotAsync(robotId, token, caller, robots, request, _ => advertised.Status(request));

    private static async Task<Results<Ok<RelayHost>, ProblemHttpResult>> RelayHost(
        int cameraId, RobotDirectory robots, Advertised advertised, HttpRequest request) =>
        await robots.FindCameraAsync(cameraId) is { } camera ? TypedResults.Ok(advertised.Relay(request, camera)) : Problems.UnknownCamera();

    private static async Task<Results<Ok<VideoPort>, ProblemHttpResult>> VideoPort(
        int cameraId, RobotDirectory robots, Advertised advertised) =>
        await robots.FindCameraAsync(cameraId) is { } camera ? TypedResults.Ok(advertised.Video(camera)) : Problems.UnknownCamera();

    private static async Task<Results<Ok<AudioPort>, ProblemHttpResult>> AudioPort(
        int cameraId, RobotDirectory robots, Advertised advertised) =>
        await robots.FindCameraAsync(cameraId) is { } camera ? TypedResults.Ok(advertised.Audio(camera)) : Problems.UnknownCamera();

    private static Task<Results<Ok<OwnerName>, ProblemHttpResult>> RobotOwner(
        string robotId, string? token, CallerFeature caller, RobotAccess robots, HttpRequest request) =>
        ForRobotAsync(robotId, token, caller, robots, request, robot => new OwnerName(robot.Owner));

    private static async Task<Results<Ok<TAnswer>, ProblemHttpResult>> ForRobotAsync<TAnswer>(
        string robotId, string? token, CallerFeature caller, RobotAccess robots, HttpRequest request, Func<Robot, TAnswer> answer)
    {
        var identity = await robots.FindAsync(robotId, token, caller.Caller, RobotApproach.Of(request));
        return identity.Robot is { } robot ? TypedResults.Ok(answer(robot)) : Problems.Of(identity);
    }

    private static async Task<Results<Ok<RobotName>, ProblemHttpResult>> RobotIdOfCamera(int cameraId, RobotAccess robots) =>
        await robots.FindByCameraAsync(cameraId) is { } robot ? TypedResults.Ok(new RobotName(robot.Handle)) : Problems.UnknownCamera();

    private sealed record OwnerName([property: JsonPropertyName("owner")] string Owner);

    private sealed record RobotName([property: JsonPropertyName("robot_id")] string RobotId);
}
