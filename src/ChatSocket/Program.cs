using LiveRobot.ChatSocket;
using LiveRobot.Platform.Hosting;

return await ServiceProgram.RunAsync(
    args,
    builder => builder.AddChatSocket().Listen(ports => [ports.Chat, ports.User]),
    app => app.OnPorts(ports => [ports.Chat, ports.User], endpoints =>
    {
        endpoints.MapChatSocket();
        endpoints.MapChatOrigin();
    }));
