using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Robots;

using SocketIO;

namespace LiveRobot.ChatSocket;

/// <summary>Tells all who have heard a line that it was taken back, whoever did so and by whatever way.</summary>
public sealed partial class RemovedLines(RobotDirectory robots, ChatRooms rooms, ChatTurn turn, IBus bus, ILogger<RemovedLines> logger) : IHostedService
{
    private IDisposable? _subscription;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _subscription = bus.Subscribe<LineRemoved>(removed => _ = TellAsync(removed));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _subscription?.Dispose();
        return Task.CompletedTask;
    }

    private async Task TellAsync(LineRemoved removed)
    {
        // Off the bus, whose publisher waits.
        await Task.Yield();
        try
        {
            if (await robots.FindByHandleAsync(removed.Handle) is { } robot)
            {
                // In turn: the line itself is told first.
                await turn.TakeAsync(async () =>
                {
                    await rooms.TellAllAsync(robot, EventMessage.Create("message_removed", new { message_id = removed.MessageId }));
                    return true;
                });
            }
        }
#pragma warning disable CA1031 // Nobody waits for this.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.NotTold(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "That a line was taken back could not be told.", EventName = "NotTold")]
        public static partial void NotTold(ILogger logger, Exception exception);
    }
}
