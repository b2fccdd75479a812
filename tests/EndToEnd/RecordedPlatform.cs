using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

using LiveRobot.Commands;
using LiveRobot.Platform;
using LiveRobot.Platform.Accounts;
using LiveRobot.Testing;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LiveRobot.EndToEnd;

/// <summary>
/// All services as <c>run.sh</c> starts them, in this process: every log line, measurement and trace is kept, and so is
/// all that robots, the owner, viewers and those who err say and hear.
/// </summary>
public sealed class RecordedPlatform : IAsyncDisposable
{
    private static readonly string[] PortNames = ["Api", "ApiTls", "User", "Control", "Status", "Chat", "Video", "Audio"];

    private readonly TemporaryFolder _data;
    private readonly WebApplication _app;
    private readonly RecordedMetrics _metrics = new(meters: null);
    private readonly ActivityListener _traces;
    private readonly ConcurrentQueue<string> _spans = new();
    private readonly RecordedLog _log;

    private RecordedPlatform(TemporaryFolder data, WebApplication app, RecordedLog log, string masterKey, Dictionary<string, RecordingProxy> robot, int api, int video)
    {
        (_data, _app, _log, MasterKey, Robot) = (data, app, log, masterKey, robot);
        (Owner, Viewer, Erring, ErringAtVideo) = (new RecordingProxy(api), new RecordingProxy(api), new RecordingProxy(api), new RecordingProxy(video));
        _traces = new ActivityListener
        {
            // The clients of this test are in this process too; what they trace is theirs.
            ShouldListenTo = source => source.Name != "System.Net.Http",
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => _spans.Enqueue(
                $"{activity.OperationName} {activity.DisplayName} {string.Join(' ', activity.TagObjects)} {string.Join(' ', activity.Baggage)} "
                + string.Join(' ', activity.Events.Select(happened => $"{happened.Name} {string.Join(' ', happened.Tags)}"))),
        };
        ActivitySource.AddActivityListener(_traces);
    }

    public string MasterKey { get; }

    /// <summary>Gets the ways that the robot takes, by the names of the ports behind them.</summary>
    public IReadOnlyDictionary<string, RecordingProxy> Robot { get; }

    public RecordingProxy Owner { get; }

    public RecordingProxy Viewer { get; }

    /// <summary>Gets the way of those who send secrets where they do not belong.</summary>
    public RecordingProxy Erring { get; }

    public RecordingProxy ErringAtVideo { get; }

    public IReadOnlyCollection<string> Logs => _log.Lines;

    public IReadOnlyCollection<string> Traces => _spans;

    /// <summary>Gets the measurements, those that are only made when somebody asks included.</summary>
    public IReadOnlyCollection<string> Metrics
    {
        get
        {
            _metrics.Observe();
            return _metrics.Lines;
        }
    }

    public static async Task<RecordedPlatform> StartAsync()
    {
        var data = new TemporaryFolder();
        var ports = PortNames.ToDictionary(name => name, _ => FreePorts.Take());
        var robot = new[] { "Api", "Control", "Chat", "Status", "Video" }.ToDictionary(name => name, name => new RecordingProxy(ports[name]));
        var masterKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        var log = new RecordedLog();
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Storage:Directory"] = data.Path,
            ["Storage:MasterKey"] = masterKey,

            // Every secret is tried as a password.
            ["Accounts:SignInsPerAddress"] = "1000",
            ["Accounts:WrongPasswordsPerAccount"] = "1000",
            ["Logging:LogLevel:Default"] = "Trace",
            ["Logging:LogLevel:Microsoft"] = "Information",
            ["Advertise:ControlPort"] = Text(robot["Control"].Port),
            ["Advertise:ChatPort"] = Text(robot["Chat"].Port),
            ["Advertise:VideoPort"] = Text(robot["Video"].Port),
        });
        builder.Configuration.AddInMemoryCollection(ports.Select(port => KeyValuePair.Create($"Ports:{port.Key}", (string?)Text(port.Value))));
        builder.AddPlatform();
        builder.Services.Configure<PasswordHasherOptions>(hasher => hasher.IterationCount = 1_000);
        ServeCommand.Add(builder);
        var app = builder.Build();
        ServeCommand.Map(app);
        var platform = new RecordedPlatform(data, app, log, masterKey, robot, ports["Api"], ports["Video"]);
        await app.StartAsync();
        return platform;
    }

    /// <summary>What the first start prints.</summary>
    public async Task<string> AdministratorCodeAsync() => (await _app.Services.GetRequiredService<AdministratorCode>().IssueAsync())!;

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in Robot.Values.Concat([Owner, Viewer, Erring, ErringAtVideo]))
        {
            await proxy.DisposeAsync();
        }

        await _app.StopAsync();
        await _app.DisposeAsync();
        _traces.Dispose();
        _metrics.Dispose();
        _data.Dispose();
        _log.ThrowIfAnyError();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
