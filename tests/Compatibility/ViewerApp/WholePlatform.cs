using System.Globalization;

using LiveRobot.Commands;
using LiveRobot.Platform;
using LiveRobot.Platform.Accounts;
using LiveRobot.Testing;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LiveRobot.Compatibility.ViewerApp;

/// <summary>All services in this process, as <c>run.sh</c> starts them in one of their own, on free ports and a folder that goes with them.</summary>
internal sealed class WholePlatform : IAsyncDisposable
{
    private static readonly string[] PortNames = ["Api", "ApiTls", "User", "Control", "Status", "Chat", "Video", "Audio"];

    private readonly TemporaryFolder _data;
    private readonly RecordedLog _log;
    private readonly Dictionary<string, int> _ports;

    private WholePlatform(WebApplication app, TemporaryFolder data, RecordedLog log, Dictionary<string, int> ports) => (App, _data, _log, _ports) = (app, data, log, ports);

    public WebApplication App { get; }

    public static async Task<WholePlatform> StartAsync(IReadOnlyDictionary<string, string?>? settings = null)
    {
        var (data, log) = (new TemporaryFolder(), new RecordedLog());
        var ports = PortNames.ToDictionary(name => name, _ => FreePorts.Take());
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Configuration["Storage:Directory"] = data.Path;
        builder.Configuration.AddInMemoryCollection(ports.Select(port => KeyValuePair.Create($"Ports:{port.Key}", (string?)port.Value.ToString(CultureInfo.InvariantCulture))));
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddPlatform();
        builder.Services.Configure<PasswordHasherOptions>(hasher => hasher.IterationCount = 1_000);
        ServeCommand.Add(builder);
        var app = builder.Build();
        ServeCommand.Map(app);
        await app.StartAsync();
        return new WholePlatform(app, data, log, ports);
    }

    public Uri Address(string port) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_ports[port]}"));

    public T Get<T>()
        where T : notnull => App.Services.GetRequiredService<T>();

    /// <summary>Signs somebody in, up first where there is no such account; gives the session's cookie.</summary>
    public async Task<string> SignInAsync(string name, bool isAdministrator = false)
    {
        var accounts = Get<AccountDirectory>();
        var account = await accounts.FindAsync(name) ?? await accounts.CreateAsync(name, "correct horse", isAdministrator);
        return $"{Sessions.CookieName}={await Get<Sessions>().BeginAsync(account!)}";
    }

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
        _data.Dispose();
        _log.ThrowIfAnyError();
    }
}
