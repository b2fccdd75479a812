using System.Reflection;

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace LiveRobot.Platform.Telemetry;

/// <summary>Sends this process's metrics and traces to a collector, when there is one to send them to.</summary>
internal sealed class TelemetryExport(IOptions<TelemetryOptions> options) : IHostedService, IDisposable
{
    /// <summary>What the meters and activity sources of this program are called.</summary>
    private const string Ours = "LiveRobot.*";

    /// <summary>
    /// Meters of what it stands on: our Socket.IO server, the runtime (memory, collections, threads), Kestrel, the
    /// framework (requests by route and status, unhandled exceptions), and the driver of PostgreSQL (failed commands).
    /// </summary>
    private static readonly string[] Others =
    [
        "SocketIO", "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Diagnostics", "Npgsql",
    ];

    private MeterProvider? _metrics;
    private TracerProvider? _traces;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Endpoint is not { } endpoint)
        {
            return Task.CompletedTask;
        }

        var service = ResourceBuilder.CreateDefault().AddService(Assembly.GetEntryAssembly()?.GetName().Name ?? "LiveRobot", serviceNamespace: "liverobot");
        _metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(service)
            .AddMeter([Ours, .. Others])
            .AddOtlpExporter((exporter, reader) =>
            {
                Address(exporter, endpoint, "v1/metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)options.Value.Interval.TotalMilliseconds;
            })
            .Build();
        _traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(service)
            .AddSource(Ours)
            .SetSampler(new TraceIdRatioBasedSampler(options.Value.TracedPart))
            .AddOtlpExporter(exporter => Address(exporter, endpoint, "v1/traces"))
            .Build();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        // What was counted last is still sent.
        _metrics?.Shutdown(timeoutMilliseconds: 1000);
        _traces?.Shutdown(timeoutMilliseconds: 1000);
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _metrics?.Dispose();
        _traces?.Dispose();
    }

    private static void Address(OtlpExporterOptions exporter, Uri endpoint, string path)
    {
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/{path}");
    }
}
