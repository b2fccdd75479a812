using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;

using LiveRobot.Testing;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace LiveRobot.EndToEnd;

/// <summary>What a collector, a load balancer and whoever watches over the machine learn.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task Metrics_and_traces_of_commands_reach_the_collector_and_readiness_tells_what_is_missing()
    {
        await using var collector = new Collector();
        await using var redis = await RedisServer.StartAsync();
        await using var installation = await Installation.StartAsync(new Dictionary<string, string>
        {
            ["Telemetry__Endpoint"] = await collector.StartAsync(),
            ["Telemetry__Interval"] = "00:00:00.500",
            ["Telemetry__TracedPart"] = "1",
            ["Redis__Configuration"] = redis.Configuration,
        });
        var robot = await installation.AddRobotAsync("Rover");
        await using var client = robot.StartDemoRobot(new Uri(installation.Url), installation.Port("Status"));
        await installation.StateAsync(robot, state => state.GetProperty("video").GetString() == "flowing" && state.GetProperty("online").GetBoolean());
        await using (var viewer = await SocketViewer.OpenAsync(installation, robot))
        {
            await Eventually.TrueAsync(async () =>
                (await viewer.CommandAsync("F", "up")).GetProperty("ok").GetBoolean() && (await viewer.CommandAsync("F", "down")).GetProperty("ok").GetBoolean());
            await viewer.CommandAsync("F", "up");
            await viewer.SayAsync("hello");
        }

        foreach (var metric in new[]
        {
            "liverobot.control.commands", "liverobot.control.sent", "liverobot.control.acknowledgement.duration", "liverobot.relay.ingest.received",
            "liverobot.relay.feed.bit_rate", "liverobot.chat.lines", "liverobot.node.robots", "liverobot.node.ready", "socketio.connections",
            "kestrel.active_connections", "dotnet.process.memory.working_set", "http.server.request.duration",
        })
        {
            await Eventually.TrueAsync(() => collector.Has("/v1/metrics", metric), text: metric);
        }

        foreach (var span in new[] { "command.outcome", "accepted", "send", robot.Handle })
        {
            await Eventually.TrueAsync(() => collector.Has("/v1/traces", span), text: span);
        }

        foreach (var secret in new[] { robot.RobotId, robot.StreamKey })
        {
            Assert.False(collector.Has("/v1/metrics", secret));
            Assert.False(collector.Has("/v1/traces", secret));
        }

        await ReadyAsync(installation, HttpStatusCode.OK, "{\"ready\":true,\"reasons\":{}}");
        await redis.KillAsync();
        await ReadyAsync(installation, HttpStatusCode.ServiceUnavailable, "{\"ready\":false,\"reasons\":{\"presence\":\"Redis does not answer.\"}}");
        await Eventually.TrueAsync(() => collector.Has("/v1/metrics", "liverobot.redis.failed"));
        await redis.StartAgainAsync();
        await ReadyAsync(installation, HttpStatusCode.OK, "{\"ready\":true,\"reasons\":{}}");
    }

    private static async Task ReadyAsync(Installation installation, HttpStatusCode status, string body)
    {
        using var client = new HttpClient();
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await client.GetAsync(new Uri(installation.Url + "/readyz"));
                return answer.StatusCode == status && await answer.Content.ReadAsStringAsync() == body;
            },
            TimeSpan.FromMinutes(1),
            $"/readyz says {body}");
    }

    /// <summary>Takes OTLP over HTTP. What it is sent is protobuf, in which names stand as they are.</summary>
    private sealed class Collector : IAsyncDisposable
    {
        private readonly ConcurrentQueue<(string Path, string Body)> _received = new();
        private readonly WebApplication _app;
        private readonly string _address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePorts.Take()}");

        public Collector()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls(_address);
            _app = builder.Build();
            _app.Run(async context =>
            {
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body);
                _received.Enqueue((context.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
                context.Response.ContentType = "application/x-protobuf";
            });
        }

        public async Task<string> StartAsync()
        {
            await _app.StartAsync();
            return _address;
        }

        public bool Has(string path, string text) =>
            _received.Any(received => received.Path == path && received.Body.Contains(text, StringComparison.Ordinal));

        public ValueTask DisposeAsync() => _app.DisposeAsync();
    }
}
