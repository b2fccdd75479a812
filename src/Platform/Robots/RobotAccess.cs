using System.Net;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Limits;

using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Robots;

/// <summary>Finds robots for those who may know of them. To all others, a robot that they may not watch is not there.</summary>
public sealed class RobotAccess(RobotDirectory robots, ViewingTokens tokens, IOptions<RobotAccessOptions> options, TimeProvider clock)
{
    private readonly KeyedRate _unknownIds = new(options.Value.UnknownIds, options.Value.UnknownIdInterval, clock);

    /// <summary>
    /// Finds a robot by its robot-id, which somebody at an address gives. Whoever has given too many that nobody has is
    /// answered slowly, whether the next is right or wrong.
    /// </summary>
    public async Task<Robot?> FindByRobotIdAsync(string robotId, IPAddress? address)
    {
        // What is no number, a handle for one, is no guess.
        if (robotId.Length == 0 || !robotId.All(char.IsAsciiDigit))
        {
            return null;
        }

        var key = AddressRange.Of(address).ToString();
        if (_unknownIds.Wait(key) is not null)
        {
            await Task.Delay(options.Value.UnknownIdDelay, clock);
        }

        var robot = await robots.FindByRobotIdAsync(robotId);
        if (robot is null)
        {
            _unknownIds.Take(key);
        }

        return robot;
    }

    /// <summary>Finds a robot by its robot-id for somebody on a connection, which is reviewed from now on when the robot changes.</summary>
    public async Task<Robot?> FindByRobotIdAsync(string robotId, IPAddress address, Visitor visitor)
    {
        var robot = await FindByRobotIdAsync(robotId, address);

        // A change between reading and following would have gone by unseen.
        return robot is not null && visitor.Follow(robot.Handle) ? await robots.FindByRobotIdAsync(robotId) : robot;
    }

    /// <summary>Finds a robot by its handle for somebody on a connection, which is reviewed from now on when the robot changes.</summary>
    public async Task<Robot?> FindForViewerAsync(string handle, Visitor visitor)
    {
        var robot = await FindForViewerAsync(handle, visitor.ViewingToken, await visitor.CallerAsync());
        return robot is not null && visitor.Follow(handle)
            ? await FindForViewerAsync(handle, visitor.ViewingToken, await visitor.CallerAsync())
            : robot;
    }

    /// <summary>Finds a robot by its handle for a viewer who shows a viewing token, or none, and may have signed in.</summary>
    public async Task<Robot?> FindForViewerAsync(string handle, string? token, Caller? caller = null) =>
        await robots.FindByHandleAsync(handle) is { } robot
        && (robot.Visibility != Visibility.Private || caller?.Owns(robot) == true || await tokens.IsValidAsync(handle, token))
            ? robot
            : null;

    /// <summary>Finds a robot by its robot-id, which itself shows a right, or for a viewer by its handle.</summary>
    public async Task<Robot?> FindAsync(string robotIdOrHandle, string? token, Caller? caller, IPAddress? address) =>
        await FindByRobotIdAsync(robotIdOrHandle, address) ?? await FindForViewerAsync(robotIdOrHandle, token, caller);

    /// <summary>Finds the robot of a camera's number. Numbers can be counted through, so they lead to public robots only.</summary>
    public async Task<Robot?> FindByCameraAsync(int cameraId) =>
        await robots.FindCameraAsync(cameraId) is { } camera
        && await robots.FindByHandleAsync(camera.Handle) is { Visibility: Visibility.Public } robot
            ? robot
            : null;
}
