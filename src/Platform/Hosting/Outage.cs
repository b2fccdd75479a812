using System.Data.Common;

using LiveRobot.Platform.Presence;

namespace LiveRobot.Platform.Hosting;

/// <summary>Failures that pass by themselves: what services share, the store or Redis, does not answer now.</summary>
public static class Outage
{
    /// <summary>Tells whether a failure is one. Who asked for something may ask again; nothing is wrong with it, nor with this process.</summary>
    public static bool Is(Exception exception) => exception is PresenceAwayException or TimeoutException or DbException { IsTransient: true };
}
