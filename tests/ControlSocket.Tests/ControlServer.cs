using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

using Microsoft.Extensions.DependencyInjection;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>The real service, with the robots and viewers of a test.</summary>
public sealed class ControlServer : IAsyncDisposable
{
    private readonly ServiceHost _host;

    private ControlServer(ServiceHost host) => _host = host;

    public Uri Address => _host.Address;

    /// <summary>Gets everything the service has logged.</summary>
    public RecordedLog Log => _host.Log;

    public RobotDirectory Robots => _host.Robots;

    public RobotPresence Presence => _host.Presence;

    /// <summary>Gets the sockets that are connected now.</summary>
    public IReadOnlyCollection<SocketIO.Socket> Sockets => _host.Get<IServiceProvider>().GetRequiredKeyedService<SocketIO.SocketIOServer>("Control").Root.Sockets;

    /// <summary>
    /// Starts a server with settings such as <c>Control:HoldTimeout=00:00:02</c>. A busy machine's robot may take long to
    /// prove that it reads: no movement is too old for it here, unless a test says so.
    /// </summary>
    public static async Task<ControlServer> StartAsync(params string[] settings)
    {
        var all = new Dictionary<string, string?> { ["Control:MaxCommandAge"] = "00:00:30" };
        foreach (var setting in settings)
        {
            var separator = setting.IndexOf('=', StringComparison.Ordinal);
            all[setting[..separator]] = setting[(separator + 1)..];
        }

        return new(await ServiceHost.StartAsync(
            builder => builder.AddControlSocket(),
            endpoints =>
            {
                endpoints.MapControlSocket();
                endpoints.MapControlOrigin();
            },
            all));
    }

    /// <summary>Keeps what the service counts from now on.</summary>
    public RecordedMetrics RecordMetrics() => new(_host.Get<System.Diagnostics.Metrics.IMeterFactory>());

    public T Get<T>()
        where T : notnull => _host.Get<T>();

    public Task<string> SignInAsync(string name, bool isAdministrator = false) => _host.SignInAsync(name, isAdministrator);

    public Task<Robot> AddRobotAsync(string name = "Rover") => Robots.AddAsync(name, "olga");

    /// <summary>Connects a client that closes with the server's test.</summary>
    public async Task<TestClient> ConnectAsync(int engineIOVersion = 4, IReadOnlyDictionary<string, string>? headers = null)
    {
        var client = new TestClient(Address, engineIOVersion, headers);
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

    /// <summary>Connects a viewer with the session's cookie who has chosen the robot, from a page at the origin if one is told.</summary>
    public async Task<TestClient> ConnectViewerAsync(Robot robot, string cookie, string? origin = null)
    {
        var headers = new Dictionary<string, string> { ["Cookie"] = cookie };
        if (origin is not null)
        {
            headers["Origin"] = origin;
        }

        var viewer = await ConnectAsync(headers: headers);
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

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
