using System.Globalization;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Robots;

namespace LiveRobot.VideoRelay.Viewers;

/// <summary>Finds the camera that a request names, <c>/{handle}</c> or <c>/{handle}/{camera_id}</c>, for who may watch it.</summary>
internal sealed class WatchedCameras(RobotAccess robots, RobotDirectory directory, Visitors visitors)
{
    /// <summary>What is said otherwise: nobody learns whether there is what he may not see.</summary>
    public const string NoSuchCamera = "There is no such robot or camera.";

    /// <summary>Takes in who sends a request, for as long as it lasts.</summary>
    public Visitor Open(HttpContext context) => visitors.Open(OpeningRequest.Of(context.Request));

    /// <summary>Reads the names in the path of a request.</summary>
    public static (string Handle, string? CameraId) NamesIn(HttpContext context) =>
        ((string)context.GetRouteValue("handle")!, (string?)context.GetRouteValue("cameraId"));

    /// <summary>Finds the camera, the robot's first when none is named; null when there is none that the visitor may watch.</summary>
    public async Task<Camera?> FindAsync((string Handle, string? CameraId) names, Visitor visitor) =>
        Choose((await robots.FindForViewerAsync(names.Handle, visitor)).Robot, names.CameraId);

    /// <summary>Finds the camera for another relay, which looks itself to who may watch; null when there is none.</summary>
    public async Task<Camera?> FindForEdgeAsync((string Handle, string? CameraId) names) =>
        Choose(await directory.FindByHandleAsync(names.Handle), names.CameraId);

    private static Camera? Choose(Robot? robot, string? cameraId) => cameraId switch
    {
        null => robot?.Cameras.Count > 0 ? robot.Cameras[0] : null,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) =>
            robot?.Cameras.FirstOrDefault(camera => camera.CameraId == number),
        _ => null,
    };
}
