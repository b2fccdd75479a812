using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bus;
using LiveRobot.Testing;

namespace LiveRobot.Api.Tests;

/// <summary>What people do with their own account, and what others try to do with it.</summary>
public sealed class OwnAccountTests(ApiFixture api) : IClassFixture<ApiFixture>, IAsyncLifetime
{
    private const string Password = "correct horse";

    private readonly ServiceHost _host = api.Host;
    private readonly string _name = ApiFixture.NewName("alice");
    private Browser _alice = null!;

    public async ValueTask InitializeAsync()
    {
        _alice = new Browser(_host);
        await _alice.SignUpAsync(_name, Password);
    }

    public ValueTask DisposeAsync()
    {
        _alice.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_password_is_changed_by_who_knows_the_old_one()
    {
        using var elsewhere = new Browser(_host);
        using var signedIn = await elsewhere.PostAsync("/api/v1/authenticate", new { username = _name, password = Password });

        using var guessed = await PutAsync("/api/v1/account/password", new { password = "guess", new_password = "battery staple" });
        Assert.Equal(HttpStatusCode.Forbidden, guessed.StatusCode);
        using var changed = await PutAsync("/api/v1/account/password", new { password = Password, new_password = "battery staple" });
        Assert.Equal(HttpStatusCode.NoContent, changed.StatusCode);

        Assert.Equal(HttpStatusCode.OK, await _alice.StatusAsync("/api/v1/account"));
        Assert.Equal(HttpStatusCode.Unauthorized, await elsewhere.StatusAsync("/api/v1/account"));
    }

    [Fact]
    public async Task The_old_password_cannot_be_guessed_without_end()
    {
        for (var number = 0; number < 10; number++)
        {
            using var guessed = await PutAsync("/api/v1/account/password", new { password = "guess", new_password = "battery staple" });
            Assert.Equal(HttpStatusCode.Forbidden, guessed.StatusCode);
        }

        using var next = await PutAsync("/api/v1/account/password", new { password = Password, new_password = "battery staple" });
        Assert.Equal(HttpStatusCode.TooManyRequests, next.StatusCode);
    }

    [Fact]
    public async Task A_deleted_account_is_gone_with_its_robots_its_sessions_and_its_keys()
    {
        await _host.Robots.AddAsync("Rover", _name);
        var (_, key) = await AddKeyAsync("scripts");
        var cookie = _alice.Cookie;

        using var guessed = await _alice.PostAsync("/api/v1/account/delete", new { password = "guess" });
        Assert.Equal(HttpStatusCode.Forbidden, guessed.StatusCode);
        using var deleted = await _alice.PostAsync("/api/v1/account/delete", new { password = Password });
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);

        Assert.Empty(await _host.Robots.ListOfOwnerAsync(_name));
        Assert.Null(await _host.Get<ApiKeys>().FindAsync(key));
        using var thief = new Browser(_host) { Cookie = cookie };
        Assert.Equal(HttpStatusCode.Unauthorized, await thief.StatusAsync("/api/v1/account"));
        using var again = await thief.PostAsync("/api/v1/register", new { username = _name, password = Password });
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
    }

    [Fact]
    public async Task An_API_key_is_shown_once_used_and_revoked()
    {
        var (id, key) = await AddKeyAsync("scripts");

        var listed = Assert.Single((await _alice.JsonAsync("/api/v1/account/keys")).EnumerateArray());
        Assert.Equal("scripts", listed.GetProperty("name").GetString());
        Assert.False(listed.TryGetProperty("key", out _));
        Assert.Equal(JsonValueKind.Null, listed.GetProperty("last_used_at").ValueKind);

        Assert.Equal(_name, (await _host.Get<ApiKeys>().FindAsync(key))?.Name);
        listed = Assert.Single((await _alice.JsonAsync("/api/v1/account/keys")).EnumerateArray());
        Assert.Equal(JsonValueKind.String, listed.GetProperty("last_used_at").ValueKind);

        using var revoked = await _alice.SendAsync(HttpMethod.Delete, $"/api/v1/account/keys/{id}");
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        Assert.Null(await _host.Get<ApiKeys>().FindAsync(key));
    }

