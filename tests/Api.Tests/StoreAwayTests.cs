using System.Net;
using System.Text.Json;

using LiveRobot.Platform.Storage;
using LiveRobot.Testing;

namespace LiveRobot.Api.Tests;

/// <summary>The API while PostgreSQL is away: killed, or silent. Nobody waits long, and it heals by itself.</summary>
public sealed class StoreAwayTests : IDisposable
{
    private readonly PostgresServer _server = PostgresServer.Start();
    private readonly HttpClient _client = new();

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Look_ups_answer_503_while_it_is_away_and_as_ever_when_it_is_back(bool isSilent)
    {
        var settings = new Dictionary<string, string?> { ["Storage:Postgres"] = $"{_server.TakeDatabase()};Timeout=1;Command Timeout=1;Password=top-secret", ["Telemetry:Interval"] = "00:00:01" };
        using var metrics = new RecordedMetrics(meters: null);
        await using var host = await ServiceHost.StartAsync(builder => builder.AddApi(), endpoints => endpoints.MapApi(), settings);
        _client.BaseAddress = host.Address;
        await host.Robots.AddAsync("Rover", "alice");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/api/v1/robots/rover"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/readyz"));

        if (isSilent)
        {
            _server.Freeze();
        }
        else
        {
            _server.Kill();
        }

        // Several at once, as the pool has connections that it takes for good ones.
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _client.GetAsync(new Uri("/api/v1/robots/rover", UriKind.Relative))));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode));
        Assert.Equal("application/problem+json", answers[0].Content.Headers.ContentType?.MediaType);
        using var ready = await _client.GetAsync(new Uri("/readyz", UriKind.Relative));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.True(JsonDocument.Parse(await ready.Content.ReadAsStringAsync()).RootElement.GetProperty("reasons").TryGetProperty("store", out _));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/healthz"));
        await Eventually.TrueAsync(() => host.Log.Lines.Any(line => line.Contains("cannot be read", StringComparison.Ordinal)));
        await Eventually.TrueAsync(() =>
        {
            metrics.Observe();
            return metrics.Lines.Contains("liverobot.node.ready 0 reason=store");
        });

        if (isSilent)
        {
            _server.Thaw();
        }
        else
        {
            _server.StartAgain();
        }

        await Eventually.TrueAsync(async () => await StatusAsync("/api/v1/robots/rover") == HttpStatusCode.OK && await StatusAsync("/readyz") == HttpStatusCode.OK);

        // A connection of the pool may be one from before.
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                return await host.Robots.AddAsync("Second", "alice") is not null;
            }
            catch (StoreException)
            {
                return false;
            }
        });
        await Eventually.TrueAsync(() => host.Log.Lines.Any(line => line.Contains("are read again", StringComparison.Ordinal)));
        Assert.Contains(metrics.Lines, line => line.StartsWith("db.client.", StringComparison.Ordinal) && line.EndsWith("pool.name=liverobot", StringComparison.Ordinal));
        Assert.DoesNotContain(host.Log.Lines.Concat(metrics.Lines), line => line.Contains("top-secret", StringComparison.Ordinal));
    }

    private async Task<HttpStatusCode> StatusAsync(string path)
    {
        using var answer = await _client.GetAsync(new Uri(path, UriKind.Relative));
        return answer.StatusCode;
    }
}
