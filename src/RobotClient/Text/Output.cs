using System.Threading.Channels;

using Microsoft.Extensions.Logging;

namespace LiveRobot.RobotClient.Text;

/// <summary>
/// The lines on standard output. They are queued: a reader that stands still (a paused terminal, a full pipe) must not
/// hold up the sockets and with them the stop of a robot. The oldest lines give way when the queue is full.
/// </summary>
internal sealed partial class Output(TextWriter writer, Redaction redaction, ILogger<Output> logger)
{
    private const int MostLines = 1000;
    private const int LongestLine = 600;

    private readonly Channel<string> _lines = Channel.CreateBounded<string>(
        new BoundedChannelOptions(MostLines) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    /// <summary>Queues a line. What a terminal would not show is replaced; the robot's secrets are taken out.</summary>
    public void WriteLine(string line) => _lines.Writer.TryWrite(Printable.From(redaction.Apply(line), LongestLine));

    /// <summary>Writes until <see cref="Complete"/>.</summary>
    public async Task RunAsync()
    {
        await foreach (var line in _lines.Reader.ReadAllAsync())
        {
            try
            {
                await writer.WriteLineAsync(line);
                await writer.FlushAsync();
            }
            catch (IOException exception)
            {
                // Nobody reads any more; a robot drives on without an audience.
                Log.NobodyReads(logger, exception.Message);
                return;
            }
        }
    }

    public void Complete() => _lines.Writer.TryComplete();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Standard output is closed: {Reason}", EventName = "NobodyReads")]
        public static partial void NobodyReads(ILogger logger, string reason);
    }
}
