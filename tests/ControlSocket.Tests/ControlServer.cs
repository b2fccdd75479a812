using LiveRobot.Platform;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>The real service on a free port, with a data folder of its own.</summary>
public sealed class ControlServer : IAsyncDisposable
{
    private readonly TemporaryFolder _data;
    private readonly WebApplication _app;

    private ControlServer(TemporaryFolder data, WebApplication app)
    {
        _data = data;
        _app = app;
    }

    public Uri Address => new(_app.Urls.First());

    /// <summary>Gets everything the service has logged.</summary>
    public required LogLines Logs { get; init; }

    public RobotDirectory Robots => _app.Services.GetRequiredService<RobotDirectory>();

    public RobotPresence Presence => _app.Services.GetRequiredService<RobotPresence>();

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>Gets the sockets that are connected now.</summary>
    public IReadOnlyCollection<SocketIO.Socket> Sockets => _app.Services.GetRequiredKeyedService<SocketIO.SocketIOServer>("Control").Root.Sockets;

    /// <summary>Starts a server with settings such as <c>Control:HoldTimeout=00:00:02</c>.</summary>
    public static async Task<ControlServer> StartAsync(params string[] settings)
    {
        var data = new TemporaryFolder();
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(
            settings.Append($"Storage:Directory={data.Path}")
                .Select(setting => setting.Split('=', 2))
                .Select(parts => new KeyValuePair<string, string?>(parts[0], parts[1])));
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddPlatform();
        builder.AddControlSocket();
        builder.Logging.ClearProviders();
        var server = new ControlServer(data, Build(builder, out var logs)) { Logs = logs };
        await server._app.StartAsync();
        return server;
    }

    public Task<Robot> AddRobotAsync(string name = "Rover") => Robots.AddAsync(name, "olga");

    /// <summary>Connects a client that closes with the server's test.</summary>
    public async Task<TestClient> ConnectAsync(int engineIOVersion = 4)
    {
        var client = new TestClient(Address, engineIOVersion);
        await client.ConnectAsync();
        return client;
    }

    /// <summary>Connects a viewer who has chosen the robot.</summary>
    public async Task<TestClient> ConnectViewerAsync(Robot robot)
    {
        var viewer = await ConnectAsync();
        await viewer.AskOkAsync("select_robot", new { robot_id = robot.Handle });
        return viewer;
    }

    /// <summary>Connects a robot that has identified.</summary>
    public async Task<TestClient> ConnectRobotAsync(Robot robot, int engineIOVersion = 4, object? capabilities = null)
    {
        var client = await ConnectAsync(engineIOVersion);
        await client.AskOkAsync("robot_id", robot.RobotId);
        if (capabilities is not null)
        {
            await client.AskOkAsync("robot_capabilities", capabilities);
        }

        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _data.Dispose();
    }

    private static WebApplication Build(WebApplicationBuilder builder, out LogLines logs)
    {
        logs = new LogLines();
        builder.Logging.AddProvider(logs);
        var app = builder.Build();
        app.MapControlSocket();
        app.MapControlSocket("/control");
        return app;
    }
}
