using System.Collections.Concurrent;

using LiveRobot.Testing;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using SocketIO.Adapters;

using WebSockets.EventLoops;

namespace SocketIO.Tests;

/// <summary>A Socket.IO server on Kestrel at a free port, whose clock stands still until the test moves it.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private readonly RecordedLog _log;

    private TestServer(WebApplication app, SocketIOServer server, ManualClock clock, RecordedLog log)
    {
        _log = log;
        _app = app;
        Server = server;
        Clock = clock;
    }

    public SocketIOServer Server { get; }

    public ManualClock Clock { get; }

    public int Port => new Uri(_app.Urls.Single()).Port;

    /// <summary>Gets the sockets of the root namespace, in the order in which they connected.</summary>
    public ConcurrentQueue<Socket> Sockets { get; } = new();

    public ConcurrentDictionary<Socket, DisconnectReason> Ended { get; } = new();

    public static async Task<TestServer> StartAsync(SocketIOOptions? options = null, Action<Socket>? onConnection = null, IAdapter? adapter = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        var log = new RecordedLog();
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Error);
        builder.WebHost.UseUrls("http://127.0.0.1:0").UseEventLoops();
        var app = builder.Build();
        var clock = new ManualClock();
        var server = new SocketIOServer(options, app.Services.GetRequiredService<ILogger<SocketIOServer>>(), clock, adapter);
        app.Run(server.HandleAsync);
        var test = new TestServer(app, server, clock, log);
        server.Root.OnConnection(socket =>
        {
            test.Sockets.Enqueue(socket);
            socket.OnDisconnect(reason => test.Ended[socket] = reason);
            onConnection?.Invoke(socket);
        });
        await server.StartAsync();
        await app.StartAsync();
        return test;
    }

    /// <summary>Fails the test if anything threw what nobody caught.</summary>
    public void AssertNothingFailed() => _log.ThrowIfAnyError();

    public PollingClient Client(int version, string query = "") => new(Port, version, query);

    /// <summary>Makes a client on polling that is in the root namespace.</summary>
    public async Task<PollingClient> ConnectPollingAsync(int version, string query = "")
    {
        var client = Client(version, query);
        await client.ConnectAsync(this);
        return client;
    }

    /// <summary>Waits for the only socket, or for the one after those that are known.</summary>
    public async Task<Socket> SocketAsync(int index = 0)
    {
        await Eventually.TrueAsync(() => Sockets.Count > index);
        return Sockets.ElementAt(index);
    }

    public async Task<DisconnectReason> EndAsync(Socket socket)
    {
        await Eventually.TrueAsync(() => Ended.ContainsKey(socket));
        return Ended[socket];
    }

    public async ValueTask DisposeAsync()
    {
        await Server.CloseAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
