using System.Globalization;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace LiveRobot.RobotClient.Text;

/// <summary>
/// One line per log entry, without the robot's secrets and without control characters. Doing both here, at the only
/// way out, covers every message and exception, ffmpeg's lines included.
/// </summary>
internal sealed class RedactingFormatter(Redaction redaction, TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "redacting";
    private const int LongestLine = 2000;

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        if (logEntry.Exception is { } exception)
        {
            message = $"{message} {exception}";
        }

        var line = Printable.From(redaction.Apply(message), LongestLine);
        textWriter.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time.GetLocalNow():HH:mm:ss} {Level(logEntry.LogLevel)}: {line}"));
    }

    private static string Level(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        _ => "error",
    };
}
