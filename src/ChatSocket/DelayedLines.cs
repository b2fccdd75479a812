using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Moderation;
using LiveRobot.Platform.Robots;

using Microsoft.Extensions.Options;

using SocketIO;

namespace LiveRobot.ChatSocket;

/// <summary>
/// Lines that a robot is to hear, and speak, only after a while: what is taken back meanwhile, or was said by somebody who
/// is banned meanwhile, it never hears. It hears the others in their order.
/// </summary>
/// <remarks>
/// They wait in memory. What waits when the server stops is not spoken any more, early or late: it is in the history, and
/// the log says how many lines that were.
/// </remarks>
public sealed partial class DelayedLines(
    RobotDirectory robots, BanDirectory bans, SaidLines lines, ChatRooms rooms, ChatTurn turn, IOptions<ChatOptions> options, TimeProvider clock, ILogger<DelayedLines> logger)
    : IHostedService, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Queue<Waiting>> _waiting = [];

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            foreach (var (handle, waiting) in _waiting)
            {
                Log.NotSpoken(logger, handle, waiting.Count);
            }
        }

        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var waiting in _waiting.Values.SelectMany(queue => queue))
            {
                waiting.Timer?.Dispose();
            }

            _waiting.Clear();
        }
    }

    /// <summary>Tells whether one more line may wait for a robot.</summary>
    internal bool HasRoom(string handle)
    {
        lock (_gate)
        {
            return !_waiting.TryGetValue(handle, out var waiting) || waiting.Count < options.Value.MaxDelayedLines;
        }
    }

    /// <summary>Tells whether any line waits for a robot.</summary>
    internal bool IsAnyFor(string handle)
    {
        lock (_gate)
        {
            return _waiting.ContainsKey(handle);
        }
    }

    /// <summary>Has a line wait, and those that wait already before it.</summary>
    internal void Add(ChatMessage line, Visitor author, Caller caller, TimeSpan delay)
    {
        lock (_gate)
        {
            if (!_waiting.TryGetValue(line.Handle, out var waiting))
            {
                _waiting[line.Handle] = waiting = new();
            }

            // A delay that was made shorter lets no line overtake another.
            var due = clock.GetUtcNow() + delay;
            if (waiting.Count > 0 && waiting.Last().Due > due)
            {
                due = waiting.Last().Due;
            }

            var added = new Waiting(line, author, caller, due);
            waiting.Enqueue(added);
            added.Timer = clock.CreateTimer(_ => _ = SpeakAsync(line.Handle), null, due - clock.GetUtcNow(), Timeout.InfiniteTimeSpan);
        }
    }

    private async Task SpeakAsync(string handle)
    {
        try
        {
            await turn.TakeAsync(async () =>
            {
                while (NextDue(handle) is { } next)
                {
                    await SpeakAsync(handle, next);
                }

                return true;
            });
        }
#pragma warning disable CA1031 // Nobody waits for this.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception, handle);
        }
    }

    private async Task SpeakAsync(string handle, Waiting next)
    {
        if (await robots.FindByHandleAsync(handle) is { } robot
            && await lines.FindAsync(robot, next.Line.MessageId) is not null
            && await bans.FindAsync(robot, next.Caller, next.Author.Approach.Address) is null)
        {
            rooms.TellRobot(robot, EventMessage.Create("chat_message_with_name", next.Line.ForRobot(robot)));
        }
    }

    private Waiting? NextDue(string handle)
    {
        lock (_gate)
        {
            if (!_waiting.TryGetValue(handle, out var waiting) || waiting.Peek().Due > clock.GetUtcNow())
            {
                return null;
            }

            var next = waiting.Dequeue();
            next.Timer?.Dispose();
            if (waiting.Count == 0)
            {
                _waiting.Remove(handle);
            }

            return next;
        }
    }

    private sealed record Waiting(ChatMessage Line, Visitor Author, Caller Caller, DateTimeOffset Due)
    {
        public ITimer? Timer { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Robot {Handle}: {Lines} lines waited to be spoken when the server stopped, and are not.", EventName = "NotSpoken")]
        public static partial void NotSpoken(ILogger logger, string handle, int lines);

        [LoggerMessage(2, LogLevel.Error, "Robot {Handle}: lines that were due could not be told.", EventName = "Failed")]
        public static partial void Failed(ILogger logger, Exception exception, string handle);
    }
}
