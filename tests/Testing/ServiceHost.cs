using LiveRobot.Platform;
using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Hosting;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LiveRobot.Testing;

/// <summary>A service on a free port of its own, with a store of its own, as its Program.cs builds it.</summary>
public sealed class ServiceHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TestStore _store;

    private ServiceHost(WebApplication app, TestStore store, RecordedLog log, int port)
    {
        _app = app;
        _store = store;
        Log = log;
        Port = port;
    }

    /// <summary>Gets everything the service has logged.</summary>
    public RecordedLog Log { get; }

    public int Port { get; }

    public Uri Address => new($"http://127.0.0.1:{Port}");

    public RobotDirectory Robots => Get<RobotDirectory>();

    public RobotPresence Presence => Get<RobotPresence>();

    /// <summary>Starts what <paramref name="add"/> registers and <paramref name="map"/> maps.</summary>
    public static async Task<ServiceHost> StartAsync(
        Action<WebApplicationBuilder> add,
        Action<IEndpointRouteBuilder> map,
        IReadOnlyDictionary<string, string?>? settings = null)
    {
        var store = new TestStore(TestStore.Usual);
        var port = FreePorts.Take();
        var builder = WebApplication.CreateBuilder();
        var log = new RecordedLog();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Configuration.AddInMemoryCollection(store.Settings);
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddPlatform();

        // That passwords are slow to hash is the framework's business, and takes minutes of the tests.
        builder.Services.Configure<PasswordHasherOptions>(hasher => hasher.IterationCount = 1_000);
        add(builder);
        builder.Listen(_ => [port]);
        var app = builder.Build();
        app.OnPorts(_ => [port], map);
        await app.StartAsync();
        return new ServiceHost(app, store, log, port);
    }

    /// <summary>Signs somebody in, up first where there is no such account; gives the session's cookie.</summary>
    public async Task<string> SignInAsync(string name, bool isAdministrator = false)
    {
        var accounts = Get<AccountDirectory>();
        var account = await accounts.FindAsync(name) ?? await accounts.CreateAsync(name, password: null, isAdministrator);
        return $"{Sessions.CookieName}={await Get<Sessions>().BeginAsync(account!)}";
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>Ends the service.</summary>
    /// <exception cref="InvalidOperationException">It logged an error.</exception>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _store.Dispose();
        Log.ThrowIfAnyError();
    }
}
