using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LiveRobot.Platform.Tests;

/// <summary>The platform as services get it, on a store of its own and a clock that tests move.</summary>
internal sealed class TestPlatform : IAsyncDisposable
{
    private readonly TestStore _store;
    private readonly WebApplication _app;

    /// <summary>Builds it, with what else a test registers.</summary>
    public TestPlatform(StoreKind store = StoreKind.Sqlite, Action<WebApplicationBuilder>? add = null)
    {
        _store = new TestStore(store);
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(_store.Settings);
        builder.Services.AddSingleton<TimeProvider>(Clock);
        builder.AddPlatform();
        add?.Invoke(builder);
        _app = builder.Build();
    }

    public ManualClock Clock { get; } = new();

    public TestStore Store => _store;

    public RobotDirectory Robots => Get<RobotDirectory>();

    public RobotPresence Presence => Get<RobotPresence>();

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _store.Dispose();
    }
}
