using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using SocketIO.Adapters;

namespace SocketIO.Hosting;

/// <summary>Registers Socket.IO servers and puts them on paths.</summary>
public static class SocketIOExtensions
{
    /// <summary>
    /// Adds a server as a keyed singleton. Its options are bound from the configuration section <c>SocketIO:{name}</c>
    /// and validated at start; <paramref name="attach"/> registers handlers on it before the first client.
    /// </summary>
    /// <remarks>
    /// The server closes when the application begins to stop. Its adapter is the <see cref="IAdapter"/> that is registered
    /// under the same key, if one is. <paramref name="attach"/> must not resolve this server by its key: it is given it.
    /// </remarks>
    public static IServiceCollection AddSocketIO(this IServiceCollection services, string name, Action<SocketIOServer, IServiceProvider> attach)
    {
        services.AddOptions<SocketIOOptions>(name).BindConfiguration($"SocketIO:{name}").ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SocketIOOptions>, SocketIOOptionsValidator>());
        services.AddKeyedSingleton(name, (provider, _) =>
        {
            var server = new SocketIOServer(
                provider.GetRequiredService<IOptionsMonitor<SocketIOOptions>>().Get(name),
                provider.GetService<ILogger<SocketIOServer>>(),
                provider.GetService<TimeProvider>(),
                provider.GetKeyedService<IAdapter>(name));
            attach(server, provider);
            return server;
        });
        services.AddSingleton<IHostedService>(provider => new SocketIOLifetime(provider.GetRequiredKeyedService<SocketIOServer>(name)));
        return services;
    }

    /// <summary>Serves the server of that name at <paramref name="path"/> (the protocol's default is <c>/socket.io</c>), with and without a trailing slash.</summary>
    public static IEndpointConventionBuilder MapSocketIO(this IEndpointRouteBuilder endpoints, string path, string name)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(path);
        var server = endpoints.ServiceProvider.GetRequiredKeyedService<SocketIOServer>(name);
        // Routing ignores a trailing slash of the request.
        return endpoints.Map(path.TrimEnd('/'), server.HandleAsync).WithDisplayName($"Socket.IO {name}");
    }

    /// <summary>Starts the server before Kestrel, and closes it before Kestrel stops, which would wait for its connections to end by themselves.</summary>
    private sealed class SocketIOLifetime(SocketIOServer server) : IHostedLifecycleService
    {
        public Task StoppingAsync(CancellationToken cancellationToken) => server.CloseAsync(cancellationToken);

        public Task StartingAsync(CancellationToken cancellationToken) => server.StartAsync(cancellationToken);

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
