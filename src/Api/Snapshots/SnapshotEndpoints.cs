using System.Globalization;

using LiveRobot.Platform.Robots;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace LiveRobot.Api.Snapshots;

/// <summary>Still pictures of robots.</summary>
internal static class SnapshotEndpoints
{
    private static readonly byte[] Placeholder = ReadPlaceholder();

    public static void MapSnapshots(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/snapshot/{handle}.jpg", GetAsync)
            .WithTags("Robots")
            .WithSummary("What the robot sees: a JPEG of the last keyframe, or a placeholder. A private robot wants a viewing token.")
            .Produces(StatusCodes.Status200OK, contentType: "image/jpeg");

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> GetAsync(
        string handle, string? token, RobotAccess robots, SnapshotCache pictures, IOptions<SnapshotOptions> options, HttpResponse response)
    {
        if (await robots.FindForViewerAsync(handle, token) is not { } robot)
        {
            return Problems.UnknownRobot();
        }

        var picture = await pictures.GetAsync(robot);
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
