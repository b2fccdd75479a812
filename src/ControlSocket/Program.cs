using LiveRobot.ControlSocket;
using LiveRobot.Platform.Hosting;

return await ServiceProgram.RunAsync(
    args,
    builder => builder.AddControlSocket().Listen(ports => [ports.Control]),
    app => app.OnPorts(ports => [ports.Control], endpoints =>
    {
        endpoints.MapControlSocket();
        endpoints.MapControlOrigin();
    }));
