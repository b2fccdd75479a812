using LiveRobot.VideoRelay.Feeds;

namespace LiveRobot.VideoRelay.Viewers;

/// <summary>Serves the last keyframe of a camera to who may watch it: of what still pictures are made.</summary>
internal sealed class KeyframeEndpoint(WatchedCameras cameras, FeedDirectory feeds)
{
    public async Task ServeAsync(HttpContext context)
    {
        using var visitor = cameras.Open(context);
        var camera = await cameras.FindAsync(WatchedCameras.NamesIn(context), visitor);
        var keyframe = camera is null ? null : feeds.Keyframe(camera.CameraId);
        context.Response.Headers.CacheControl = "no-store";
        await (keyframe is not null ? Results.Bytes(keyframe, "video/mp2t")
            : Results.Problem(
                camera is null ? WatchedCameras.NoSuchCamera : "There is no picture.",
                statusCode: StatusCodes.Status404NotFound))
            .ExecuteAsync(context);
    }
}
