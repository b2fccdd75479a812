using System.Text.Json;

using LiveRobot.Platform;
using LiveRobot.Platform.Hosting;
using LiveRobot.Platform.Robots;
using LiveRobot.VideoRelay;

// The relay as src/VideoRelay runs it, with one robot, whose addresses it prints, and a way to collect the garbage.
var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.AddPlatform();
builder.AddVideoRelay();
builder.Listen(ports => [ports.Video]);

var app = builder.Build();
app.OnPorts(ports => [ports.Video], endpoints =>
{
    endpoints.MapRelayPort(Medium.Video);
    endpoints.MapGet("/gc", () =>
    {
        for (var round = 0; round < 3; round++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return $"{GC.GetTotalMemory(forceFullCollection: true)}\n";
    });
});
await app.StartAsync();
var robots = app.Services.GetRequiredService<RobotDirectory>();
var robot = await robots.AddAsync("Bench", "bench");
var streamKey = await robots.StreamKeyAsync(robot.Cameras[0].CameraId);
Console.WriteLine(JsonSerializer.Serialize(new { ingest = $"/{streamKey}/640/480/", viewer = $"/{robot.Handle}" }));
await app.WaitForShutdownAsync();
