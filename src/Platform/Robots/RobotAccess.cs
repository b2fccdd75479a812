using System.Net;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Limits;
using LiveRobot.Platform.Presence;

using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Robots;

/// <summary>Finds robots for those who may know of them. To all others, a robot that they may not watch is not there.</summary>
public sealed class RobotAccess(
    RobotDirectory robots, ViewingTokens tokens, BanDirectory bans, RobotPresence presence, IOptions<RobotAccessOptions> options, TimeProvider clock)
    : IDisposable
{
    /// <summary>Each is for some of all addresses.</summary>
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1))];

    private readonly KeyedRate _unknownIds = new(options.Value.UnknownIds, options.Value.UnknownIdInterval, clock);

    /// <summary>
    /// Takes a robot-id that somebody gives. Whoever has given too many that nobody has is answered slowly, whether the
    /// next is right or wrong. Where the owner has restricted the bare robot-id (<see cref="BareIdRule"/>), it opens
    /// nothing by itself; then the owner is told that somebody was refused.
    /// </summary>
    public async Task<RobotIdentity> IdentifyAsync(string robotId, RobotApproach approach)
    {
        // What is no number, a handle for one, is no guess.
        if (!MayBeRobotId(robotId) || await FindByRobotIdAsync(robotId, approach.Address, _ => true) is not { } robot)
        {
            return RobotIdentity.Unknown;
        }

        if (await RefusesAsync(robot, approach) is { } refusal)
        {
            await presence.RobotRefusedAsync(robot.Handle, new RefusedRobot(refusal.Code, $"{approach.Address}", clock.GetUtcNow()));
            return new RobotIdentity(null, refusal);
        }

        return new RobotIdentity(robot, null);
    }

    /// <summary>The same for somebody on a connection, which is reviewed from now on when the robot changes.</summary>
    public async Task<RobotIdentity> IdentifyAsync(string robotId, Visitor visitor)
    {
        var identity = await IdentifyAsync(robotId, visitor.Approach);

        // A change between reading and following would have gone by unseen.
        return identity.Robot is { } robot && visitor.Follow(robot.Handle) && !await IsStillAsync(robotId, visitor) ? RobotIdentity.Unknown : identity;
    }

    /// <summary>Tells whether somebody who came in by a robot-id would be let in by it now.</summary>
    public async Task<bool> IsStillAsync(string robotId, Visitor visitor) =>
        await robots.FindByRobotIdAsync(robotId) is { } robot && await RefusesAsync(robot, visitor.Approach) is null;

    /// <summary>Finds a robot by its handle for somebody on a connection, which is reviewed from now on when the robot changes.</summary>
    public async Task<RobotIdentity> FindForViewerAsync(string handle, Visitor visitor)
    {
        var found = await FindAsync();
        return found.Robot is not null && visitor.Follow(handle) ? await FindAsync() : found;

        async Task<RobotIdentity> FindAsync() =>
            await FindForViewerAsync(handle, visitor.ViewingToken, await visitor.CallerAsync(), visitor.Approach.Address);
    }

    /// <summary>Finds a robot by its handle for a viewer who shows a viewing token, or none, may have signed in, and may be banned.</summary>
    public async Task<RobotIdentity> FindForViewerAsync(string handle, string? token, Caller caller, IPAddress? address)
    {
        if (await robots.FindByHandleAsync(handle) is not { } robot
            || (robot.Visibility == Visibility.Private && !caller.Owns(robot) && !await tokens.IsValidAsync(handle, token)))
        {
            return RobotIdentity.Unknown;
        }

        return await bans.FindAsync(robot, caller, address) is { } ban
            ? new RobotIdentity(null, RobotRefusal.Banned(ban))
            : new RobotIdentity(robot, null);
    }

    /// <summary>Tells why somebody on a connection is not let in to the site at all; null when they are.</summary>
    public async Task<RobotRefusal?> RefusesAsync(Visitor visitor) =>
        await bans.FindOfSiteAsync(await visitor.CallerAsync(), visitor.Approach.Address) is { } ban ? RobotRefusal.Banned(ban) : null;

    /// <summary>Finds a robot by its robot-id, which itself shows a right, or for a viewer by its handle.</summary>
    public async Task<RobotIdentity> FindAsync(string robotIdOrHandle, string? token, Caller caller, RobotApproach approach)
    {
        var identity = await IdentifyAsync(robotIdOrHandle, approach);
        return identity == RobotIdentity.Unknown ? await FindForViewerAsync(robotIdOrHandle, token, caller, approach.Address) : identity;
    }

    /// <summary>
    /// Finds a robot, by its robot-id or its handle, for somebody who wants to change it. The robot-id of somebody else's
    /// is as unknown to them as one that nobody has, and counts like it; of a robot found by its handle they may be no owner.
    /// </summary>
    public async Task<Robot?> FindForOwnerAsync(string robotIdOrHandle, Caller caller, IPAddress? address) =>
        MayBeRobotId(robotIdOrHandle)
            ? await FindByRobotIdAsync(robotIdOrHandle, address, caller.Owns)
            : await robots.FindByHandleAsync(robotIdOrHandle);

    /// <summary>Finds the robot of a camera's number. Numbers can be counted through, so they lead to public robots only.</summary>
    public async Task<Robot?> FindByCameraAsync(int cameraId) =>
        await robots.FindCameraAsync(cameraId) is { } camera
        && await robots.FindByHandleAsync(camera.Handle) is { Visibility: Visibility.Public } robot
            ? robot
            : null;

    public void Dispose()
    {
        foreach (var turn in _turns)
        {
            turn.Dispose();
        }
    }

    private static bool MayBeRobotId(string name) => name.Length > 0 && name.All(char.IsAsciiDigit);

    /// <summary>
    /// Finds the robot of a robot-id that was given from an address. One after the other, so that those that are given at
    /// the same moment count, too; but who has to wait keeps nobody else waiting.
    /// </summary>
    private async Task<Robot?> FindByRobotIdAsync(string robotId, IPAddress? address, Func<Robot, bool> counts)
    {
        var key = AddressRange.Of(address).ToString();
        var turn = _turns[(uint)string.GetHashCode(key, StringComparison.Ordinal) % _turns.Length];
        await turn.WaitAsync();
        try
        {
            if (_unknownIds.Wait(key) is null)
            {
                return await FindAsync();
            }
        }
        finally
        {
            turn.Release();
        }

        await Task.Delay(options.Value.UnknownIdDelay, clock);
        return await FindAsync();

        async Task<Robot?> FindAsync()
        {
            if (await robots.FindByRobotIdAsync(robotId) is { } robot && counts(robot))
            {
                return robot;
            }

            _unknownIds.Take(key);
            return null;
        }
    }

    /// <summary>Tells why somebody with this robot's robot-id is not let in; null when they are.</summary>
    private async Task<RobotRefusal?> RefusesAsync(Robot robot, RobotApproach approach)
    {
        if (await bans.IsOwnerBannedAsync(robot.Handle))
        {
            return RobotRefusal.OwnerBanned;
        }

        if (approach.RobotToken is { } token)
        {
            // A wrong token is not a reason to look at the bare robot-id: it may be one that was replaced.
            return await robots.IsRobotTokenAsync(robot.Handle, token) ? null : RobotRefusal.WrongToken;
        }

        return robot.BareIds switch
        {
            BareIdRule.Everywhere => null,
            BareIdRule.Tls => approach.IsSecure ? null : RobotRefusal.TlsWanted,
            BareIdRule.Networks => approach.Address?.IsIn(robot.BareIdNetworks) == true ? null : RobotRefusal.OtherNetwork,
            _ => RobotRefusal.TokenWanted,
        };
    }
}
