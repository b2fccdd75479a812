using System.Threading.Channels;

using LiveRobot.ControlSocket.Robots;
using LiveRobot.Platform.Presence;

using Microsoft.Extensions.Options;

namespace LiveRobot.ControlSocket;

/// <summary>
/// Tells presence which robots are connected and how many viewers have chosen them. It always reports the state of
/// now, one report at a time, so that a late report never outlives a newer one.
/// </summary>
internal sealed partial class ControlPresence(
    RobotPresence presence,
    IOptions<PresenceOptions> options,
    TimeProvider clock,
    ILogger<ControlPresence> logger) : BackgroundService
{
    private readonly Lock _gate = new();
    private readonly HashSet<RobotControl> _queued = [];
    private readonly Channel<RobotControl> _changed = Channel.CreateUnbounded<RobotControl>(new() { SingleReader = true });
    private readonly Dictionary<RobotControl, (bool IsConnected, int Viewers)> _reported = [];

    /// <summary>Something of this robot has changed. Returns at once.</summary>
    public void Changed(RobotControl robot)
    {
        lock (_gate)
        {
            // Each robot waits at most once, so the queue is no longer than the robots are many.
            if (_queued.Add(robot))
            {
                _changed.Writer.TryWrite(robot);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var renewal = clock.CreateTimer(_ => RenewAll(), null, options.Value.SocketLifetime / 3, options.Value.SocketLifetime / 3);
        await foreach (var robot in _changed.Reader.ReadAllAsync(stoppingToken))
        {
            lock (_gate)
            {
                _queued.Remove(robot);
            }

            await ReportAsync(robot);
        }
    }

    private void RenewAll()
    {
        lock (_gate)
        {
            foreach (var robot in _reported.Keys)
            {
                if (_queued.Add(robot))
                {
                    _changed.Writer.TryWrite(robot);
                }
            }
        }
    }

    private async Task ReportAsync(RobotControl robot)
    {
        var handle = robot.Robot.Handle;
        var (wasConnected, viewersBefore) = _reported.GetValueOrDefault(robot);
        var (isConnected, viewers) = (robot.IsConnected, robot.ViewerCount);
        try
        {
            if (isConnected)
            {
                await presence.ControlSocketOpenAsync(handle);
            }
            else if (wasConnected)
            {
                await presence.ControlSocketClosedAsync(handle);
            }

            if (viewers > 0 || viewersBefore > 0)
            {
                await presence.ViewersAsync(handle, viewers);
            }
        }
#pragma warning disable CA1031 // Whatever the store throws, the next renewal tries again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.NotReported(logger, exception, handle);
            return;
        }

        lock (_gate)
        {
            if (isConnected || viewers > 0)
            {
                _reported[robot] = (isConnected, viewers);
            }
            else
            {
                _reported.Remove(robot);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The presence of robot {Handle} could not be reported.", EventName = "NotReported")]
        public static partial void NotReported(ILogger logger, Exception exception, string handle);
    }
}
