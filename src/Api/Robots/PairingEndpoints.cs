using System.Text.Json.Serialization;

using LiveRobot.Api.Accounts;
using LiveRobot.Platform.Robots;

using Microsoft.AspNetCore.Mvc;

namespace LiveRobot.Api.Robots;

/// <summary>Where a robot's client exchanges a pairing code for everything it needs.</summary>
internal static class PairingEndpoints
{
    /// <summary>A code is short.</summary>
    private const long MaxBodyBytes = 4_096;

    public static void MapPairing(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/api/v1/pair", PairAsync)
            .WithTags("Robots")
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes))
            .DisableAntiforgery()
            .WithSummary("Exchanges a pairing code, once, for the robot-id, the stream keys and a new robot token. JSON or form.");

    private static async Task<IResult> PairAsync(RequestFields fields, HttpContext context, PairingCodes codes, RobotDirectory robots)
    {
        if (fields.Problem is not null)
        {
            return fields.Problem;
        }

        if (fields["code"] is not { } code)
        {
            return Problems.Bad("Pairing takes the text code.");
        }

        var outcome = await codes.ExchangeAsync(code, context.Connection.RemoteIpAddress);
        if (outcome.Wait is { } wait)
        {
            return Problems.TooMany(context, wait, "Too many wrong pairing codes came from this address.");
        }

        // One answer to all that is wrong: whoever guesses learns nothing of codes that were.
        if (outcome.Paired is not { } paired)
        {
            return Problems.NotFound("This is not a pairing code, or it was used, or it is too old.");
        }

        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new PairedAnswer(
            paired.Robot.RobotId, paired.RobotToken, paired.Robot.Handle, paired.Robot.Name, await CameraCredentials.ReadAsync(paired.Robot, robots)));
    }

    private sealed record PairedAnswer(
        [property: JsonPropertyName("robot_id")] string RobotId,
        [property: JsonPropertyName("robot_token")] string RobotToken,
        [property: JsonPropertyName("handle")] string Handle,
        [property: JsonPropertyName("robot_name")] string RobotName,
        [property: JsonPropertyName("cameras")] IReadOnlyList<CameraCredentials> Cameras);
}

/// <summary>A camera with its secret stream key.</summary>
internal sealed record CameraCredentials(
    [property: JsonPropertyName("camera_id")] int CameraId,
    [property: JsonPropertyName("stream_key")] string StreamKey)
{
    public static async Task<IReadOnlyList<CameraCredentials>> ReadAsync(Robot robot, RobotDirectory robots)
    {
        var cameras = new List<CameraCredentials>();
        foreach (var camera in robot.Cameras)
        {
            cameras.Add(new CameraCredentials(camera.CameraId, await robots.StreamKeyAsync(camera.CameraId)));
        }

        return cameras;
    }
}
