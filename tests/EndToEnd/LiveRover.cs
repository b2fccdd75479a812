using LiveRobot.Testing;

namespace LiveRobot.EndToEnd;

/// <summary>An installation behind a front, with the demo robot on it: what the tests of a class share.</summary>
public sealed class LiveRover : IAsyncLifetime
{
    /// <summary>The path under which the front of docs/haproxy.cfg serves the site.</summary>
    private const string PathBase = "/robots";

    private readonly TemporaryFolder _folder = new();
    private readonly int _frontPort = FreePorts.Take();
    private ChildProcess _front = null!;

    public Installation Installation { get; private set; } = null!;

    public RobotCredentials Credentials { get; private set; } = null!;

    public ChildProcess Robot { get; private set; } = null!;

    public string FrontUrl => $"https://localhost:{_frontPort}{PathBase}";

    public async ValueTask InitializeAsync()
    {
        Installation = await Installation.StartAsync(new Dictionary<string, string> { ["Proxies__Trusted__0"] = "127.0.0.1", ["Proxies__PathBase"] = PathBase });
        var certificate = _folder.File("site.pem");
        await File.WriteAllTextAsync(certificate, Installation.Certificate);
        _front = ChildProcess.Start("haproxy", ["-f", Path.Combine(Repository.Root, "docs/haproxy.cfg")], new Dictionary<string, string>
        {
            ["CERTIFICATE"] = certificate,
            ["FRONT_PORT"] = $"{_frontPort}",
            ["LIVEROBOT_PORT"] = $"{Installation.Port("Api")}",
        });
        Credentials = await Installation.AddRobotAsync("Rover");
        await StartRobotAsync();
    }

    /// <summary>Starts the robot that has been killed, and waits until it sends its picture.</summary>
    public async Task StartRobotAsync()
    {
        Robot = Credentials.StartDemoRobot(new Uri(Installation.Url), Installation.Port("Status"));
        await Installation.StateAsync(Credentials, state => state.GetProperty("video").GetString() == "flowing");
    }

    public async ValueTask DisposeAsync()
    {
        await Robot.DisposeAsync();
        await _front.DisposeAsync();
        await Installation.DisposeAsync();
        _folder.Dispose();
    }
}
