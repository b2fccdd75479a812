using Dapper;

using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Storage;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LiveRobot.Platform.Hosting;

/// <summary>
/// <c>/healthz</c>: the process is alive. <c>/readyz</c>: it can serve newcomers, or 503 with the reasons why not, as
/// <c>{"ready": false, "reasons": {"presence": "Redis does not answer."}}</c>. <c>/readyz/slots/{number}</c>: this process
/// has the slot for its service, or 503 in the same form; 404 where there is no such slot. <c>/readyz/node</c>,
/// <c>/readyz/presence</c> and <c>/readyz/store</c>: one reason alone, without waiting for the others.
/// </summary>
internal static class Readiness
{
    /// <summary>Longer than a healthy store takes on a busy machine, and shorter than those who ask wait.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private const string Store = "store";
    private const string Presence = "presence";
    private const string Node = "node";

    private const string Ending = "This process ends.";

    public static void AddReadiness(this IServiceCollection services) => services.AddHealthChecks()
        .AddCheck<StoreCheck>(Store, timeout: Patience)
        .AddCheck<PresenceCheck>(Presence, timeout: Patience)
        .AddCheck<NodeCheck>(Node, timeout: Patience);

    public static void MapReadiness(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/healthz", () => Results.Text("ok\n")).ExcludeFromDescription();
        Map("/readyz", _ => true);
        foreach (var reason in new[] { Store, Presence, Node })
        {
            Map($"/readyz/{reason}", check => check.Name == reason);
        }

        endpoints.MapGet("/readyz/slots/{number:int}", (int number, SlotLeases leases, Draining draining) => leases.Serves(number) switch
        {
            null => Results.NotFound(),
            var serves => Answer(draining.HasBegun ? Ending : serves == true ? null : "Another node has this slot, or none."),
        }).ExcludeFromDescription();

        void Map(string path, Func<HealthCheckRegistration, bool> checks) => endpoints
            .MapHealthChecks(path, new HealthCheckOptions { Predicate = checks, ResponseWriter = WriteAsync })
            .WithMetadata(new HttpMethodMetadata([HttpMethods.Get]));

        static IResult Answer(string? reason) => Results.Json(
            new { ready = reason is null, reasons = reason is null ? new() : new Dictionary<string, string> { ["slot"] = reason } },
            statusCode: reason is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static Task WriteAsync(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(new
    {
        ready = report.Status == HealthStatus.Healthy,
        reasons = report.Entries.Where(entry => entry.Value.Status != HealthStatus.Healthy).ToDictionary(entry => entry.Key, entry => entry.Value.Description),
    });

    private sealed class StoreCheck(Database database) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await AskAsync().WaitAsync(cancellationToken);
                return HealthCheckResult.Healthy();
            }
#pragma warning disable CA1031 // Whatever the store throws, it is not ready.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                return HealthCheckResult.Unhealthy("The store does not answer.", exception);
            }
        }

        /// <summary>A connection may be one that was open before the store went away.</summary>
        private async Task AskAsync()
        {
            await using var connection = await database.OpenAsync();
            await connection.ExecuteAsync("SELECT 1");
        }
    }

    private sealed class NodeCheck(Draining draining) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(draining.HasBegun ? HealthCheckResult.Unhealthy(Ending) : HealthCheckResult.Healthy());
    }

    private sealed class PresenceCheck(IPresenceStore store) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await store.GetAsync("ready");
                return HealthCheckResult.Healthy();
            }
            catch (PresenceAwayException exception)
            {
                return HealthCheckResult.Unhealthy(exception.Message);
            }
        }
    }
}
