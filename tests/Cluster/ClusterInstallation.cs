using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

using LiveRobot.Testing;

namespace LiveRobot.Cluster;

/// <summary>
/// The installation of docker-compose.yml as processes: two nodes of each service with the environment that stands there,
/// Redis, PostgreSQL, and HAProxy with deploy/haproxy.cfg. Only addresses and ports are others, since all share a machine.
/// </summary>
public sealed class ClusterInstallation : IAsyncLifetime
{
    /// <summary>Ten nodes start at once, on machines that have something else to do as well.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(4);

    /// <summary>The ports of each program: their names in <c>Ports</c>, and what they are unless set.</summary>
    private static readonly Dictionary<string, (string Name, int Port)[]> PortsOf = new()
    {
        ["Api"] = [("Api", 8080), ("ApiTls", 8443)],
        ["ControlSocket"] = [("Control", 8021)],
        ["ChatSocket"] = [("Chat", 8023), ("User", 8000)],
        ["StatusSocket"] = [("Status", 8022)],
        ["VideoRelay"] = [("Video", 8082), ("Audio", 8083)],
    };

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, int> _addresses = [];
    private readonly Dictionary<int, int> _frontPorts = [];
    private readonly Dictionary<string, ComposeFile.Node> _nodes = [];
    private readonly Dictionary<string, ChildProcess> _processes = [];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private PostgresServer _postgres = null!;
    private string _database = null!;
    private ChildProcess? _front;

    public RedisServer Redis { get; private set; } = null!;

    /// <summary>Gets the site behind the front.</summary>
    public string Url => $"https://localhost:{FrontPort(443)}";

    /// <summary>Gets where robots ask the API, without TLS.</summary>
    public Uri RobotsUrl => new($"http://localhost:{FrontPort(8080)}");

    /// <summary>Gets the port at which this front listens for what docker-compose.yml publishes at another.</summary>
    public int FrontPort(int published) => _frontPorts[published];

    public async ValueTask InitializeAsync()
    {
        Redis = await RedisServer.StartAsync();
        _postgres = PostgresServer.Start();
        _database = _postgres.CreateDatabase();
        Directory.CreateDirectory(_folder.File("secrets"));
        await File.WriteAllTextAsync(_folder.File("secrets/Storage__MasterKey"), Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        await File.WriteAllTextAsync(_folder.File("secrets/VideoRelay__Edge__Secret"), Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        await File.WriteAllTextAsync(_folder.File("secrets/Storage__PostgresPassword"), "not asked for on a socket of one's own\n");

        foreach (var node in (await ComposeFile.ReadAsync("localhost")).Nodes)
        {
            _nodes[node.Name] = node;
            foreach (var (_, port) in PortsOf[node.Program])
            {
                _addresses[$"{node.Name}:{port}"] = FreePorts.Take();
            }
        }

        await StartFrontAsync();

        // The first makes the tables, the others find them.
        foreach (var group in _nodes.Keys.GroupBy(name => name != "api1").OrderBy(group => group.Key))
        {
            foreach (var node in group)
            {
                Start(node);
            }

            await Task.WhenAll(group.Select(ReadyAsync));
        }

        await Eventually.TrueAsync(async () => await HoldersAsync() is var holders && Slots.All(holders.ContainsKey), StartPatience, "each slot has a node");
    }

    /// <summary>All slots, by service: <c>control/0</c>.</summary>
    public static IReadOnlyList<string> Slots { get; } = [.. from service in new[] { "control", "chat", "video" } from number in new[] { 0, 1 } select $"{service}/{number}"];

    public ChildProcess Process(string node) => _processes[node];

    /// <summary>Tells which node has each slot, as the front finds out: it asks the nodes.</summary>
    public async Task<IReadOnlyDictionary<string, string>> HoldersAsync()
    {
        var holders = new Dictionary<string, string>();
        foreach (var node in _nodes.Keys.Where(name => !_processes[name].HasExited))
        {
            foreach (var slot in Slots.Where(slot => node.StartsWith(slot.Split('/')[0], StringComparison.Ordinal)))
            {
                if (await IsAnsweredAsync(node, $"readyz/slots/{slot.Split('/')[1]}"))
                {
                    holders[slot] = node;
                }
            }
        }

        return holders;
    }

    /// <summary>Starts a node, for the first time or again, at its ports.</summary>
    public void Start(string name)
    {
        var node = _nodes[name];
        var environment = EnvironmentOf(node);
        foreach (var (portName, port) in PortsOf[node.Program])
        {
            environment[$"Ports__{portName}"] = $"{_addresses[$"{name}:{port}"]}";
        }

        _processes[name] = ChildProcess.Start("dotnet", [Repository.Program(node.Program)], environment);
    }

    public Task ReadyAsync(string name) => Eventually.TrueAsync(
        async () =>
        {
            Assert.False(_processes[name].HasExited, $"{name} has ended: {string.Join('\n', _processes[name].Lines)}");
            return await IsReadyAsync(name);
        },
        StartPatience,
        $"{name} is ready");

    public Task<bool> IsReadyAsync(string name) => IsAnsweredAsync(name, "readyz");

    /// <summary>Ends a node by a signal, and waits until it is gone: <c>KILL</c> as a crash would, <c>TERM</c> as an upgrade does.</summary>
    public async Task EndAsync(string name, string signal)
    {
        _processes[name].Signal(signal);
        await _processes[name].WaitForExitAsync();
    }

    /// <summary>Adds a robot as an administrator does, by the command line with the environment of a node.</summary>
    public Task<RobotCredentials> AddRobotAsync(string name) => RobotCredentials.AddAsync(name, "alice", EnvironmentOf(_nodes["api1"]));

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_processes.Values.Select(process => process.DisposeAsync().AsTask()));
        if (_front is not null)
        {
            await _front.DisposeAsync();
        }

        if (Redis is not null)
        {
            await Redis.DisposeAsync();
        }

        _postgres?.Dispose();
        _http.Dispose();
        _folder.Dispose();
    }

