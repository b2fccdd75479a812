using LiveRobot.Api;
using LiveRobot.Platform.Hosting;

return await ServiceProgram.RunAsync(
    args,
    builder => builder.AddApi().Listen(ports => [ports.Api, ports.ApiTls]),
    app => app.OnPorts(ports => [ports.Api, ports.ApiTls], endpoints => endpoints.MapApi()));
