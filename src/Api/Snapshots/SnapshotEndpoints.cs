using System.Globalization;

using LiveRobot.Api.Accounts;
using LiveRobot.Platform.Robots;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace LiveRobot.Api.Snapshots;

/// <summary>Still pictures of robots.</summary>
internal static class SnapshotEndpoints
{
    private static readonly byte[] Placeholder = ReadPlaceholder();

    public static void MapSnapshots(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/images/thumbnails/{handle}.jpg", GetAsync).WithTags("Viewer app").WithSummary("The same as /snapshot/{handle}.jpg.")
            .Produces(StatusCodes.Status200OK, contentType: "image/jpeg");
        endpoints.MapGet("/snapshot/{handle}.jpg", GetAsync)
            .WithTags("Robots")
            .WithSummary("What the robot sees: a JPEG of the last keyframe of its first camera, or of another with camera_id, or a placeholder. A private robot wants its owner or a viewing token.")
            .Produces(StatusCodes.Status200OK, contentType: "image/jpeg");
    }

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> GetAsync(
        string handle,
        string? token,
        [FromQuery(Name = "camera_id")] int? cameraId,
        CallerFeature caller,
        RobotAccess robots,
        SnapshotCache pictures,
        IOptions<SnapshotOptions> options,
        HttpResponse response)
    {
        var found = await robots.FindForViewerAsync(handle, token, caller.Caller, caller.Address);
        if (found.Robot is not { } robot)
        {
            return Problems.Of(found);
        }

        var camera = cameraId is null ? robot.Cameras[0] : robot.Cameras.FirstOrDefault(camera => camera.CameraId == cameraId);
        if (camera is null)
        {
            return Problems.UnknownCamera();
        }

        var picture = await pictures.GetAsync(robot, camera);
        response.Headers.CacheControl = robot.Visibility == Visibility.Private
            ? "no-store"
            : string.Create(CultureInfo.InvariantCulture, $"public, max-age={(int)options.Value.Lifetime.TotalSeconds}");
        return TypedResults.File(picture ?? Placeholder, "image/jpeg");
    }

    private static byte[] ReadPlaceholder()
    {
        using var resource = typeof(SnapshotEndpoints).Assembly.GetManifestResourceStream("placeholder.jpg")!;
        var jpeg = new byte[resource.Length];
        resource.ReadExactly(jpeg);
        return jpeg;
    }
}
