using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.RegularExpressions;

using LiveRobot.Commands;
using LiveRobot.Platform;
using LiveRobot.Testing;

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace LiveRobot.EndToEnd;

/// <summary>
/// <c>docs/operations.md</c> has a table of every metric with its unit and what its description says. Run with
/// <c>LIVEROBOT_WRITE_DOCS=yes</c>, this writes the table.
/// </summary>
public sealed partial class MetricsDocumentTests
{
    private const string Head = "| metric | unit | what |\n| --- | --- | --- |\n";

    private static readonly string Document = Path.Combine(Repository.Root, "docs/operations.md");

    /// <summary>How UCUM, which OpenTelemetry takes units from, writes those that are not plain words.</summary>
    private static readonly Dictionary<string, string> Units = new() { ["By"] = "bytes", ["s"] = "s", ["1"] = "", ["bit/s"] = "bit/s" };

    private static readonly Lazy<Task<IReadOnlyList<Instrument>>> Instruments = new(InstrumentsAsync);

    [Fact]
    public async Task Every_metric_of_the_services_stands_in_the_document_as_it_is_and_no_other()
    {
        var expected = Head + string.Concat((await Instruments.Value)
            .Select(metric => string.Create(CultureInfo.InvariantCulture, $"| `{metric.Name}` | {UnitOf(metric)} | {metric.Description} |\n")));
        var text = await File.ReadAllTextAsync(Document);
        var written = Table().Match(text);
        Assert.True(written.Success, "There is no table of metrics.");
        if (Environment.GetEnvironmentVariable("LIVEROBOT_WRITE_DOCS") == "yes")
        {
            text = text.Replace(written.Value, expected, StringComparison.Ordinal);
            await File.WriteAllTextAsync(Document, text);
        }

        Assert.Equal(expected, Table().Match(text).Value);
    }

    [Fact]
    public async Task Metrics_are_named_alike_and_have_a_unit()
    {
        foreach (var metric in await Instruments.Value)
        {
            Assert.Matches("^(liverobot|socketio)(\\.[a-z]+(_[a-z]+)*)+$", metric.Name);
            Assert.Matches("^(By|s|1|bit/s|\\{[a-z]+\\}(/s)?)$", metric.Unit);
            Assert.Matches("^[A-Z].*\\.$", metric.Description);
        }
    }

    /// <summary>Runs all services in this process, and lists what they measure by.</summary>
    private static async Task<IReadOnlyList<Instrument>> InstrumentsAsync()
    {
        var found = new ConcurrentDictionary<string, Instrument>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name.StartsWith("LiveRobot.", StringComparison.Ordinal) || instrument.Meter.Name == "SocketIO")
                {
                    found[instrument.Name] = instrument;
                }
            },
        };
        listener.Start();
        await using var redis = await RedisServer.StartAsync();
        using var data = new TemporaryFolder();
        var ports = new[] { "Api", "ApiTls", "User", "Control", "Status", "Chat", "Video", "Audio" }.ToDictionary(name => name, _ => FreePorts.Take());
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Storage:Directory"] = data.Path,
            ["Redis:Configuration"] = redis.Configuration,
        });
        builder.Configuration.AddInMemoryCollection(ports.Select(port => KeyValuePair.Create($"Ports:{port.Key}", (string?)$"{port.Value}")));
        builder.AddPlatform();
        ServeCommand.Add(builder);
        await using var app = builder.Build();
        ServeCommand.Map(app);
        await app.StartAsync();

        // Some are made when they are first needed: by a request that is refused.
        using var client = new HttpClient();
        using var refused = await client.GetAsync(new Uri($"http://localhost:{ports["Control"]}/socket.io/?EIO=9"));
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, refused.StatusCode);
        await app.StopAsync();
        Assert.True(found.Count > 30, $"only {found.Count} metrics found");
        return [.. found.Values.OrderBy(metric => metric.Name, StringComparer.Ordinal)];
    }

    /// <summary>Writes <c>{frame}/s</c> as frames/s.</summary>
    private static string UnitOf(Instrument metric) =>
        Units.TryGetValue(metric.Unit!, out var unit) ? unit : metric.Unit!.Replace("{", "", StringComparison.Ordinal).Replace("}", "s", StringComparison.Ordinal);

    [GeneratedRegex(@"\| metric \| unit \| what \|\n\| --- \| --- \| --- \|\n(\|.*\n)+")]
    private static partial Regex Table();
}
