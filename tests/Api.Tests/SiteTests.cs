using System.Net;

using LiveRobot.Testing;

namespace LiveRobot.Api.Tests;

public sealed class SiteTests : IAsyncLifetime
{
    private readonly TemporaryFolder _site = new();
    private ServiceHost _host = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_site.File("index.html"), "<title>LiveRobot</title>");
        Directory.CreateDirectory(_site.File("assets"));
        await File.WriteAllTextAsync(_site.File("assets/index-1a2b.js"), "1");
        _host = await ServiceHost.StartAsync(
            builder => builder.AddApi(),
            endpoints => endpoints.MapApi(),
            new Dictionary<string, string?> { ["Site:Directory"] = _site.Path });
        _client = new HttpClient { BaseAddress = _host.Address };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
        _site.Dispose();
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/robot/demo-robot")]
    public async Task Every_address_of_a_page_is_answered_with_the_one_page(string path)
    {
        using var response = await _client.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal("<title>LiveRobot</title>", await response.Content.ReadAsStringAsync());
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.True(response.Headers.CacheControl?.NoCache);
        Assert.Contains("frame-ancestors 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_browser_at_an_unknown_address_gets_the_page_that_says_so_and_404()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/nowhere");
        request.Headers.Accept.ParseAdd("text/html,application/xhtml+xml,*/*;q=0.8");

        using var response = await _client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("<title>LiveRobot</title>", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("/get_video_port/abc")]
    [InlineData("/get_wifi_login/x")]
    [InlineData("/socket.io/?EIO=3&transport=polling")]
    public async Task A_program_at_an_unknown_address_gets_problem_details(string path)
    {
        using var response = await _client.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Built_files_may_be_kept_for_a_year()
    {
        using var response = await _client.GetAsync(new Uri("/assets/index-1a2b.js", UriKind.Relative));

        Assert.Equal("1", await response.Content.ReadAsStringAsync());
        Assert.Equal(TimeSpan.FromDays(365), response.Headers.CacheControl?.MaxAge);
    }

    [Theory]
    [InlineData("/assets/gone.js")]
    [InlineData("/api/v1/nothing")]
    [InlineData("/../liverobot.db")]
    public async Task What_is_neither_a_page_nor_a_file_is_not_found(string path)
    {
        using var response = await _client.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }
}
