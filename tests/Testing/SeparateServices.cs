using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

using LiveRobot.Platform.Storage;

namespace LiveRobot.Testing;

/// <summary>
/// The services as processes of their own on one Redis and one store, as docker-compose.yml starts them: each once, or
/// two nodes of each behind a front. Every node can be killed and started again, and is then on the same ports.
/// </summary>
/// <remarks>The first node of a service has the service's name, the second has it with a 2 behind: <c>Api</c>, <c>Api 2</c>.</remarks>
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

    /// <summary>What the second node of a service has behind the service's name.</summary>
    public const string SecondNode = " 2";

    private const string SlotPath = "readyz/slots/0";

    /// <summary>The ports of services that any node serves alike.</summary>
    private static readonly string[] WithoutSlots = ["Api", "ApiTls", "Status"];

    private readonly TemporaryFolder _data = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly ConcurrentDictionary<string, ChildProcess> _processes = [];
    private readonly Dictionary<string, int> _ports = PortsOf.Values.SelectMany(names => names).ToDictionary(name => name, _ => FreePorts.Take());
    private readonly Dictionary<string, string> _settings;
    private readonly IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> _environments;
    private readonly OtherMachine? _machine;

    /// <summary>The nodes with their ports. A service that runs once has those that its clients are told.</summary>
    private readonly Dictionary<string, Dictionary<string, int>> _nodes;

    private SlotFront? _front;

    private SeparateServices(
        IReadOnlyCollection<string> services, bool twice, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>? environments, OtherMachine? machine)
    {
        _machine = machine;
        _settings = _ports.ToDictionary(port => $"Ports__{port.Key}", port => Text(port.Value));
        _environments = environments ?? new Dictionary<string, IReadOnlyDictionary<string, string>>();
        _nodes = (twice ? services.SelectMany(service => new[] { service, service + SecondNode }) : services).ToDictionary(
            node => node, node => PortsOf[ServiceOf(node)].ToDictionary(name => name, name => twice ? FreePorts.Take() : _ports[name]));
        if (twice)
        {
            foreach (var name in new[] { "Control", "Chat", "Video", "Audio" })
            {
                _settings[$"Cluster__Slots__0__{name}"] = $"localhost:{_ports[name]}";
            }
        }
    }

    /// <summary>Gets the names of all services.</summary>
    public static IReadOnlyCollection<string> Names => PortsOf.Keys;

    /// <summary>Gets the names of the nodes.</summary>
    public IReadOnlyCollection<string> Nodes => _nodes.Keys;

    public RedisServer Redis { get; private set; } = null!;

    /// <summary>Gets the store of the services, for another process as it were.</summary>
    public StorageOptions Store => new() { Directory = _settings["Storage__Directory"], Postgres = _settings.GetValueOrDefault("Storage__Postgres") };

    public IEnumerable<ChildProcess> Processes => _processes.Values;

    /// <summary>Starts some services or all, and waits until each is ready.</summary>
    /// <param name="settings">Settings as environment variables: <c>Chat__Burst</c>.</param>
    /// <param name="services">By name; all when there is none.</param>
    /// <param name="redis">Theirs from now on; one of their own when there is none.</param>
    /// <param name="twice">Whether there are two nodes of each, behind a front.</param>
    /// <param name="environments">What single nodes, by name, have in their environment beside the settings of all.</param>
    /// <param name="machine">Where the first node of each service runs; here when there is none. Its owner disposes of it.</param>
    public static async Task<SeparateServices> StartAsync(
        IReadOnlyDictionary<string, string>? settings = null,
        IReadOnlyCollection<string>? services = null,
        RedisServer? redis = null,
        bool twice = false,
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>? environments = null,
        OtherMachine? machine = null)
    {
        var started = new SeparateServices(services ?? Names, twice, environments, machine);
        try
        {
            started.Redis = redis ?? await RedisServer.StartAsync();
            started._settings["Storage__Directory"] = started._data.Path;
            started._settings["Redis__Configuration"] = started.Redis.Configuration;
            foreach (var (name, value) in settings ?? new Dictionary<string, string>())
            {
                started._settings[name] = value;
            }

            if (twice)
            {
                started._front = SlotFront.Start(started._ports.Select(port => (
                    port.Value,
                    !WithoutSlots.Contains(port.Key),
                    started._nodes.Where(node => node.Value.ContainsKey(port.Key)).Select(node => $"{started.HostOf(node.Key)}:{node.Value[port.Key]}"))));
            }

            await Task.WhenAll(started.Nodes.Select(started.Start).ToArray().Select(started.ReadyAsync));
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

    public ChildProcess Process(string node) => _processes[node];

    /// <summary>Starts a node that has ended.</summary>
    /// <returns>The node's name.</returns>
    public string Start(string node)
    {
        var environment = new Dictionary<string, string>(_settings);
        foreach (var (name, value) in _environments.GetValueOrDefault(node) ?? new Dictionary<string, string>())
        {
            environment[name] = value;
        }

        foreach (var (name, port) in _nodes[node])
        {
            environment[$"Ports__{name}"] = Text(port);
        }

        string[] command = [.. RunsElsewhere(node) ? _machine.Run : [], "dotnet", Repository.Program(ServiceOf(node))];
        if (_machine is not null)
        {
            environment["Cluster__Address"] = $"http://{(RunsElsewhere(node) ? _machine.Inside.There : _machine.Inside.Here)}:{_nodes[node].Values.First()}";
        }

        _processes[node] = ChildProcess.Start(command[0], command[1..], environment);
        return node;
    }

    /// <summary>Ends a node as a crash would.</summary>
    public Task KillAsync(string node) => EndAsync(node, "KILL");

    /// <summary>Asks a node to end, and waits until it has.</summary>
    public Task StopAsync(string node) => EndAsync(node, "TERM");

    /// <summary>Waits until a node says that it can serve.</summary>
    public Task ReadyAsync(string node) => Eventually.TrueAsync(() => IsReadyAsync(node), StartPatience, $"{node} is ready");

    /// <summary>Asks a node whether it can serve.</summary>
    /// <exception cref="InvalidOperationException">It has ended; the message has what it said.</exception>
    public Task<bool> IsReadyAsync(string node) => _processes[node].HasExited
        ? throw new InvalidOperationException($"{node} has ended: {string.Join('\n', _processes[node].Lines)}")
        : AnswersAsync(node, "readyz");

    /// <summary>Gives the node of a service that serves all robots now, or the first where it is any.</summary>
    public async Task<string> ServingNodeAsync(string service)
    {
        string[] nodes = [.. Nodes.Where(node => ServiceOf(node) == service)];
        foreach (var node in nodes)
        {
            if (await ServesAsync(node))
            {
                return node;
            }
        }

        return nodes[0];
    }

    /// <summary>Asks a node, where it runs, whether it serves all robots now.</summary>
    public async Task<bool> ServesAsync(string node) => RunsElsewhere(node)
        ? await _machine.AskAsync(_nodes[node].Values.First(), SlotPath) == 200
        : await AnswersAsync(node, SlotPath);

    /// <summary>Has the first node of a service serve, by a restart of the second.</summary>
    public async Task HaveFirstServeAsync(string service)
    {
        if (await ServingNodeAsync(service) != service)
        {
            await StopAsync(service + SecondNode);
            Start(service + SecondNode);
        }

        await Eventually.TrueAsync(() => ServesAsync(service), StartPatience, $"{service} serves");
    }

    /// <summary>Adds a robot as its owner does, beside the running services.</summary>
    public Task<RobotCredentials> AddRobotAsync(string name) => RobotCredentials.AddAsync(name, "alice", _settings, "--data", Store.Directory);

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

        if (_front is not null)
        {
            await _front.DisposeAsync();
        }

        if (Redis is not null)
        {
            await Redis.DisposeAsync();
        }

        _http.Dispose();
        _data.Dispose();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string ServiceOf(string node) => node.EndsWith(SecondNode, StringComparison.Ordinal) ? node[..^SecondNode.Length] : node;

    [MemberNotNullWhen(true, nameof(_machine))]
    private bool RunsElsewhere(string node) => _machine is not null && ServiceOf(node) == node;

    private string HostOf(string node) => RunsElsewhere(node) ? _machine.Outside.There : "127.0.0.1";

    private async Task EndAsync(string node, string signal)
    {
        _processes[node].Signal(signal);
        await _processes[node].WaitForExitAsync();
        await _processes[node].DisposeAsync();
    }

    private async Task<bool> AnswersAsync(string node, string path)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri($"http://{HostOf(node)}:{_nodes[node].Values.First()}/{path}"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }
}
