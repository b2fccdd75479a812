using LiveRobot.Api;
using LiveRobot.ChatSocket;
using LiveRobot.ControlSocket;
using LiveRobot.Platform.Hosting;
using LiveRobot.StatusSocket;
using LiveRobot.VideoRelay;

namespace LiveRobot.Commands;

/// <summary>All services in one process, each on its port, around one shared presence.</summary>
internal static class ServeCommand
{
    public static Task<int> RunAsync(DirectoryInfo data, DirectoryInfo site) => ServiceProgram.RunAsync(
        [],
        builder =>
        {
            builder.Configuration["Storage:Directory"] = data.FullName;
            builder.Configuration["Site:Directory"] = site.Exists ? site.FullName : "";
            Add(builder);
            builder.Services.AddHostedService<FirstAdministrator>();
        },
        Map);

    /// <summary>Registers every service, and listens on their ports.</summary>
    public static void Add(WebApplicationBuilder builder)
    {
        builder.AddApi().AddControlSocket().AddChatSocket().AddStatusSocket().AddVideoRelay();
        builder.Listen(ports =>
            [ports.Api, ports.ApiTls, ports.User, ports.Control, ports.Status, ports.Chat, ports.Video, ports.Audio]);
    }

    /// <summary>Puts each service on its port.</summary>
    public static void Map(WebApplication app)
    {
        app.OnPorts(ports => [ports.Api, ports.ApiTls], MapSiteOrigin);
        app.OnPorts(ports => [ports.Control], endpoints => endpoints.MapControlSocket());
        app.OnPorts(ports => [ports.Status], endpoints => endpoints.MapStatusSocket());
        app.OnPorts(ports => [ports.Chat, ports.User], endpoints => endpoints.MapChatSocket());
        app.OnPorts(ports => [ports.Video], endpoints => endpoints.MapRelayPort(Medium.Video));
        app.OnPorts(ports => [ports.Audio], endpoints => endpoints.MapRelayPort(Medium.Audio));
    }

    /// <summary>The site's own origin has everything a page needs, so that an https page meets no other port.</summary>
    private static void MapSiteOrigin(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapApi();
        endpoints.MapControlOrigin();
        endpoints.MapChatOrigin();
        endpoints.MapStatusSocket("/status");
        endpoints.MapRelayOrigin();
    }
}
