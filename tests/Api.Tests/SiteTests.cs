using System.Net;

using LiveRobot.Testing;

namespace LiveRobot.Api.Tests;

public sealed class SiteTests(SiteTests.Site site) : IClassFixture<SiteTests.Site>
{
    private readonly HttpClient _client = site.Client;

    [Theory]
    [InlineData("/")]
    [InlineData("/robot/demo-robot")]
    [InlineData("/admin")]
    [InlineData("/robot/demo-robot/moderation")]
    public async Task Every_address_of_a_page_is_answered_with_the_one_page(string path)
    {
        using var response = await _client.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(Page("/"), await response.Content.ReadAsStringAsync());
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.True(response.Headers.CacheControl?.NoCache);
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.All(["script-src 'self' 'wasm-unsafe-eval'", "base-uri 'self'", "frame-ancestors 'none'"], rule => Assert.Contains(rule, policy, StringComparison.Ordinal));
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("DENY", response.Headers.GetValues("X-Frame-Options").Single());
        Assert.Equal("same-origin", response.Headers.GetValues("Referrer-Policy").Single());
    }

    /// <summary>Existing viewer apps ask without saying that they want a page.</summary>
    [Theory]
    [InlineData("/fullview/rover")]
    [InlineData("/fullview_audio/rover")]
    public async Task The_picture_alone_has_a_page_of_its_own(string path)
    {
        using var response = await _client.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("<canvas id=videoCanvasFullView>", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_browser_at_an_unknown_address_gets_the_page_that_says_so_and_404()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/nowhere");
        request.Headers.Accept.ParseAdd("text/html,application/xhtml+xml,*/*;q=0.8");

        using var response = await _client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(Page("/"), await response.Content.ReadAsStringAsync());
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

    [Theory]
    [InlineData("/robots")]
    [InlineData("/robots/")]
    [InlineData("/robots/robot/demo-robot")]
    public async Task Below_the_path_of_a_front_the_page_says_where_it_lives(string path) =>
        Assert.Equal(Page("/robots/"), await _client.GetStringAsync(new Uri(path, UriKind.Relative)));

    [Fact]
    public async Task Below_the_path_of_a_front_is_everything_else_too()
    {
        Assert.Equal("1", await _client.GetStringAsync(new Uri("/robots/assets/index-1a2b.js", UriKind.Relative)));
        Assert.Equal("""{"robots":[]}""", await _client.GetStringAsync(new Uri("/robots/api/v1/robots", UriKind.Relative)));
        Assert.Equal("""{"robots":[]}""", await _client.GetStringAsync(new Uri("/api/v1/robots", UriKind.Relative)));
        using var content = new FormUrlEncodedContent(new Dictionary<string, string> { ["username"] = "alice", ["password"] = "correct horse" });
        using var signedUp = await _client.PostAsync(new Uri("/robots/api/v1/register", UriKind.Relative), content);
        Assert.Contains("path=/robots;", signedUp.Headers.GetValues("Set-Cookie").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("robots")]
    [InlineData("/robots/")]
    [InlineData("/")]
    [InlineData("/my robots")]
    [InlineData("/a/../b")]
    public async Task A_path_of_a_front_that_is_none_stops_the_start_by_its_name(string path)
    {
        var failure = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(
            () => ServiceHost.StartAsync(builder => builder.AddApi(), endpoints => endpoints.MapApi(), new Dictionary<string, string?> { ["Proxies:PathBase"] = path }));

        Assert.Contains("Proxies:PathBase: ", failure.Message, StringComparison.Ordinal);
    }

    private static string Page(string root) => $"<base href=\"{root}\" /><title>LiveRobot</title>";

    /// <summary>The API with a site of three files.</summary>
    public sealed class Site : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();
        private ServiceHost _host = null!;

        public HttpClient Client { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            await File.WriteAllTextAsync(_folder.File("index.html"), Page("/"));
            await File.WriteAllTextAsync(_folder.File("fullview.html"), "<canvas id=videoCanvasFullView>");
            Directory.CreateDirectory(_folder.File("assets"));
            await File.WriteAllTextAsync(_folder.File("assets/index-1a2b.js"), "1");
            _host = await ServiceHost.StartAsync(
                builder => builder.AddApi(),
                endpoints => endpoints.MapApi(),
                new Dictionary<string, string?> { ["Site:Directory"] = _folder.Path, ["Proxies:PathBase"] = "/robots" });
            Client = new HttpClient { BaseAddress = _host.Address };
        }

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            await _host.DisposeAsync();
            _folder.Dispose();
        }
    }
}
