using LiveRobot.ControlSocket.Robots;
using LiveRobot.Platform.Presence;

namespace LiveRobot.ControlSocket;

/// <summary>
/// Watches the pictures of the robots whose owner wants them driven by sight alone
/// (<see cref="Platform.Control.ControlRules.VideoBound"/>). A picture stands still after
/// <see cref="PresenceOptions.StalledAfter"/> without a frame.
/// </summary>
internal sealed partial class VideoGuard(RobotControls controls, RobotPresence presence, TimeProvider clock, ILogger<VideoGuard> logger) : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>The robots that are bound to their picture, and whether it stood still at the last look.</summary>
    private readonly Dictionary<RobotControl, bool> _bound = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var control in controls.All)
            {
                if (control.Rules.VideoBound)
                {
                    Tell(control, await StandsStillAsync(control));
                }
                else if (_bound.Remove(control))
                {
                    control.VideoStalled(false);
                }
            }
        }
    }

    private void Tell(RobotControl control, bool isStalled)
    {
        if (!_bound.TryGetValue(control, out var told) || told != isStalled)
        {
            _bound[control] = isStalled;
            control.VideoStalled(isStalled);
        }
    }

    private async Task<bool> StandsStillAsync(RobotControl control)
    {
        try
        {
            return (await presence.GetAsync(control.Robot)).Video != VideoState.Flowing;
        }
#pragma warning disable CA1031 // Whatever the store throws: nobody sees to it that the picture moves, so nobody drives.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.NotKnown(logger, exception, control.Robot.Handle);
            return true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Whether the picture of robot {Handle} moves is not known; it is not driven.", EventName = "NotKnown")]
        public static partial void NotKnown(ILogger logger, Exception exception, string handle);
    }
}
