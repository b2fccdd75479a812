using System.Net;

using LiveRobot.Testing;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace LiveRobot.Platform.Tests;

/// <summary>What answers that are no pages of ours forbid the browser, and whose word about a request's origin counts.</summary>
public sealed class AnswerHeadersTests(AnswerHeadersTests.Server server) : IClassFixture<AnswerHeadersTests.Server>
{
    private static readonly IPAddress Proxy = IPAddress.Parse("127.0.0.5");

    [Theory]
    [InlineData("/data", HttpStatusCode.OK)]
    [InlineData("/healthz", HttpStatusCode.OK)]
    [InlineData("/nowhere", HttpStatusCode.NotFound)]
    [InlineData("/refused", HttpStatusCode.BadRequest)]
    public async Task Every_answer_runs_nothing_and_stands_in_no_frame(string path, HttpStatusCode status)
    {
        using var answer = await GetAsync(path, LoopbackAddresses.Take());

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("nosniff", Header(answer, "X-Content-Type-Options"));
        Assert.Equal("DENY", Header(answer, "X-Frame-Options"));
        Assert.Equal("same-origin", Header(answer, "Referrer-Policy"));
        Assert.Equal("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", Header(answer, "Content-Security-Policy"));
        Assert.Null(Header(answer, "Strict-Transport-Security"));
        Assert.Null(Header(answer, "Server"));
    }

    [Fact]
    public async Task Who_came_over_TLS_is_to_come_over_TLS()
    {
        using var answer = await GetAsync("/data", Proxy, ("X-Forwarded-Proto", "https"), ("Host", "robots.example.org"));
        using var local = await GetAsync("/data", Proxy, ("X-Forwarded-Proto", "https"), ("Host", "localhost"));

        Assert.Equal("max-age=2592000", Header(answer, "Strict-Transport-Security"));
        Assert.Null(Header(local, "Strict-Transport-Security"));
    }

    [Fact]
    public async Task A_trusted_proxy_says_who_asks_and_how()
    {
        using var answer = await GetAsync("/who", Proxy, ("X-Forwarded-For", "192.0.2.66, 198.51.100.7"), ("X-Forwarded-Proto", "https"));

        Assert.Equal("198.51.100.7 https", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Of_several_trusted_proxies_in_a_row_the_first_says_who_asks()
    {
        using var answer = await GetAsync("/who", Proxy, ("X-Forwarded-For", "192.0.2.66, 198.51.100.7, 10.1.2.3"), ("X-Forwarded-Proto", "http, https, http"));

        Assert.Equal("198.51.100.7 https", await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Everybody can write these headers.</summary>
    [Fact]
    public async Task Nobody_else_is_believed()
    {
        var address = LoopbackAddresses.Take();

        using var answer = await GetAsync("/who", address, ("X-Forwarded-For", "198.51.100.7"), ("X-Forwarded-Proto", "https"), ("Forwarded", "for=198.51.100.7;proto=https"));

        Assert.Equal($"{address} http", await answer.Content.ReadAsStringAsync());
        Assert.Null(Header(answer, "Strict-Transport-Security"));
    }

    [Fact]
    public async Task Without_a_trusted_proxy_not_even_this_machine_is_believed()
    {
        await using var plain = await StartAsync([]);
        using var client = new HttpClient { BaseAddress = plain.Address };
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "198.51.100.7");
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");

        Assert.Equal("127.0.0.1 http", await client.GetStringAsync(new Uri("/who", UriKind.Relative)));
    }

    [Theory]
    [InlineData("10.0.0.0/33")]
    [InlineData("proxy.example.org")]
    [InlineData("")]
    public async Task A_proxy_that_is_no_address_stops_the_start_by_its_name(string proxy)
    {
        var failure = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(
            () => StartAsync(new() { ["Proxies:Trusted:0"] = proxy }));

        Assert.Contains($"Proxies:Trusted: {proxy} is neither", failure.Message, StringComparison.Ordinal);
    }

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;

    private static Task<ServiceHost> StartAsync(Dictionary<string, string?> settings) => ServiceHost.StartAsync(
        _ => { },
        endpoints =>
        {
            endpoints.MapGet("/data", () => new { text = "<script>alert(1)</script>" });
            endpoints.MapGet("/refused", () => Results.Problem(statusCode: StatusCodes.Status400BadRequest));
            endpoints.MapGet("/who", (HttpContext context) => $"{context.Connection.RemoteIpAddress?.MapToIPv4()} {context.Request.Scheme}");
        },
        settings);

    private async Task<HttpResponseMessage> GetAsync(string path, IPAddress from, params (string Name, string Value)[] headers)
    {
        using var client = new HttpClient(LoopbackAddresses.From(from)) { BaseAddress = server.Host.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await client.SendAsync(request);
    }

    /// <summary>A server behind two proxies: one at 127.0.0.5, and before it one of the network 10.0.0.0/8.</summary>
    public sealed class Server : IAsyncLifetime
    {
        public ServiceHost Host { get; private set; } = null!;

        public async ValueTask InitializeAsync() =>
            Host = await StartAsync(new() { ["Proxies:Trusted:0"] = Proxy.ToString(), ["Proxies:Trusted:1"] = "10.0.0.0/8" });

        public ValueTask DisposeAsync() => Host.DisposeAsync();
    }
}
