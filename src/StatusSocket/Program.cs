using LiveRobot.Platform.Hosting;
using LiveRobot.StatusSocket;

return await ServiceProgram.RunAsync(
    args,
    builder => builder.AddStatusSocket().Listen(ports => [ports.Status]),
    app => app.OnPorts(ports => [ports.Status], endpoints =>
    {
        endpoints.MapStatusSocket();
        endpoints.MapStatusSocket("/status");
    }));
