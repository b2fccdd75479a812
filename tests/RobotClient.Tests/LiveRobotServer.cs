using Dapper;

using LiveRobot.Api;
using LiveRobot.ChatSocket;
using LiveRobot.ControlSocket;
using LiveRobot.Platform;
using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Hosting;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Storage;
using LiveRobot.StatusSocket;
using LiveRobot.Testing;
using LiveRobot.VideoRelay;

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using SocketIO;

using RegisteredRobot = LiveRobot.Platform.Robots.Robot;

namespace LiveRobot.RobotClient.Tests;

/// <summary>The real services on free ports in one process, with one registered robot. It can be stopped and started again.</summary>
internal sealed class LiveRobotServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, int> _ports = new()
    {
        ["Api"] = FreePorts.Take(),
        ["ApiTls"] = FreePorts.Take(),
        ["User"] = FreePorts.Take(),
        ["Control"] = FreePorts.Take(),
        ["Status"] = FreePorts.Take(),
        ["Chat"] = FreePorts.Take(),
        ["Video"] = FreePorts.Take(),
        ["Audio"] = FreePorts.Take(),
    };

    private WebApplication? _app;

    public RegisteredRobot Robot { get; private set; } = null!;

    public string StreamKey { get; private set; } = "";

    public Uri Address => new($"http://127.0.0.1:{_ports["Api"]}");

    public Uri Control => new($"http://127.0.0.1:{_ports["Control"]}");

    public Uri Chat => new($"http://127.0.0.1:{_ports["Chat"]}");

    public static async Task<LiveRobotServer> StartAsync()
    {
        var server = new LiveRobotServer();
        await server.StartAgainAsync();
        server.Robot = await server.Get<RobotDirectory>().AddAsync("Rover", "ada");
        server.StreamKey = await server.Get<RobotDirectory>().StreamKeyAsync(server.Robot.Cameras[0].CameraId);
        return server;
    }

    public async Task StartAgainAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration["Storage:Directory"] = _folder.Path;
        foreach (var (name, port) in _ports)
        {
            builder.Configuration[$"Ports:{name}"] = $"{port}";
        }

        builder.AddPlatform();
        builder.Logging.ClearProviders();
        builder.AddApi();
        builder.AddControlSocket();
        builder.AddChatSocket();
        builder.AddStatusSocket();
        builder.AddVideoRelay();
        builder.Listen(_ => _ports.Values);
        _app = builder.Build();
        _app.OnPorts(ports => [ports.Api, ports.ApiTls], endpoints => endpoints.MapApi());
        _app.OnPorts(ports => [ports.Control], endpoints => endpoints.MapControlSocket());
        _app.OnPorts(ports => [ports.Chat, ports.User], endpoints => endpoints.MapChatSocket());
        _app.OnPorts(ports => [ports.Status], endpoints => endpoints.MapStatusSocket());
        _app.OnPorts(ports => [ports.Video], endpoints => endpoints.MapRelayPort(Medium.Video));
        _app.OnPorts(ports => [ports.Audio], endpoints => endpoints.MapRelayPort(Medium.Audio));
        await _app.StartAsync();
    }

    public async Task StopAsync()
    {
        if (_app is not null)
        {
            using var now = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await _app.StopAsync(now.Token);
            await _app.DisposeAsync();
            _app = null;
        }
    }

    /// <summary>Starts the registered robot, as its owner would.</summary>
    public RobotProgram StartRobot(params string[] more) => StartRobot(StreamKey, more);

    public RobotProgram StartRobot(string streamKey, string[] more) =>
        RobotProgram.Start(Address, _ports["Status"], Robot.RobotId, Robot.Cameras[0].CameraId, streamKey, more);

    /// <summary>Makes a pairing code, as the owner does.</summary>
    public async Task<string> PairingCodeAsync() => (await Get<PairingCodes>().IssueAsync(Robot.Handle))!.Code;

    /// <summary>Starts a robot with what a file tells it, in no other way.</summary>
    public RobotProgram StartPairedRobot(string file) => RobotProgram.Run(["--config", file, "--status-port", $"{_ports["Status"]}", "--demo"]);

    public async Task<RobotState> StateAsync() => await Get<RobotPresence>().GetAsync(Robot);

    /// <summary>Changes stored settings and tells it, as the settings page does.</summary>
    public async Task ChangeSettingsAsync(string assignments)
    {
        await using (var connection = await Get<Database>().OpenAsync())
        {
            Assert.Equal(1, await connection.ExecuteAsync($"UPDATE robots SET {assignments}"));
        }

        Get<IBus>().Publish(new RobotSettingsChanged(Robot.Handle));
    }

    /// <summary>Sends an event to all sockets of the status service.</summary>
    public void EmitOnStatus(string eventName, object message) =>
        _app!.Services.GetRequiredKeyedService<SocketIOServer>("Status").Root.Emit(EventMessage.Create(eventName, message));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }

    private T Get<T>()
        where T : notnull => _app!.Services.GetRequiredService<T>();
}
