using LiveRobot.Platform.Presence;
using LiveRobot.VideoRelay.Feeds;

using Microsoft.Extensions.Options;

namespace LiveRobot.VideoRelay.Edges;

/// <summary>
/// Decides, for the robots whose encoders send to this relay, whether new viewers are sent to whichever relay has most room
/// instead of this one. Relays become edges by being watched, and cease to be when their viewers have left.
/// </summary>
internal sealed class Placement(FeedDirectory feeds, RobotPresence presence, IOptions<EdgeOptions> options, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly HashSet<string> _spread = new(StringComparer.Ordinal);

    /// <summary>Tells whether viewers are to be spread; what is so stays so until half as many are left.</summary>
    internal static bool IsToSpread(int viewers, int after, bool isSpread) => viewers >= after || (isSpread && viewers > after / 2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Secret is null)
        {
            return;
        }

        using var timer = new PeriodicTimer(LookInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var robots = feeds.ViewersOfRobots();
            foreach (var (handle, viewers) in robots)
            {
                if (IsToSpread(viewers, options.Value.After, _spread.Contains(handle)))
                {
                    _spread.Add(handle);
                    await presence.SpreadViewersAsync(handle, viewers);
                }
                else if (_spread.Remove(handle))
                {
                    await presence.GatherViewersAsync(handle);
                }
            }

            // Of a robot that has gone the key lapses.
            _spread.IntersectWith(robots.Keys);
        }
    }
}
