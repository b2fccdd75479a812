using System.Collections.Concurrent;
using System.Globalization;

using Dapper;

using LiveRobot.Platform.Storage;
using LiveRobot.Testing;

using Microsoft.Extensions.Options;

namespace LiveRobot.Faults;

/// <summary>
/// Who uses the services while they suffer: a robot of each kind, a viewer with the site's library who drives it, one who
/// watches the picture of ours, and one who chats. What comes is kept with its time.
/// </summary>
internal sealed class Load : IAsyncDisposable
{
    /// <summary>The kinds of robot, in the order of the table: our client, npm's socket.io-client, and the Python libraries of the LetsRobot era and of today.</summary>
    public static readonly IReadOnlyList<string> AllKinds = ["ours", "npm 1.7", "npm 2.5", "Python, LetsRobot era", "Python"];

    private static readonly Dictionary<string, string> NoLimits = new()
    {
        ["Chat__Burst"] = "1000",
        ["Chat__MessageInterval"] = "00:00:00.001",
        ["Chat__MessagesKept"] = "1000000",
    };

    private readonly Dictionary<string, RobotCredentials> _robots = [];
    private readonly Dictionary<string, ChildProcess> _clients = [];
    private readonly Dictionary<string, Timeline> _driven = [];
    private readonly Dictionary<string, string> _clientEnvironment = new()
    {
        // So that npm's libraries of the tests' clients are found.
        ["NODE_PATH"] = Path.Combine(Repository.Root, "tests/Compatibility/clients/node_modules"),
    };

    private readonly Timeline _said = new();
    private readonly ConcurrentQueue<string> _acknowledged = new();
    private RelayViewer? _viewer;

    private readonly string? _caFile;

