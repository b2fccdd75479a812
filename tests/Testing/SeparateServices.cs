using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace LiveRobot.Testing;

/// <summary>
/// The services as processes of their own on one Redis and one store, as docker-compose.yml starts them. Each can be
/// killed and started again, and is then on the same ports.
/// </summary>
public sealed class SeparateServices : IAsyncDisposable
{
    /// <summary>Several start at once, on machines that have something else to do as well.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(2);

    /// <summary>The services with their ports, by the names in <c>Ports</c>. The first is where a service is asked how it is.</summary>
    private static readonly Dictionary<string, string[]> PortsOf = new()
    {
        ["Api"] = ["Api", "ApiTls"],
        ["ControlSocket"] = ["Control"],
        ["ChatSocket"] = ["Chat", "User"],
        ["StatusSocket"] = ["Status"],
        ["VideoRelay"] = ["Video", "Audio"],
    };

    private readonly TemporaryFolder _data = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly ConcurrentDictionary<string, ChildProcess> _processes = [];
    private readonly Dictionary<string, int> _ports = PortsOf.Values.SelectMany(names => names).ToDictionary(name => name, _ => FreePorts.Take());
    private readonly Dictionary<string, string> _settings;

    private SeparateServices() =>
        _settings = _ports.ToDictionary(port => $"Ports__{port.Key}", port => port.Value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Gets the names of all services.</summary>
    public static IReadOnlyCollection<string> Names => PortsOf.Keys;

    public RedisServer Redis { get; private set; } = null!;

    /// <summary>Gets the folder of the store.</summary>
    public string Data => _settings["Storage__Directory"];

    public IEnumerable<ChildProcess> Processes => _processes.Values;

    /// <summary>Starts some services or all, and waits until each is ready.</summary>
    /// <param name="settings">Settings as environment variables: <c>Chat__Burst</c>.</param>
    /// <param name="services">By name; all when there is none.</param>
    /// <param name="redis">Theirs from now on; one of their own when there is none.</param>
    public static async Task<SeparateServices> StartAsync(
        IReadOnlyDictionary<string, string>? settings = null, IReadOnlyCollection<string>? services = null, RedisServer? redis = null)
    {
        var started = new SeparateServices();
        try
        {
            started.Redis = redis ?? await RedisServer.StartAsync();
            started._settings["Storage__Directory"] = started._data.Path;
            started._settings["Redis__Configuration"] = started.Redis.Configuration;
            foreach (var (name, value) in settings ?? new Dictionary<string, string>())
            {
                started._settings[name] = value;
            }

            await Task.WhenAll((services ?? Names).Select(service => started.Start(service)).ToArray().Select(started.ReadyAsync));
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    public int Port(string name) => _ports[name];

    /// <summary>Gets an address on a port by its name in <c>Ports</c>.</summary>
    public Uri Address(string port, string path = "", string scheme = "http") => new($"{scheme}://localhost:{_ports[port]}/{path}");

    public ChildProcess Process(string service) => _processes[service];

    /// <summary>Starts a service that has ended.</summary>
    /// <param name="service">Its name.</param>
    /// <param name="environment">What it alone has in its environment.</param>
    /// <returns>The service's name.</returns>
    public string Start(string service, IReadOnlyDictionary<string, string>? environment = null)
    {
        _processes[service] = ChildProcess.Start("dotnet", [Repository.Program(service)], _settings.Concat(environment ?? new Dictionary<string, string>()).ToDictionary());
        return service;
    }

    /// <summary>Ends a service as a crash would.</summary>
    public async Task KillAsync(string service)
    {
        _processes[service].Signal("KILL");
        await _processes[service].WaitForExitAsync();
        await _processes[service].DisposeAsync();
    }

    /// <summary>Waits until a service says that it can serve.</summary>
    public Task ReadyAsync(string service) => Eventually.TrueAsync(() => IsReadyAsync(service), StartPatience, $"{service} is ready");

    /// <summary>Asks a service whether it can serve.</summary>
    /// <exception cref="InvalidOperationException">It has ended; the message has what it said.</exception>
    public async Task<bool> IsReadyAsync(string service)
    {
        if (_processes[service].HasExited)
        {
            throw new InvalidOperationException($"{service} has ended: {string.Join('\n', _processes[service].Lines)}");
        }

        try
        {
            using var answer = await _http.GetAsync(Address(PortsOf[service][0], "readyz"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    /// <summary>Adds a robot as its owner does, beside the running services.</summary>
    public Task<RobotCredentials> AddRobotAsync(string name) => RobotCredentials.AddAsync(name, "alice", "--data", Data);

    /// <summary>Gives the state of a robot in the API, or null when the API does not tell it.</summary>
    public async Task<JsonElement?> StateAsync(RobotCredentials robot)
    {
        try
        {
            using var answer = await _http.GetAsync(Address("Api", $"api/v1/robots/{robot.Handle}"));
            return answer.IsSuccessStatusCode ? JsonElement.Parse(await answer.Content.ReadAsStringAsync()) : null;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes.Values)
        {
            await process.DisposeAsync();
        }

        if (Redis is not null)
        {
            await Redis.DisposeAsync();
        }

        _http.Dispose();
        _data.Dispose();
    }
}
