using LiveRobot.Platform.Cluster;

using SocketIO;
using SocketIO.Hosting;

namespace LiveRobot.StatusSocket;

/// <summary>Registers the status socket and puts it on a path.</summary>
public static class StatusSocketExtensions
{
    private const string ServerName = "Status";

    /// <summary>Adds the service.</summary>
    public static WebApplicationBuilder AddStatusSocket(this WebApplicationBuilder builder)
    {
        builder.Services.AddNodeService("status", ports => ports.Status, LoadOf);
        builder.Services.AddSingleton<RobotConnections>();
        builder.Services.AddSingleton<RobotReports>();
        builder.Services.AddSingleton<StatusHub>();
        builder.Services.AddSocketIO(ServerName, (server, services) => services.GetRequiredService<StatusHub>().Attach(server));
        builder.Services.AddHostedService<StatusBroadcaster>();
        builder.Services.AddHostedService<RobotNews>();
        return builder;
    }

    /// <summary>Serves the socket at <c>{prefix}/socket.io</c>.</summary>
    public static IEndpointConventionBuilder MapStatusSocket(this IEndpointRouteBuilder endpoints, string prefix = "") =>
        endpoints.MapSocketIO($"{prefix}/socket.io", ServerName);

    private static NodeLoad LoadOf(IServiceProvider services)
    {
        var robots = services.GetRequiredService<RobotConnections>().Count;
        return new(robots, services.GetRequiredKeyedService<SocketIOServer>(ServerName).Root.Sockets.Count - robots);
    }
}