    [Theory]
    [InlineData(0, HttpStatusCode.BadRequest)]
    [InlineData(50, HttpStatusCode.OK)]
    [InlineData(51, HttpStatusCode.BadRequest)]
    public async Task The_name_of_an_API_key_has_1_to_50_characters(int length, HttpStatusCode status)
    {
        using var answer = await _alice.PostAsync("/api/v1/account/keys", new { name = new string('k', length) });

        Assert.Equal(status, answer.StatusCode);
    }

    [Theory]
    [InlineData(1_000, HttpStatusCode.NoContent)]
    [InlineData(1_001, HttpStatusCode.BadRequest)]
    public async Task What_people_say_about_themselves_has_at_most_1000_characters(int length, HttpStatusCode status)
    {
        using var answer = await PutAsync("/api/v1/account/description", new { profile_description = new string('d', length) });

        Assert.Equal(status, answer.StatusCode);
        var kept = (await _alice.JsonAsync($"/api/v1/accounts/{_name}")).GetProperty("profile_description").GetString()!;
        Assert.Equal(status == HttpStatusCode.NoContent ? length : 0, kept.Length);
    }

    /// <summary>As the existing viewer app does it: a form to the account's own address; it shows an <c>error</c>.</summary>
    [Fact]
    public async Task The_existing_viewer_app_changes_the_text_about_its_user_and_nobody_elses()
    {
        using var bob = new Browser(_host);
        await bob.SignUpAsync(ApiFixture.NewName("bobby"), Password);

        using var changed = await _alice.PostFormAsync($"/api/v1/accounts/{_name}", ("profile_description", "I build robots."));
        using var refused = await bob.PostFormAsync($"/api/v1/accounts/{_name}", ("profile_description", "I break robots."));
        using var tooLong = await _alice.PostFormAsync($"/api/v1/accounts/{_name}", ("profile_description", new string('x', 1_001)));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Forbidden, HttpStatusCode.BadRequest), (changed.StatusCode, refused.StatusCode, tooLong.StatusCode));
        Assert.False(JsonElement.Parse(await changed.Content.ReadAsStringAsync()).TryGetProperty("error", out _));
        Assert.NotEmpty(JsonElement.Parse(await tooLong.Content.ReadAsStringAsync()).GetProperty("error").GetString()!);
        Assert.Equal("I build robots.", (await bob.JsonAsync($"/api/v1/accounts/{_name}")).GetProperty("profile_description").GetString());
    }

    [Theory]
    [InlineData(16_384, HttpStatusCode.Forbidden)]
    [InlineData(16_385, HttpStatusCode.RequestEntityTooLarge)]
    public async Task What_is_said_of_an_account_has_at_most_16_KiB(int length, HttpStatusCode status)
    {
        const string Start = """{"password":"guess","new_password":"battery staple","padding":" """;
        using var content = new StringContent($"{Start}{new string('x', length - Start.Length - 2)}\"}}", System.Text.Encoding.UTF8, "application/json");

        using var answer = await _alice.SendAsync(HttpMethod.Put, "/api/v1/account/password", content);

        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task Nobody_revokes_the_key_of_another()
    {
        var (id, key) = await AddKeyAsync("scripts");
        using var bob = new Browser(_host);
        await bob.SignUpAsync(ApiFixture.NewName("bobby"), Password);

        using var refused = await bob.SendAsync(HttpMethod.Delete, $"/api/v1/account/keys/{id}");

        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        Assert.NotNull(await _host.Get<ApiKeys>().FindAsync(key));
    }

    [Theory]
    [InlineData("GET", "/api/v1/account")]
    [InlineData("GET", "/api/v1/accounts")]
    [InlineData("GET", "/api/v1/account/keys")]
    [InlineData("POST", "/api/v1/account/keys")]
    [InlineData("PUT", "/api/v1/account/password")]
    [InlineData("PUT", "/api/v1/account/description")]
    [InlineData("POST", "/api/v1/account/delete")]
    [InlineData("POST", "/api/v1/accounts/somebody")]
    public async Task The_account_is_closed_to_strangers_and_to_programs_with_an_API_key(string method, string path)
    {
        var (_, key) = await AddKeyAsync("scripts");
        using var stranger = new Browser(_host);
        using var program = new Browser(_host) { Headers = { ["Authorization"] = $"Bearer {key}" } };

        using var strangers = await stranger.SendAsync(new HttpMethod(method), path, JsonContent.Create(new { name = "x", password = Password }));
        using var programs = await program.SendAsync(new HttpMethod(method), path, JsonContent.Create(new { name = "x", password = Password }));

        Assert.Equal(HttpStatusCode.Unauthorized, strangers.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, programs.StatusCode);
        Assert.Equal("application/problem+json", strangers.Content.Headers.ContentType?.MediaType);
        Assert.Equal("application/problem+json", programs.Content.Headers.ContentType?.MediaType);
    }

    /// <summary>CSRF: the browser sends the cookie, but another site's page has asked for it.</summary>
    [Theory]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://127.0.0.1")]
    [InlineData("Origin", "http://127.0.0.1:1")]
    [InlineData("Origin", "https://panel.example.org.evil.example")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task A_request_from_another_sites_page_speaks_in_nobodys_name(string header, string value)
    {
        _alice.Headers[header] = value;

        Assert.Equal(HttpStatusCode.Unauthorized, await _alice.StatusAsync("/api/v1/account"));
        using var signOut = await _alice.PostAsync("/api/v1/logout", new { });
        using var link = await _alice.SendAsync(HttpMethod.Get, "/logout");

        _alice.Headers.Clear();
        Assert.Equal(HttpStatusCode.OK, await _alice.StatusAsync("/api/v1/account"));
    }

    [Fact]
    public async Task A_request_from_our_page_or_an_allowed_one_or_from_no_page_speaks_in_the_name_of_the_cookie()
    {
        foreach (var origin in new[] { null, $"http://127.0.0.1:{_host.Port}", $"https://127.0.0.1:{_host.Port}", "https://panel.example.org" })
        {
            _alice.Headers.Clear();
            if (origin is not null)
            {
                _alice.Headers["Origin"] = origin;
            }

            Assert.Equal(HttpStatusCode.OK, await _alice.StatusAsync("/api/v1/account"));
        }
    }

    [Theory]
    [InlineData("Bearer wrong")]
    [InlineData("Bearer ")]
    [InlineData("Bearer None")]
    public async Task A_wrong_API_key_is_nobody_even_beside_a_cookie(string authorization)
    {
        _alice.Headers["Authorization"] = authorization;

        Assert.Equal(HttpStatusCode.Unauthorized, await _alice.StatusAsync("/api/v1/account"));
    }

    [Fact]
    public async Task That_sessions_have_ended_is_told_to_the_services_also_when_another_process_ended_them()
    {
        var told = new List<string>();
        using var subscription = _host.Get<IBus>().Subscribe<AccountChanged>(changed => told.Add(changed.Name));
        var elsewhere = new AccountDirectory(
            _host.Get<Platform.Storage.Database>(),
            _host.Get<Microsoft.AspNetCore.Identity.IPasswordHasher<Account>>(),
            _host.Get<Microsoft.Extensions.Options.IOptions<AccountOptions>>(),
            new Changes(TimeProvider.System),
            TimeProvider.System);

        await elsewhere.SetPasswordAsync((await elsewhere.FindAsync(_name))!, "battery staple", keptSession: null);

        await Eventually.TrueAsync(() => told.Contains(_name));
    }

    private async Task<(long Id, string Key)> AddKeyAsync(string name)
    {
        using var answer = await _alice.PostAsync("/api/v1/account/keys", new { name });
        var key = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        return (key.GetProperty("id").GetInt64(), key.GetProperty("key").GetString()!);
    }

    private Task<HttpResponseMessage> PutAsync(string path, object body) => _alice.SendAsync(HttpMethod.Put, path, JsonContent.Create(body));
}
