using System.Threading.Channels;

using LiveRobot.ControlSocket.Robots;
using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Robots;

namespace LiveRobot.ControlSocket;

/// <summary>Takes over a robot's settings (its release rule, its name) when another service has changed them.</summary>
internal sealed partial class RobotSettings(RobotControls controls, RobotDirectory directory, IBus bus, ILogger<RobotSettings> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var changed = Channel.CreateBounded<string>(new BoundedChannelOptions(1_024) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        using var subscription = bus.Subscribe<RobotSettingsChanged>(message => changed.Writer.TryWrite(message.Handle));
        await foreach (var handle in changed.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                if (controls.Find(handle) is { } control && await directory.FindByHandleAsync(handle) is { } robot)
                {
                    control.Update(robot);
                }
            }
#pragma warning disable CA1031 // Whatever the store throws: the robot's next identification, within 60 seconds, reads them anew.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.NotRead(logger, exception, handle);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The settings of robot {Handle} could not be read.", EventName = "NotRead")]
        public static partial void NotRead(ILogger logger, Exception exception, string handle);
    }
}
