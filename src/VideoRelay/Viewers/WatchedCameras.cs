using System.Globalization;

using LiveRobot.Platform.Robots;

namespace LiveRobot.VideoRelay.Viewers;

/// <summary>Finds the camera that a request names, <c>/{handle}</c> or <c>/{handle}/{camera_id}</c>, for who may watch it.</summary>
internal sealed class WatchedCameras(RobotAccess robots)
{
    /// <summary>What is said otherwise: nobody learns whether there is what he may not see.</summary>
    public const string NoSuchCamera = "There is no such robot or camera.";

    /// <summary>Finds the camera, the robot's first when none is named; null when there is none that the caller may watch.</summary>
    public async Task<Camera?> FindAsync(HttpContext context)
    {
        var handle = (string)context.GetRouteValue("handle")!;
        if (await robots.FindForViewerAsync(handle, context.Request.Query[ViewingTokens.QueryName]) is not { } robot)
        {
            return null;
        }

        return context.GetRouteValue("cameraId") switch
        {
            null => robot.Cameras.Count > 0 ? robot.Cameras[0] : null,
            string text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) =>
                robot.Cameras.FirstOrDefault(camera => camera.CameraId == number),
            _ => null,
        };
    }
}
