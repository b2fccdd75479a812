using LiveRobot.Platform;
using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Sockets;

using SocketIO;
using SocketIO.Hosting;

namespace LiveRobot.ChatSocket;

/// <summary>Registers the chat socket and puts it on a path.</summary>
public static class ChatSocketExtensions
{
    private const string ServerName = "Chat";

    /// <summary>Adds the service.</summary>
    public static WebApplicationBuilder AddChatSocket(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<ChatOptions>().BindConfiguration("Chat").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSlotService(Slot.Chat, ports => ports.Chat, LoadOf);
        builder.Services.AddSingleton<ChatMetrics>();
        builder.Services.AddSingleton<ChatLog>();
        builder.Services.AddSingleton<ChatRooms>();
        builder.Services.AddSingleton<ChatSlots>();
        builder.Services.AddSingleton<ChatTurn>();
        builder.Services.AddSingleton<ChatRobots>();
        builder.Services.AddSingleton<ChatLines>();
        builder.Services.AddSingleton<ChatModeration>();
        builder.Services.AddSingleton<ModerationEvents>();
        builder.Services.AddSingleton<RobotLines>();
        builder.Services.AddSingleton<ChannelUsers>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ChannelUsers>());
        builder.Services.AddSingleton<LineRules>();
        builder.Services.AddSingleton<DelayedLines>();
        builder.Services.AddHostedService(services => services.GetRequiredService<DelayedLines>());
        builder.Services.AddHostedService<ChatNews>();
        builder.Services.AddSingleton<ChatHub>();
        builder.Services.AddRoomsAcrossNodes(ServerName);
        builder.Services.AddSocketIO(ServerName, (server, services) => services.GetRequiredService<ChatHub>().Attach(server));
        return builder;
    }

    /// <summary>Serves the socket where the site's pages ask for it: below <c>/chat</c>, and <c>/slots/{slot}/chat</c>.</summary>
    public static void MapChatOrigin(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapChatSocket("/chat");
        endpoints.MapChatSocket($"{SlotExtensions.PathPrefix}/chat").OfSlot(endpoints, Slot.Chat);
    }

    /// <summary>Serves the socket at <c>{prefix}/socket.io</c>.</summary>
    public static IEndpointConventionBuilder MapChatSocket(this IEndpointRouteBuilder endpoints, string prefix = "") =>
        endpoints.MapSocketIO($"{prefix}/socket.io", ServerName);

    private static NodeLoad LoadOf(IServiceProvider services)
    {
        var robots = services.GetRequiredService<RobotSockets>().CountOf(Slot.Chat);
        return new(robots, services.GetRequiredKeyedService<SocketIOServer>(ServerName).Root.Sockets.Count - robots);
    }
}
