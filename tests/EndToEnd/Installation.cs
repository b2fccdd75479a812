using System.Globalization;
using System.Text.Json;

using LiveRobot.Testing;

namespace LiveRobot.EndToEnd;

/// <summary>LiveRobot as its user starts it: one process, a data folder, and ports that stay the same over a restart.</summary>
public sealed class Installation : IAsyncDisposable
{
    private static readonly string[] PortNames = ["Api", "ApiTls", "User", "Control", "Status", "Chat", "Video", "Audio"];

    /// <summary>Several start at once, on machines that have something else to do as well.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _data = new();
    private readonly Dictionary<string, int> _ports = PortNames.ToDictionary(name => name, _ => FreePorts.Take());
    private readonly Dictionary<string, string> _environment;
    private ChildProcess _process = null!;

    private Installation() =>
        _environment = _ports.ToDictionary(port => $"Ports__{port.Key}", port => port.Value.ToString(CultureInfo.InvariantCulture));

    public string Url => $"http://localhost:{Port("Api")}";

    public string TlsUrl => $"https://localhost:{Port("ApiTls")}";

    public string CaFile => _data.File("tls/ca.pem");

    /// <summary>Gets the certificate and its key, as fronts want them: in one file.</summary>
    public string Certificate => File.ReadAllText(_data.File("tls/server.pem")) + File.ReadAllText(_data.File("tls/server.key"));

    public IReadOnlyList<string> Log => _process.Lines;

    private static string Program => Repository.Program("LiveRobot");

    /// <summary>What lets people, and browsers on a machine that is busy, be as slow as they are: nobody loses a key or a turn by it.</summary>
    public static IReadOnlyDictionary<string, string> Patient { get; } = new Dictionary<string, string>
    {
        ["Control__HoldTimeout"] = "00:01:00",
        ["Control__MaxCommandAge"] = "00:01:00",
        ["Control__TurnGrace"] = "00:01:00",
    };

    /// <param name="settings">Settings as environment variables: <c>Accounts__SignUpsPerAddress</c>.</param>
    public static async Task<Installation> StartAsync(IReadOnlyDictionary<string, string>? settings = null)
    {
        var installation = new Installation();
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
        {
            installation._environment[name] = value;
        }

        await ChildProcess.RunAsync(Path.Combine(Repository.Root, "scripts/make-certificate.sh"), [installation._data.File("tls")]);
        installation._environment["Tls__CertificatePath"] = installation._data.File("tls/server.pem");
        installation._environment["Tls__KeyPath"] = installation._data.File("tls/server.key");
        try
        {
            await installation.StartServerAsync();
            return installation;
        }
        catch
        {
            await installation.DisposeAsync();
            throw;
        }
    }

    public int Port(string name) => _ports[name];

    /// <summary>Starts the server on its ports and waits until each answers.</summary>
    public async Task StartServerAsync()
    {
        _process = ChildProcess.Start("dotnet", [Program, "--data", _data.Path], _environment);
        using var client = new HttpClient();
        foreach (var port in _ports.Values)
        {
            var isAnswered = async () =>
            {
                Assert.False(_process.HasExited, string.Join('\n', _process.Lines));
                try
                {
                    return await client.GetStringAsync(new Uri($"http://localhost:{port}/healthz")) == "ok\n";
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            };
            await Eventually.TrueAsync(isAnswered, StartPatience, $"port {port} answers");
        }
    }

    /// <summary>Ends the server as a crash would.</summary>
    public async Task KillServerAsync()
    {
        _process.Signal("KILL");
        await _process.WaitForExitAsync();
        await _process.DisposeAsync();
    }

    /// <summary>Adds a robot as its owner does, beside the running server.</summary>
    public Task<RobotCredentials> AddRobotAsync(string name, string owner = "alice") => RobotCredentials.AddAsync(name, owner, "--data", _data.Path);

    /// <summary>Runs the owner's command line beside the server and gives what it prints.</summary>
    public Task<string> RunAsync(params string[] arguments) => ChildProcess.RunAsync("dotnet", [Program, .. arguments, "--data", _data.Path]);

    /// <summary>Runs the owner's command that copies the store to a database, and gives what it prints.</summary>
    /// <param name="connectionString">What stands in <c>Storage:Postgres</c>.</param>
    public Task<string> CopyToPostgresAsync(string connectionString) => ChildProcess.RunAsync(
        "dotnet", [Program, "copy-to-postgres", "--data", _data.Path], new Dictionary<string, string> { ["Storage__Postgres"] = connectionString });

    /// <summary>Has the server use a database when it starts again, and no file.</summary>
    public void UsePostgres(string connectionString)
    {
        _environment["Storage__Postgres"] = connectionString;
        foreach (var file in Directory.GetFiles(_data.Path, "liverobot.db*"))
        {
            File.Delete(file);
        }
    }

    /// <summary>Asks the API.</summary>
    public async Task<JsonElement> GetAsync(string path)
    {
        using var client = new HttpClient();
        return JsonElement.Parse(await client.GetStringAsync(new Uri(Url + path)));
    }

    /// <summary>Waits until the robot's state in the API is as told.</summary>
    public Task StateAsync(RobotCredentials robot, Func<JsonElement, bool> isIt, TimeSpan? within = null) =>
        Eventually.TrueAsync(async () => isIt(await GetAsync($"/api/v1/robots/{robot.Handle}")), within, $"the state of {robot.Handle}");

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _data.Dispose();
    }
}
