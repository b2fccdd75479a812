using System.Diagnostics.Metrics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

using LiveRobot.Platform;
using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Hosting;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;
using LiveRobot.VideoRelay.Feeds;

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LiveRobot.VideoRelay.Tests;

/// <summary>The relay as it runs, on free ports and a folder of its own, with one robot.</summary>
internal sealed class RelayServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly bool _ownsFolder;
    private readonly WebApplication _app;
    private readonly MeterListener _metrics = new();
    private int _joined;
    private long _edges;

    private RelayServer(WebApplication app, TemporaryFolder folder, bool ownsFolder, int videoPort, int audioPort)
    {
        _app = app;
        _folder = folder;
        _ownsFolder = ownsFolder;
        VideoPort = videoPort;
        AudioPort = audioPort;
        _metrics.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name is "liverobot.relay.viewers" or "liverobot.relay.edges" && instrument.Meter.Scope == Get<IMeterFactory>())
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _metrics.SetMeasurementEventCallback<long>((instrument, change, _, _) =>
        {
            if (instrument.Name == "liverobot.relay.edges")
            {
                Interlocked.Add(ref _edges, change);
            }
            else
            {
                Interlocked.Add(ref _joined, change > 0 ? 1 : 0);
            }
        });
        _metrics.Start();
    }

    public int VideoPort { get; }

    public int AudioPort { get; }

    /// <summary>Gets how many feeds edges take from here now.</summary>
    public long Edges => Interlocked.Read(ref _edges);

    public Robot Robot { get; private set; } = null!;

    public Camera Camera => Robot.Cameras[0];

    public string StreamKey { get; private set; } = null!;

    public RecordedLog Log { get; private init; } = null!;

    public RobotPresence Presence => Get<RobotPresence>();

    public IBus Bus => Get<IBus>();

    /// <summary>Starts a relay whose ports take TLS as well.</summary>
    public static Task<RelayServer> StartWithTlsAsync(params (string Setting, string Value)[] settings) => StartAsync(withTls: true, settings);

    public static Task<RelayServer> StartAsync(params (string Setting, string Value)[] settings) => StartAsync(withTls: false, settings);

    /// <summary>Starts another relay on the store of one that outlives it, and with its robot.</summary>
    public static Task<RelayServer> StartBesideAsync(RelayServer first, params (string Setting, string Value)[] settings) =>
        StartAsync(withTls: false, settings, first, FreePorts.Take(), FreePorts.Take());

    /// <summary>Starts a relay on the ports of one that was stopped, and on its store.</summary>
    public static Task<RelayServer> StartAgainAsync(RelayServer stopped, params (string Setting, string Value)[] settings) =>
        StartAsync(withTls: false, settings, stopped, stopped.VideoPort, stopped.AudioPort);

    /// <summary>Starts a relay that is a node of a cluster with one slot; on the store of another, unless it is the first.</summary>
    public static Task<RelayServer> StartNodeAsync(string name, RedisServer redis, RelayServer? first, params (string Setting, string Value)[] settings)
    {
        var port = FreePorts.Take();
        return StartAsync(withTls: false, settings, first, port, FreePorts.Take(), new Dictionary<string, string?>
        {
            ["Redis:Configuration"] = redis.Configuration,
            ["Cluster:Node"] = name,
            ["Cluster:Address"] = $"http://127.0.0.1:{port}",
            ["Cluster:Slots:0:Video"] = "robots.example.org:8082",
            ["Cluster:LeaseTime"] = "00:00:12",
            ["Cluster:HandOverTime"] = "00:00:00",
        });
    }

    private static Task<RelayServer> StartAsync(bool withTls, params (string Setting, string Value)[] settings) =>
        StartAsync(withTls, settings, first: null, FreePorts.Take(), FreePorts.Take());

    /// <param name="platform">Settings beside the relay's, by their whole names.</param>
    private static async Task<RelayServer> StartAsync(
        bool withTls, (string Setting, string Value)[] settings, RelayServer? first, int videoPort, int audioPort, IReadOnlyDictionary<string, string?>? platform = null)
    {
        var folder = first?._folder ?? new TemporaryFolder();
        var log = new RecordedLog();
        var builder = WebApplication.CreateBuilder();
        builder.Configuration["Storage:Directory"] = folder.Path;
        builder.Configuration["Ports:Video"] = $"{videoPort}";
        builder.Configuration["Ports:Audio"] = $"{audioPort}";
        builder.Configuration.AddInMemoryCollection(platform);
        foreach (var (setting, value) in settings)
        {
            builder.Configuration[$"VideoRelay:{setting}"] = value;
        }

        if (withTls)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
            using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            builder.Configuration["Tls:CertificatePath"] = folder.File("certificate.pem");
            builder.Configuration["Tls:KeyPath"] = folder.File("key.pem");
            await File.WriteAllTextAsync(folder.File("certificate.pem"), certificate.ExportCertificatePem());
            await File.WriteAllTextAsync(folder.File("key.pem"), key.ExportPkcs8PrivateKeyPem());
        }

        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(LogLevel.Information);
        builder.Logging.AddProvider(log);
        builder.AddPlatform();
        builder.AddVideoRelay();
        builder.Listen(ports => [ports.Video, ports.Audio]);
        var app = builder.Build();
        app.OnPorts(ports => [ports.Video], endpoints => endpoints.MapRelayPort(Medium.Video));
        app.OnPorts(ports => [ports.Audio], endpoints => endpoints.MapRelayPort(Medium.Audio));
        await app.StartAsync();
        var server = new RelayServer(app, folder, ownsFolder: first is null, videoPort, audioPort) { Log = log };
        server.Robot = first?.Robot ?? await server.Get<RobotDirectory>().AddAsync("Rover", "ada");
        server.StreamKey = await server.Get<RobotDirectory>().StreamKeyAsync(server.Camera.CameraId);
        return server;
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public Task<Robot> AddRobotAsync(string name) => Get<RobotDirectory>().AddAsync(name, "ada");

    /// <summary>Where an encoder sends to, as robots write it.</summary>
    public string IngestUrl(Medium medium = Medium.Video, string? streamKey = null) =>
        $"http://{IPAddress.Loopback}:{Port(medium)}/{streamKey ?? StreamKey}/320/240/";

    /// <summary>Where a viewer looks.</summary>
    public Uri ViewerUrl(Medium medium = Medium.Video, string? path = null) =>
        new($"ws://{IPAddress.Loopback}:{Port(medium)}/{path ?? $"{Robot.Handle}/{Camera.CameraId}"}");

    /// <summary>Connects a viewer and waits until the relay counts it: its handshake is answered a moment before it gets frames.</summary>
    public Task<TestViewer> WatchAsync(Medium medium = Medium.Video, params string[] subprotocols) => WatchAsync(ViewerUrl(medium), subprotocols);

    /// <inheritdoc cref="WatchAsync(Medium, string[])"/>
    public async Task<TestViewer> WatchAsync(Uri url, params string[] subprotocols)
    {
        var before = Volatile.Read(ref _joined);
        var viewer = await TestViewer.ConnectAsync(url, subprotocols);
        await Eventually.TrueAsync(() => Volatile.Read(ref _joined) > before);
        return viewer;
    }

    /// <summary>Ends the relay; its store stays.</summary>
    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        _metrics.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        if (_ownsFolder)
        {
            _folder.Dispose();
        }
    }

    /// <summary>Gets the feed of the robot's video while it is sent or watched here.</summary>
    public Feed? Feed => Get<FeedDirectory>().OfCamera(Camera.CameraId).FirstOrDefault(feed => feed.Medium == Medium.Video);

    private int Port(Medium medium) => medium == Medium.Video ? VideoPort : AudioPort;
}
