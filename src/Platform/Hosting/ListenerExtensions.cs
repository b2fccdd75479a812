using LiveRobot.Platform.Cluster;

using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using WebSockets.EventLoops;

namespace LiveRobot.Platform.Hosting;

/// <summary>Puts services on ports.</summary>
public static class ListenerExtensions
{
    /// <summary>
    /// Listens on the given ports of every address. Each takes plain HTTP/1.1 and, when there is a certificate, TLS.
    /// </summary>
    public static WebApplicationBuilder Listen(this WebApplicationBuilder builder, Func<PortOptions, IEnumerable<int>> ports)
    {
        // Behind all other services, since the last is told first that the process ends.
        builder.Services.AddHostedService<ClusterMembership>();
        builder.WebHost.UseEventLoops().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            var services = kestrel.ApplicationServices;
            var certificate = ServerCertificate.Load(
                services.GetRequiredService<IOptions<TlsOptions>>().Value,
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<ILogger<ServerCertificate>>());
            var options = services.GetRequiredService<IOptions<ListenerOptions>>().Value;
            var logger = services.GetRequiredService<ILogger<PlainOrTlsMiddleware>>();
            foreach (var port in ports(services.GetRequiredService<IOptions<PortOptions>>().Value).Distinct())
            {
                kestrel.ListenAnyIP(port, listener =>
                {
                    // A WebSocket upgrade and an endless upload are things of HTTP/1.1.
                    listener.Protocols = HttpProtocols.Http1;
                    listener.Use(next => new PlainOrTlsMiddleware(next, certificate, options, logger).OnConnectionAsync);
                });
            }
        });
        return builder;
    }

    /// <summary>Runs a pipeline of its own for requests that arrived at one of the given ports; what <see cref="Readiness"/> tells is there on each.</summary>
    public static void OnPorts(this WebApplication app, Func<PortOptions, IEnumerable<int>> ports, Action<IEndpointRouteBuilder> map)
    {
        var proxies = app.Services.GetRequiredService<IOptions<ProxyOptions>>().Value;
        var forwarded = proxies.ToForwardedHeaders();
        var hstsMaxAge = app.Services.GetRequiredService<IOptions<TlsOptions>>().Value.HstsMaxAge;
        var numbers = ports(app.Services.GetRequiredService<IOptions<PortOptions>>().Value).ToHashSet();
        app.MapWhen(
            context => numbers.Contains(context.Connection.LocalPort),
            branch =>
            {
                branch.UseForwardedHeaders(forwarded);
                if (proxies.PathBase.Length > 0)
                {
                    branch.UsePathBase(proxies.PathBase);
                }

                branch.UseAnswerHeaders(hstsMaxAge);
                branch.UseExceptionHandler(new ExceptionHandlerOptions
                {
                    StatusCodeSelector = exception =>
                        Outage.Is(exception) ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError,

                    // Who watches over it has that from /readyz and the log, not once more from every request.
                    SuppressDiagnosticsCallback = context => Outage.Is(context.Exception),
                });
                branch.UseStatusCodePages();
                branch.UseRouting();
                if (app.Services.GetService<IAuthorizationHandlerProvider>() is not null)
                {
                    branch.UseAuthentication();
                    branch.UseAuthorization();
                }

                branch.UseEndpoints(endpoints =>
                {
                    endpoints.MapReadiness();
                    map(endpoints);
                });
            });
    }
}
