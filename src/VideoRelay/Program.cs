using LiveRobot.Platform.Hosting;
using LiveRobot.VideoRelay;

return await ServiceProgram.RunAsync(
    args,
    builder => builder.AddVideoRelay().Listen(ports => [ports.Video, ports.Audio]),
    app =>
    {
        app.OnPorts(ports => [ports.Video], endpoints =>
        {
            endpoints.MapRelayPort(Medium.Video);
            endpoints.MapRelayOrigin();
        });
        app.OnPorts(ports => [ports.Audio], endpoints => endpoints.MapRelayPort(Medium.Audio));
    });