    /// <summary>Starts HAProxy. What its configuration takes from the environment, with its default, tells what it needs.</summary>
    private async Task StartFrontAsync()
    {
        var configuration = Path.Combine(Repository.Root, "deploy/haproxy.cfg");
        var environment = new Dictionary<string, string> { ["CERTIFICATE"] = _folder.File("site.pem") };
        foreach (Match variable in Regex.Matches(await File.ReadAllTextAsync(configuration), """\$\{(?<name>\w+)-(?<default>[^}]+)\}"""))
        {
            var (name, value) = (variable.Groups["name"].Value, variable.Groups["default"].Value);
            environment[name] = int.TryParse(value, CultureInfo.InvariantCulture, out var port)
                ? $"{(_frontPorts.TryGetValue(port, out var taken) ? taken : _frontPorts[port] = FreePorts.Take())}"
                : value.Contains(':', StringComparison.Ordinal) ? Here(value) : $"liverobot-test-{_frontPorts[80]}";
        }

        await ChildProcess.RunAsync(Path.Combine(Repository.Root, "scripts/make-certificate.sh"), [_folder.File("tls")]);
        await File.WriteAllTextAsync(environment["CERTIFICATE"], await File.ReadAllTextAsync(_folder.File("tls/server.pem")) + await File.ReadAllTextAsync(_folder.File("tls/server.key")));
        _front = ChildProcess.Start("haproxy", ["-f", configuration], environment);
        await Eventually.TrueAsync(
            async () =>
            {
                Assert.False(_front.HasExited, $"The front has ended: {string.Join('\n', _front.Lines)}");
                return await IsAnsweredAsync(new Uri(RobotsUrl, "front/healthz"));
            },
            StartPatience,
            "the front listens");
    }

    private Dictionary<string, string> EnvironmentOf(ComposeFile.Node node) => new(node.Environment.ToDictionary(variable => variable.Key, variable => Here(variable.Value)))
    {
        ["Storage__Postgres"] = _database,
        ["Redis__Configuration"] = Redis.Configuration,
        ["Secrets__Directory"] = _folder.File("secrets"),
        ["Proxies__Trusted__0"] = "127.0.0.1",
        ["Site__Directory"] = Path.Combine(Repository.Root, "web/dist"),
    };

    /// <summary>Puts the addresses of this machine in the place of those on the containers' network.</summary>
    private string Here(string text)
    {
        foreach (var (address, port) in _addresses)
        {
            text = text.Replace(address, $"127.0.0.1:{port}", StringComparison.Ordinal);
        }

        return Regex.Replace(text, "(?<=^localhost:)[0-9]+$", published => $"{FrontPort(int.Parse(published.Value, CultureInfo.InvariantCulture))}");
    }

    private Task<bool> IsAnsweredAsync(string node, string path) =>
        IsAnsweredAsync(new Uri($"http://127.0.0.1:{_addresses[$"{node}:{PortsOf[_nodes[node].Program][0].Port}"]}/{path}"));

    private async Task<bool> IsAnsweredAsync(Uri address)
    {
        try
        {
            using var answer = await _http.GetAsync(address);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }
}