    private Load(SeparateServices services, string? caFile)
    {
        Services = services;
        _caFile = caFile;
        foreach (var name in caFile is null ? Array.Empty<string>() : ["NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "WEBSOCKET_CLIENT_CA_BUNDLE"])
        {
            _clientEnvironment[name] = caFile!;
        }
    }

    public SeparateServices Services { get; }

    /// <summary>Gets the C# client of our robot, whose children are its encoders.</summary>
    public ChildProcess OurRobot => _clients["ours"];

    /// <summary>Gets when each kind of robot was told to move.</summary>
    public IReadOnlyDictionary<string, Timeline> Driven => _driven;

    /// <summary>Gets when frames came to who watches our robot.</summary>
    public Timeline Frames => _viewer!.Frames;

    /// <summary>Gets when chat lines were refused.</summary>
    public Timeline Refused { get; } = new();

    /// <summary>Gets how many chat lines the server has acknowledged.</summary>
    public int Acknowledged => _acknowledged.Count;

    /// <summary>Gives the settings of a store in PostgreSQL, with the time-outs that we have, not those of tests that wait for a busy machine.</summary>
    public static IReadOnlyDictionary<string, string> StoreIn(PostgresServer postgres) => new Dictionary<string, string>
    {
        ["Storage__Postgres"] = string.Join(';', postgres.CreateDatabase().Split(';').Where(part => !part.Contains("Timeout", StringComparison.Ordinal))),
    };

    /// <summary>Starts the services and all clients, and waits until every robot is driven and everything else goes.</summary>
    /// <param name="settings">Settings of the services as environment variables.</param>
    /// <param name="redis">What the services share; one of their own when there is none.</param>
    /// <param name="caFile">The authority of the services' certificate; where there is one, all clients come over TLS.</param>
    /// <param name="twice">Whether there are two nodes of each service, behind a front.</param>
    /// <param name="environments">What single nodes, by name, have in their environment.</param>
    /// <param name="machine">Where the first node of each service runs; here when there is none.</param>
    public static async Task<Load> StartAsync(
        IReadOnlyDictionary<string, string>? settings = null,
        RedisServer? redis = null,
        string? caFile = null,
        bool twice = false,
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>? environments = null,
        OtherMachine? machine = null)
    {
        var allSettings = NoLimits.Concat(settings ?? new Dictionary<string, string>()).ToDictionary();
        var load = new Load(await SeparateServices.StartAsync(allSettings, redis: redis, twice: twice, environments: environments, machine: machine), caFile);
        try
        {
            foreach (var kind in RandomInput.IsLong ? AllKinds : ["ours"])
            {
                load._robots[kind] = await load.Services.AddRobotAsync(kind);
                load._driven[kind] = new Timeline();
                load._clients[kind] = load.StartRobot(kind);
            }

            string[] handles = [.. load._robots.Values.Select(robot => robot.Handle)];
            load._clients["viewers"] = ChildProcess.Start(
                "node", [Client("viewers.js"), load.Origin("Control"), load.Origin("Chat"), .. handles], load._clientEnvironment, load.OnViewerLine);
            var ours = load._robots["ours"];
            load._viewer = new RelayViewer(load.Services.Address("Video", $"{ours.Handle}/{ours.CameraId}", caFile is null ? "ws" : "wss"));
            await load.WellAsync(since: 0);
            return load;
        }
        catch
        {
            await load.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until all services are ready, our robot is there and live, and since a moment every robot was driven, frames came and a chat line was acknowledged.</summary>
    /// <exception cref="TimeoutException">Something of it did not come; the message says what.</exception>
    public async Task WellAsync(long since)
    {
        var missing = "";
        try
        {
            await Eventually.TrueAsync(async () => (missing = await MissingAsync(since)).Length == 0, Fault.Patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Not well within {Fault.Patience}: {missing}");
        }
    }

    /// <summary>Counts the acknowledged chat lines that are not in the store.</summary>
    public async Task<int> LostLinesAsync()
    {
        using var database = new Database(Options.Create(Services.Store));
        await using var connection = await database.OpenAsync();
        return _acknowledged.Except(await connection.QueryAsync<string>("SELECT text FROM chat_messages")).Count();
    }

    /// <summary>Gives the memory that all services have (resident set), in bytes.</summary>
    public long ServicesMemory() => Services.Processes.Sum(process => process.ResidentBytes);

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values)
        {
            await client.DisposeAsync();
        }

        if (_viewer is not null)
        {
            await _viewer.DisposeAsync();
        }

        await Services.DisposeAsync();
    }

    private static string Client(string file) => Path.Combine(Repository.Root, "tests/Faults/clients", file);

    private string Origin(string port) => Services.Address(port, scheme: _caFile is null ? "http" : "https").GetLeftPart(UriPartial.Authority);

    private ChildProcess StartRobot(string kind)
    {
        var robot = _robots[kind];
        var api = new Uri(Origin("Api"));
        var control = Origin("Control");
        return kind switch
        {
            "ours" => robot.StartDemoRobot(api, Services.Port("Status"), _caFile, Moved("command F down")),
            "Python, LetsRobot era" => robot.StartLetsRobotEraRobot(api, Services.Port("Status"), caFile: _caFile, onLine: Moved("\"key_position\": \"down\"")),
            "Python" => ChildProcess.Start("/usr/bin/python3", [Client("robot.py"), control, robot.RobotId], _clientEnvironment, Moved("command F down")),
            _ => ChildProcess.Start("node", [Client("robot.js"), kind.Substring("npm ".Length, 1), control, robot.RobotId], _clientEnvironment, Moved("command F down")),
        };

        Action<string> Moved(string sign) => line =>
        {
            if (line.Contains(sign, StringComparison.Ordinal))
            {
                _driven[kind].Add();
            }
        };
    }

    private void OnViewerLine(string line)
    {
        if (line.StartsWith("said ", StringComparison.Ordinal))
        {
            _said.Add();
            _acknowledged.Enqueue(string.Create(CultureInfo.InvariantCulture, $"line {line["said ".Length..]}"));
        }
        else if (line.StartsWith("refused chat_message ", StringComparison.Ordinal))
        {
            Refused.Add();
        }
    }

    private async Task<string> MissingAsync(long since)
    {
        List<string> missing = [.. _driven.Where(robot => !robot.Value.HasAnySince(since)).Select(robot => $"{robot.Key} is driven")];
        if (!Frames.HasAnySince(since))
        {
            missing.Add("frames come");
        }

        if (!_said.HasAnySince(since))
        {
            missing.Add("chat lines are acknowledged");
        }

        foreach (var node in Services.Nodes)
        {
            if (!await Services.IsReadyAsync(node))
            {
                missing.Add($"{node} is ready");
            }
        }

        if (await Services.StateAsync(_robots["ours"]) is not { } state || !state.GetProperty("online").GetBoolean() || !state.GetProperty("live").GetBoolean())
        {
            missing.Add("our robot is live");
        }

        return string.Join(", ", missing);
    }
}
