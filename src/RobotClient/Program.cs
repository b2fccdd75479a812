using System.CommandLine;

using LiveRobot.RobotClient;
using LiveRobot.RobotClient.Configuration;
using LiveRobot.RobotClient.Server;
using LiveRobot.RobotClient.Text;

var commandLine = new RobotCommandLine(
    async (options, cancellationToken) =>
    {
        using var logs = Logs.Create(options, TimeProvider.System);
        using var robot = new Robot(options, Console.Out, logs, TimeProvider.System);
        await robot.RunAsync(cancellationToken);
        return 0;
    },
    async (server, code, cancellationToken) =>
    {
        using var http = Lookup.CreateHttpClient(robotToken: null);
        return await Pairing.ExchangeAsync(http, server, code, cancellationToken);
    });

// Ctrl-C and SIGTERM cancel; the time is what stopping ffmpeg and saying goodbye may take.
return await commandLine
    .Parse(args, Environment.GetEnvironmentVariable)
    .InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(10) });
