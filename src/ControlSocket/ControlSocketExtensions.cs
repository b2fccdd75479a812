using LiveRobot.ControlSocket.Latency;
using LiveRobot.ControlSocket.Robots;
using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Sockets;

using SocketIO.Hosting;

namespace LiveRobot.ControlSocket;

/// <summary>Registers the control socket and puts it on a path.</summary>
public static class ControlSocketExtensions
{
    private const string ServerName = "Control";

    /// <summary>Adds the service: robots obey here, and viewers drive.</summary>
    public static WebApplicationBuilder AddControlSocket(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<ControlOptions>().BindConfiguration("Control").ValidateDataAnnotations().ValidateOnStart();
        services.AddSlotService(Slot.Control, ports => ports.Control, provider => new NodeLoad(
            provider.GetRequiredService<RobotSockets>().CountOf(Slot.Control), provider.GetRequiredService<RobotControls>().All.Sum(robot => robot.ViewerCount)));
        services.AddMetrics();
        services.AddSingleton<ControlMetrics>();
        services.AddSingleton<ControlPresence>();
        services.AddSingleton<LatencyBoard>();
        services.AddHostedService(provider => provider.GetRequiredService<LatencyBoard>());
        services.AddSingleton<ControlHub>();
        services.AddSingleton<RobotControls>();
        services.AddHostedService(provider => provider.GetRequiredService<RobotControls>());
        services.AddSingleton<IControlAudience>(provider => provider.GetRequiredService<ControlHub>());
        services.AddHostedService(provider => provider.GetRequiredService<ControlPresence>());
        services.AddSingleton<CommandLogWriter>();
        services.AddHostedService(provider => provider.GetRequiredService<CommandLogWriter>());
        services.AddSingleton<MovingRobots>();
        services.AddHostedService(provider => provider.GetRequiredService<MovingRobots>());
        services.AddHostedService<SettingsWatch>();
        services.AddHostedService<VideoGuard>();
        services.AddSocketIO(ServerName, (server, provider) =>
            provider.GetRequiredService<ControlHub>().Attach(server, provider.GetRequiredService<RobotControls>()));
        return builder;
    }

    /// <summary>Serves the socket where the site's pages ask for it: below <c>/control</c>, and <c>/slots/{slot}/control</c>.</summary>
    public static void MapControlOrigin(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapControlSocket("/control");
        endpoints.MapControlSocket($"{SlotExtensions.PathPrefix}/control").OfSlot(endpoints, Slot.Control);
    }

    /// <summary>Serves the socket at <c>{prefix}/socket.io</c>.</summary>
    public static IEndpointConventionBuilder MapControlSocket(this IEndpointRouteBuilder endpoints, string prefix = "") =>
        endpoints.MapSocketIO($"{prefix}/socket.io", ServerName);
}
