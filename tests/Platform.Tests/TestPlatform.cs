using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace LiveRobot.Platform.Tests;

/// <summary>The platform as services get it, on a folder of its own and a clock that tests move.</summary>
internal sealed class TestPlatform : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly WebApplication _app;

    /// <summary>Builds it, with what else a test registers.</summary>
    public TestPlatform(Action<WebApplicationBuilder>? add = null)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration["Storage:Directory"] = _folder.Path;
        builder.Services.AddSingleton<TimeProvider>(Clock);
        builder.AddPlatform();
        add?.Invoke(builder);
        _app = builder.Build();
    }

    public ManualClock Clock { get; } = new();

    public string Folder => _folder.Path;

    public RobotDirectory Robots => Get<RobotDirectory>();

    public RobotPresence Presence => Get<RobotPresence>();

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _folder.Dispose();
    }
}
