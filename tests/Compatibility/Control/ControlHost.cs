using LiveRobot.ControlSocket;
using LiveRobot.Platform;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LiveRobot.Compatibility.Control;

/// <summary>The real control service with one robot in its directory.</summary>
internal sealed class ControlHost : IAsyncDisposable
{
    private readonly TemporaryFolder _data;
    private readonly WebApplication _app;

    private ControlHost(TemporaryFolder data, WebApplication app, Robot robot)
    {
        _data = data;
        _app = app;
        Robot = robot;
    }

    public Robot Robot { get; }

    public Uri Address => new(_app.Urls.Single());

    public static async Task<ControlHost> StartAsync()
    {
        var data = new TemporaryFolder();
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection([new("Storage:Directory", data.Path)]);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.AddPlatform();
        builder.AddControlSocket();
        var app = builder.Build();
        app.MapControlSocket();
        await app.StartAsync();
        return new ControlHost(data, app, await app.Services.GetRequiredService<RobotDirectory>().AddAsync("Rover", "olga"));
    }

    public async Task<bool> IsOnlineAsync() => (await _app.Services.GetRequiredService<RobotPresence>().GetAsync(Robot)).Online;

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _data.Dispose();
    }
}
