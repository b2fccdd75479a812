using System.Threading.Channels;

using LiveRobot.ControlSocket.Robots;
using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Control;
using LiveRobot.Platform.Robots;

namespace LiveRobot.ControlSocket;

/// <summary>
/// Takes over what another service has changed of a robot: its settings (the release rule, its name), and its rules of
/// control. An emergency stop does not wait for the store.
/// </summary>
internal sealed partial class SettingsWatch(
    RobotControls controls, RobotDirectory directory, ControlRulesStore rules, IBus bus, ILogger<SettingsWatch> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var changed = Channel.CreateBounded<string>(new BoundedChannelOptions(1_024) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        using var settings = bus.Subscribe<RobotSettingsChanged>(message => changed.Writer.TryWrite(message.Handle));
        using var rulesOfControl = bus.Subscribe<ControlRulesChanged>(message => changed.Writer.TryWrite(message.Handle));
        using var stops = bus.Subscribe<EmergencyStop>(stop => controls.Find(stop.Handle)?.EmergencyStop(stop.By));
        await foreach (var handle in changed.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                if (controls.Find(handle) is { } control && await directory.FindByHandleAsync(handle) is { } robot)
                {
                    control.Update(robot);
                    control.Update(await rules.FindAsync(handle));
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
