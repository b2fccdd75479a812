using System.Text.Json.Serialization;

using LiveRobot.Api.Accounts;
using LiveRobot.Api.Robots;
using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Limits;
using LiveRobot.Platform.Robots;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace LiveRobot.Api.Snapshots;

/// <summary>Pictures with a caption that viewers take, as the existing viewer app does it.</summary>
internal static class ViewerSnapshotEndpoints
{
    /// <summary>How the existing viewer app sends a picture (RFC 2397).</summary>
    private const string DataUrlPrefix = "data:image/jpeg;base64,";

    private static readonly byte[] JpegBegin = [0xFF, 0xD8, 0xFF];
    private static readonly byte[] JpegEnd = [0xFF, 0xD9];

    public static void MapViewerSnapshots(this IEndpointRouteBuilder endpoints)
    {
        // In base64 a picture takes a third more, and in a form '+' and '/' three characters instead of one.
        var maxBytes = endpoints.ServiceProvider.GetRequiredService<IOptions<SnapshotOptions>>().Value.MaxTakenBytes;
        endpoints.MapPost("/api/v1/snapshots", TakeAsync).WithTags("Snapshots").RequireAuthorization(CallerAuthentication.SessionOnly)
            .WithMetadata(new RequestSizeLimitAttribute((maxBytes * 2L) + 16_384)).DisableAntiforgery()
            .WithSummary("Keeps a picture of a robot with a caption: robot_id, caption, image (a JPEG as a data: URL; without one, what the robot sees now).");
        endpoints.MapGet("/api/v1/snapshots/robot/{handle}", ListAsync).WithTags("Snapshots").WithSummary("The pictures that viewers took of a robot, the newest first.");
        endpoints.MapDelete("/api/v1/snapshots/{snapshotId}", DeleteAsync).WithTags("Snapshots").RequireAuthorization(CallerAuthentication.SessionOnly)
            .WithSummary("Deletes a picture: who took it, and the robot's owner.");
        endpoints.MapGet("/snapshots/{snapshotId}.jpg", PictureAsync).WithTags("Snapshots").WithSummary("One of those pictures.")
            .Produces(StatusCodes.Status200OK, contentType: "image/jpeg");
    }

    private static async Task<IResult> TakeAsync(
        RequestFields fields,
        string? token,
        SignedIn caller,
        HttpContext context,
        RobotAccess access,
        ViewerSnapshots snapshots,
        SnapshotCache pictures,
        SnapshotRate rate,
        IOptions<SnapshotOptions> options)
    {
        if (fields.Problem is not null)
        {
            return fields.Problem;
        }

        if (ViewingTokens.IsForSpectators(token))
        {
            return Problems.Forbidden("By this link you watch and send nothing.");
        }

        var found = await access.FindForViewerAsync(
            fields["robot_id"] ?? "", token, new Caller(caller.Account, CallerProof.Session), context.Connection.RemoteIpAddress);
        if (found.Robot is not { } robot)
        {
            return Problems.Of(found);
        }

        if (rate.Take(caller.Account) is { } wait)
        {
            return Problems.TooMany(context, wait, "You take pictures too fast.");
        }

        var image = fields["image"] is { Length: > 0 } sent ? Read(sent, options.Value.MaxTakenBytes) : await pictures.GetAsync(robot, robot.Cameras[0]);
        if (image is null)
        {
            return fields["image"] is { Length: > 0 }
                ? Problems.ForApps(StatusCodes.Status400BadRequest, $"image: a JPEG of at most {options.Value.MaxTakenBytes} bytes as a data: URL is expected.")
                : Problems.ForApps(StatusCodes.Status409Conflict, "The robot sends no picture now.");
        }

        try
        {
            var taken = await snapshots.AddAsync(robot, caller.Account, fields["caption"] ?? "", image, options.Value.TakenKept);
            return TypedResults.Ok(new SnapshotView(taken, context.Request));
        }
        catch (ArgumentException exception)
        {
            return Problems.ForApps(StatusCodes.Status400BadRequest, Problems.TextOf(exception));
        }
    }

