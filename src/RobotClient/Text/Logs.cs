using LiveRobot.RobotClient.Configuration;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace LiveRobot.RobotClient.Text;

/// <summary>The program's log: on standard error, since standard output is for commands and chat.</summary>
internal static class Logs
{
    public static ILoggerFactory Create(RobotOptions options, TimeProvider time) => LoggerFactory.Create(logging =>
    {
        logging.AddConsole(console =>
        {
            console.FormatterName = RedactingFormatter.FormatterName;
            console.LogToStandardErrorThreshold = LogLevel.Trace;
        });
        logging.Services.AddSingleton<ConsoleFormatter>(
            new RedactingFormatter(Redaction.Of(options), time));
    });
}
