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
    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);
    private readonly long _origin = clock.GetTimestamp();

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            foreach (var (handle, line) in _lines)
            {
                Log.NotSpoken(logger, handle, line.Waiting.Count);
            }
        }

        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var line in _lines.Values)
            {
                line.Timer.Dispose();
            }

            _lines.Clear();
        }
    }

    /// <summary>Tells whether one more may wait for a robot.</summary>
    internal bool HasRoom(string handle)
    {
        lock (_gate)
        {
            return !_lines.TryGetValue(handle, out var line) || line.Waiting.Count < options.Value.MaxDelayedLines;
        }
    }

    /// <summary>Tells whether anything waits for a robot.</summary>
    internal bool IsAnyFor(string handle)
    {
        lock (_gate)
        {
            return _lines.ContainsKey(handle);
        }
    }

    /// <summary>Has something that was said wait, and what waits already before it.</summary>
    internal void Add(ChatMessage said, Visitor author, Caller caller, TimeSpan delay)
    {
        lock (_gate)
        {
            if (!_lines.TryGetValue(said.Handle, out var line))
            {
                var timer = clock.CreateTimer(_ => _ = SpeakAsync(said.Handle), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _lines[said.Handle] = line = new Line(timer);
            }

            // A delay that was made shorter lets nothing overtake what was said before.
            var due = Now() + delay;
            line.LastDue = due > line.LastDue ? due : line.LastDue;
            line.Waiting.Enqueue(new Waiting(said, author, caller, line.LastDue));
            if (line.Waiting.Count == 1)
            {
                SetTimer(line);
            }
        }
    }

    /// <summary>Tells the robot all that is due. What cannot be told does not keep back what comes behind it.</summary>
    private async Task SpeakAsync(string handle)
    {
        try
        {
            while (await turn.TakeAsync(() => SpeakNextAsync(handle)))
            {
                // The next one, in a turn of its own.
            }
        }
        catch (ObjectDisposedException)
        {
            // The service has ended.
        }
    }

    /// <summary>False when nothing is due.</summary>
    private async Task<bool> SpeakNextAsync(string handle)
    {
        if (TakeDue(handle) is not { } next)
        {
            return false;
        }

        try
        {
            if (await robots.FindByHandleAsync(handle) is { } robot
                && await lines.FindAsync(robot, next.Said.MessageId) is not null
                && await bans.FindAsync(robot, next.Caller, next.Author.Approach.Address) is null)
            {
                rooms.TellRobot(robot, EventMessage.Create("chat_message_with_name", next.Said.ForRobot(robot)));
            }
        }
#pragma warning disable CA1031 // Nobody waits for this.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception, handle);
        }

        return true;
    }

    private Waiting? TakeDue(string handle)
    {
        lock (_gate)
        {
            if (!_lines.TryGetValue(handle, out var line))
            {
                return null;
            }

            if (line.Waiting.Peek().Due > Now())
            {
                SetTimer(line);
                return null;
            }

            var next = line.Waiting.Dequeue();
            if (line.Waiting.Count == 0)
            {
                line.Timer.Dispose();
                _lines.Remove(handle);
            }

            return next;
        }
    }

    /// <summary>Rounded up, and set again should it fire a moment early: timers count milliseconds, and begin within one.</summary>
    private void SetTimer(Line line) => line.Timer.Change(
        TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling((line.Waiting.Peek().Due - Now()).TotalMilliseconds))), Timeout.InfiniteTimeSpan);

    private TimeSpan Now() => clock.GetElapsedTime(_origin);

    /// <summary>What waits for one robot, in its order.</summary>
    private sealed class Line(ITimer timer)
    {
        public ITimer Timer { get; } = timer;

        public Queue<Waiting> Waiting { get; } = [];

        public TimeSpan LastDue { get; set; }
    }

    private sealed record Waiting(ChatMessage Said, Visitor Author, Caller Caller, TimeSpan Due);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Robot {Handle}: {Lines} lines waited to be spoken when the server stopped, and are not.", EventName = "NotSpoken")]
        public static partial void NotSpoken(ILogger logger, string handle, int lines);

        [LoggerMessage(2, LogLevel.Error, "Robot {Handle}: lines that were due could not be told.", EventName = "Failed")]
        public static partial void Failed(ILogger logger, Exception exception, string handle);
    }
}