    private static async Task<IResult> ListAsync(
        string handle, string? token, CallerFeature caller, RobotAccess access, ViewerSnapshots snapshots, HttpRequest request, HttpResponse response)
    {
        var found = await access.FindForViewerAsync(handle, token, caller.Caller, caller.Address);
        if (found.Robot is not { } robot)
        {
            return Problems.Of(found);
        }

        response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new SnapshotList([.. (await snapshots.OfRobotAsync(robot.Handle)).Select(snapshot => new SnapshotView(snapshot, request))]));
    }

    private static async Task<IResult> PictureAsync(
        string snapshotId, string? token, CallerFeature caller, RobotAccess access, ViewerSnapshots snapshots, HttpResponse response)
    {
        if (await snapshots.FindAsync(snapshotId) is not { } snapshot
            || (await access.FindForViewerAsync(snapshot.Handle, token, caller.Caller, caller.Address)).Robot is not { } robot
            || await snapshots.PictureAsync(snapshotId) is not { } picture)
        {
            return UnknownSnapshot();
        }

        // Kept, but asked for each time: who may no longer watch is not shown it once more.
        response.Headers.CacheControl = robot.Visibility == Visibility.Private ? "no-store" : "private, no-cache";
        return TypedResults.File(picture, "image/jpeg", entityTag: new EntityTagHeaderValue($"\"{snapshotId}\""));
    }

    private static async Task<IResult> DeleteAsync(string snapshotId, SignedIn caller, CallerFeature feature, RobotDirectory robots, ViewerSnapshots snapshots)
    {
        if (await snapshots.FindAsync(snapshotId) is not { } snapshot || await robots.FindByHandleAsync(snapshot.Handle) is not { } robot)
        {
            return UnknownSnapshot();
        }

        if (snapshot.Username != caller.Account.Name && OwnRobotEndpoints.Refuse(feature, robot) is { } refusal)
        {
            return refusal;
        }

        await snapshots.DeleteAsync(snapshotId);
        return TypedResults.NoContent();
    }

    private static ProblemHttpResult UnknownSnapshot() => Problems.NotFound("There is no such picture.");

    /// <summary>Reads a data: URL; null when it is none, too long, or no JPEG.</summary>
    private static byte[]? Read(string image, int maxBytes)
    {
        if (!image.StartsWith(DataUrlPrefix, StringComparison.Ordinal))
        {
            return null;
        }

        var text = image.AsSpan(DataUrlPrefix.Length);
        var picture = new byte[text.Length * 3L / 4];
        return Convert.TryFromBase64Chars(text, picture, out var length) && length <= maxBytes
            && picture.AsSpan(0, length) is var jpeg && jpeg.StartsWith(JpegBegin) && jpeg.EndsWith(JpegEnd)
            ? picture[..length]
            : null;
    }

    private sealed record SnapshotList([property: JsonPropertyName("snapshots")] IReadOnlyList<SnapshotView> Snapshots);

    private sealed class SnapshotView(ViewerSnapshot snapshot, HttpRequest request)
    {
        [JsonPropertyName("snapshot_id")]
        public string SnapshotId { get; } = snapshot.SnapshotId;

        [JsonPropertyName("username")]
        public string Username { get; } = snapshot.Username;

        [JsonPropertyName("caption")]
        public string Caption { get; } = snapshot.Caption;

        [JsonPropertyName("url")]
        public string Url { get; } = $"{request.Scheme}://{request.Host}{request.PathBase}/snapshots/{snapshot.SnapshotId}.jpg";

        [JsonPropertyName("robot_name")]
        public string RobotName { get; } = snapshot.RobotName;

        [JsonPropertyName("taken_at")]
        public DateTimeOffset TakenAt { get; } = snapshot.TakenAt;
    }
}

/// <summary>How often somebody may take a picture.</summary>
internal sealed class SnapshotRate(IOptions<SnapshotOptions> options, TimeProvider clock)
{
    private readonly KeyedRate _taken = new(options.Value.TakenAtOnce, options.Value.TakenInterval, clock);

    /// <summary>Counts a picture. Null when it may be taken; else how long to wait.</summary>
    public TimeSpan? Take(Account account) => _taken.Take(account.Name);
}
