using System.Threading.Channels;

using LiveRobot.ControlSocket.Commands;
using LiveRobot.Platform.Control;
using LiveRobot.Platform.Hosting;

using Microsoft.Extensions.Options;

namespace LiveRobot.ControlSocket;

/// <summary>
/// Writes the command log behind the commands' backs, many lines at once. It is not part of what is durable when a
/// command is acknowledged: a store that is too slow loses lines, which are counted, and delays no command.
/// </summary>
internal sealed partial class CommandLogWriter(
    CommandLog log, ControlRulesStore rules, IOptions<ControlOptions> options, ControlMetrics metrics, TimeProvider clock, ILogger<CommandLogWriter> logger) : BackgroundService
{
    /// <summary>The outcome of a command that went to the robot.</summary>
    public const string Sent = "sent";

    /// <summary>The outcome of what the server let go by itself.</summary>
    public const string Released = "released";

    /// <summary>The outcome of what most voted for.</summary>
    public const string Voted = "voted";

    private const int BatchSize = 500;

    private static readonly TimeSpan BatchInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan PruneInterval = TimeSpan.FromHours(1);

    private readonly RepeatedAttempt _writing = new(exception => Log.NotWritten(logger, exception), () => Log.WrittenAgain(logger));
    private readonly Channel<CommandLine> _lines = Channel.CreateBounded<CommandLine>(
        new BoundedChannelOptions(options.Value.LogQueue) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    /// <summary>Notes a command. Returns at once.</summary>
    public void Append(string handle, RobotCommand command, string outcome)
    {
        if (!_lines.Writer.TryWrite(new CommandLine(handle, clock.GetUtcNow(), command.By.Name, command.Command, command.Position.ToWire(), outcome)))
        {
            metrics.NotLogged();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pruned = clock.GetUtcNow() - PruneInterval;
        using var timer = new PeriodicTimer(BatchInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await WriteAsync();
                if (clock.GetUtcNow() - pruned >= PruneInterval)
                {
                    pruned = clock.GetUtcNow();
                    await _writing.RunAsync(PruneAsync);
                }
            }
        }
        finally
        {
            // What was said before the service ended is written before it ends.
            await WriteAsync();
        }
    }

    private async Task WriteAsync()
    {
        var batch = new List<CommandLine>();
        while (_lines.Reader.TryRead(out var line))
        {
            batch.Add(line);
            if (batch.Count == BatchSize)
            {
                await WriteAsync(batch);
                batch.Clear();
            }
        }

        if (batch.Count > 0)
        {
            await WriteAsync(batch);
        }
    }

    private async Task WriteAsync(List<CommandLine> batch)
    {
        if (!await _writing.RunAsync(() => AppendAsync(batch)))
        {
            batch.ForEach(_ => metrics.NotLogged());
        }
    }

    /// <summary>Writes the lines of those robots whose owners want any kept.</summary>
    private async Task AppendAsync(List<CommandLine> batch)
    {
        foreach (var ofRobot in batch.GroupBy(line => line.Handle))
        {
            if ((await rules.FindAsync(ofRobot.Key)).LogDays > 0)
            {
                await log.AppendAsync(ofRobot);
            }
        }
    }

    private async Task PruneAsync()
    {
        foreach (var handle in await log.RobotsAsync())
        {
            await log.PruneAsync(handle, (await rules.FindAsync(handle)).LogDays);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The command log cannot be written; its lines are dropped until it can.", EventName = "NotWritten")]
        public static partial void NotWritten(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Information, "The command log is written again.", EventName = "WrittenAgain")]
        public static partial void WrittenAgain(ILogger logger);
    }
}
