using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Moderation;
using LiveRobot.Platform.Robots;

using SocketIO;

namespace LiveRobot.ChatSocket;

/// <summary>
/// Tells people in chat what was done elsewhere: lines that were taken back, by whatever way, and rules that the owner has
/// changed. Every process that serves chat hears of it, and tells its own.
/// </summary>
public sealed partial class ChatNews(RobotDirectory robots, ChatRulesStore rules, ChatRooms rooms, ChatTurn turn, IBus bus, ILogger<ChatNews> logger) : IHostedService
{
    private readonly Lock _gate = new();
    private IDisposable[] _subscriptions = [];

    /// <summary>What is being told, and with it all before.</summary>
    private Task _telling = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _subscriptions =
        [
            bus.Subscribe<LineRemoved>(removed => Tell(removed.Handle, robot => TellRemovedAsync(robot, removed.MessageId))),
            bus.Subscribe<ChatRulesChanged>(changed => Tell(changed.Handle, TellRulesAsync)),
        ];
        return Task.CompletedTask;
    }

    /// <summary>Waits for what is being told: it needs the store, which goes after this.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var subscription in _subscriptions)
        {
            subscription.Dispose();
        }

        Task telling;
        lock (_gate)
        {
            telling = _telling;
        }

        await telling.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private Task TellRemovedAsync(Robot robot, string messageId) =>
        rooms.TellAllHereAsync(robot, EventMessage.Create("message_removed", new { message_id = messageId }));

    private async Task TellRulesAsync(Robot robot)
    {
        var found = await rules.FindAsync(robot.Handle);
        rooms.TellViewersHere(robot, EventMessage.Create("chat_rules", new { robot_id = robot.Handle, slow_mode_seconds = found.SlowModeSeconds, links = found.Links }));
    }

    /// <summary>One after the other, and off the bus, whose publisher waits.</summary>
    private void Tell(string handle, Func<Robot, Task> tell)
    {
        lock (_gate)
        {
            _telling = TellAsync(_telling, handle, tell);
        }
    }

    private async Task TellAsync(Task before, string handle, Func<Robot, Task> tell)
    {
        await Task.Yield();
        await before;
        try
        {
            if (await robots.FindByHandleAsync(handle) is { } robot)
            {
                // In turn: the line itself is told first.
                await turn.TakeAsync(async () =>
                {
                    await tell(robot);
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
        [LoggerMessage(1, LogLevel.Error, "What has changed in chat could not be told.", EventName = "NotTold")]
        public static partial void NotTold(ILogger logger, Exception exception);
    }
}
