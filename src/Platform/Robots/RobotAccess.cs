using LiveRobot.Platform.Accounts;

namespace LiveRobot.Platform.Robots;

/// <summary>Finds robots for those who may know of them. To all others, a robot that they may not watch is not there.</summary>
public sealed class RobotAccess(RobotDirectory robots, ViewingTokens tokens)
{
    /// <summary>Finds a robot by its handle for a viewer who shows a viewing token, or none, and may have signed in.</summary>
    public async Task<Robot?> FindForViewerAsync(string handle, string? token, Caller? caller = null) =>
        await robots.FindByHandleAsync(handle) is { } robot
        && (robot.Visibility != Visibility.Private || caller?.Owns(robot) == true || await tokens.IsValidAsync(handle, token))
            ? robot
            : null;

    /// <summary>Finds a robot by its robot-id, which itself shows a right, or for a viewer by its handle.</summary>
    public async Task<Robot?> FindAsync(string robotIdOrHandle, string? token, Caller? caller = null) =>
        await robots.FindByRobotIdAsync(robotIdOrHandle) ?? await FindForViewerAsync(robotIdOrHandle, token, caller);

    /// <summary>Finds the robot of a camera's number. Numbers can be counted through, so they lead to public robots only.</summary>
    public async Task<Robot?> FindByCameraAsync(int cameraId) =>
        await robots.FindCameraAsync(cameraId) is { } camera
        && await robots.FindByHandleAsync(camera.Handle) is { Visibility: Visibility.Public } robot
            ? robot
            : null;
}
