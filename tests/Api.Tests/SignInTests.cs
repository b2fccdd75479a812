using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

using LiveRobot.Platform.Accounts;
using LiveRobot.Testing;

namespace LiveRobot.Api.Tests;

/// <summary>Signing up, in and out, as the site, existing clients and strangers try it.</summary>
public sealed class SignInTests : IAsyncLifetime
{
    private const string Password = "correct horse";

    private ServiceHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Who_signs_up_is_signed_in_and_who_signs_out_is_not()
    {
        using var browser = new Browser(_host);

        using var signedUp = await browser.PostAsync("/api/v1/register", new { username = "alice", password = Password });
        Assert.Equal("alice", (await JsonAsync(signedUp)).GetProperty("user").GetProperty("username").GetString());
        Assert.Equal("alice", (await browser.JsonAsync("/api/v1/account")).GetProperty("username").GetString());

        using var signedOut = await browser.PostAsync("/api/v1/logout", new { });
        Assert.Equal(HttpStatusCode.NoContent, signedOut.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await browser.StatusAsync("/api/v1/account"));
    }

    [Fact]
    public async Task A_signed_out_cookie_that_somebody_kept_is_worth_nothing()
    {
        using var browser = new Browser(_host);
        await browser.SignUpAsync("alice", Password);
        var kept = browser.Cookie;

        using var signedOut = await browser.PostAsync("/api/v1/logout", new { });

        using var thief = new Browser(_host) { Cookie = kept };
        Assert.Equal(HttpStatusCode.Unauthorized, await thief.StatusAsync("/api/v1/account"));
    }

    /// <summary>As the LetsRobot Python client does it: it needs status 200 and the cookie.</summary>
    [Fact]
    public async Task An_existing_robot_signs_in_with_JSON_and_gets_the_cookie()
    {
        await _host.Get<AccountDirectory>().CreateAsync("alice", Password);
        using var client = new HttpClient(new HttpClientHandler { UseCookies = false }) { BaseAddress = _host.Address };

        using var answer = await client.PostAsJsonAsync("/api/v1/authenticate", new { username = "alice", password = Password });

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.StartsWith("connect.sid=", cookie, StringComparison.Ordinal);
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>As the existing viewer app does it: a form, and on failure the body is exactly <c>Unauthorized</c>.</summary>
    [Fact]
    public async Task An_existing_viewer_signs_in_with_a_form()
    {
        await _host.Get<AccountDirectory>().CreateAsync("alice", Password);
        using var browser = new Browser(_host);

        using var wrong = await browser.PostFormAsync("/api/v1/authenticate", ("username", "alice"), ("password", "wrong"));
        Assert.Equal("Unauthorized", await wrong.Content.ReadAsStringAsync());

        using var right = await browser.PostFormAsync("/api/v1/authenticate", ("username", "alice"), ("password", Password));
        Assert.Equal("alice", (await JsonAsync(right)).GetProperty("user").GetProperty("username").GetString());
        Assert.Equal("alice", (await browser.JsonAsync("/api/v1/accounts")).GetProperty("username").GetString());
    }

    [Fact]
    public async Task A_wrong_name_and_a_wrong_password_get_the_same_answer()
    {
        await _host.Get<AccountDirectory>().CreateAsync("alice", Password);
        await _host.Robots.AddAsync("Rover", "nopassword");
        using var browser = new Browser(_host);

        var answers = new HashSet<string>();
        foreach (var name in new[] { "alice", "nobody", "a1ice", "nopassword", "no such name at all" })
        {
            using var answer = await browser.PostAsync("/api/v1/authenticate", new { username = name, password = "guess" });
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            var problem = await JsonAsync(answer);
            answers.Add($"{problem.GetProperty("title").GetString()} {problem.GetProperty("detail").GetString()}");
        }

        Assert.Single(answers);
    }

    [Theory]
    [InlineData("al", Password)]
    [InlineData("anonymous1", Password)]
    [InlineData("alice", "seven77")]
    [InlineData("alice", "")]
    [InlineData("alice123", "alice123")]
    public async Task A_sign_up_that_breaks_a_rule_is_refused_with_the_reason(string name, string password)
    {
        using var browser = new Browser(_host);

        using var answer = await browser.PostAsync("/api/v1/register", new { username = name, password });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.NotEmpty((await JsonAsync(answer)).GetProperty("detail").GetString()!);
        Assert.NotEmpty((await JsonAsync(answer)).GetProperty("error").GetString()!);
        Assert.Empty(await _host.Get<AccountDirectory>().ListAsync());
    }

    [Fact]
    public async Task A_password_of_256_characters_is_taken_and_a_longer_one_is_not()
    {
        using var browser = new Browser(_host);
        using var longer = await browser.PostAsync("/api/v1/register", new { username = "alice", password = new string('x', 257) });
        Assert.Equal(HttpStatusCode.BadRequest, longer.StatusCode);

        await browser.SignUpAsync("alice", new string('x', 256));
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("ALICE")]
    [InlineData("a-l-i-c-e")]
    [InlineData("A1ICE")]
    public async Task A_name_that_is_had_or_looks_like_one_that_is_cannot_be_had_again(string name)
    {
        await _host.Get<AccountDirectory>().CreateAsync("alice", Password);
        using var browser = new Browser(_host);

        using var answer = await browser.PostFormAsync("/api/v1/register", ("username", name), ("password", Password), ("email", "a@example.org"));

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Equal("username already exists", (await JsonAsync(answer)).GetProperty("error").GetString());
        Assert.Null(browser.Cookie);
    }

    [Fact]
    public async Task Nobody_signs_up_as_the_owner_of_a_robot_that_the_command_line_added()
    {
        await _host.Robots.AddAsync("Rover", "alice");
        using var browser = new Browser(_host);

        using var answer = await browser.PostAsync("/api/v1/register", new { username = "alice", password = Password });

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
    }

    [Fact]
    public async Task The_code_that_the_server_printed_makes_an_administrator_once()
    {
        var code = await _host.Get<AdministratorCode>().IssueAsync();
        using var browser = new Browser(_host);
        using var guessed = await browser.PostAsync("/api/v1/register", new { username = "mallory", password = Password, code = "GUESSED" });
        Assert.Equal(HttpStatusCode.Forbidden, guessed.StatusCode);

        using var first = await browser.PostAsync("/api/v1/register", new { username = "root1", password = Password, code });
        Assert.True((await JsonAsync(first)).GetProperty("user").GetProperty("administrator").GetBoolean());

        using var second = await browser.PostAsync("/api/v1/register", new { username = "mallory", password = Password, code });
        Assert.Equal(HttpStatusCode.Forbidden, second.StatusCode);
        Assert.Equal(["root1"], (await browser.JsonAsync("/api/v1/robocasters/internal/frontpage")).GetProperty("admins").EnumerateArray().Select(name => name.GetString()));
    }

    [Fact]
    public async Task A_field_that_says_so_makes_no_administrator()
    {
        using var browser = new Browser(_host);

        using var answer = await browser.PostAsync(
            "/api/v1/register", new { username = "mallory", password = Password, administrator = true, is_administrator = true, admin = "true" });

        Assert.False((await JsonAsync(answer)).GetProperty("user").GetProperty("administrator").GetBoolean());
    }

    [Theory]
    [InlineData("text/plain", "username=a", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json", "{\"username\":", HttpStatusCode.BadRequest)]
    [InlineData("application/json", "{\"username\":\"\\ud800\",\"password\":\"x\"}", HttpStatusCode.BadRequest)]
    [InlineData("application/json", "[]", HttpStatusCode.BadRequest)]
    [InlineData("application/json", "{\"username\":7,\"password\":{}}", HttpStatusCode.BadRequest)]
    [InlineData("application/json", "{}", HttpStatusCode.BadRequest)]
    [InlineData("application/x-www-form-urlencoded", "username", HttpStatusCode.BadRequest)]
    public async Task A_body_that_cannot_be_read_is_answered_with_problem_details(string type, string body, HttpStatusCode status)
    {
        using var client = new HttpClient { BaseAddress = _host.Address };
        using var content = new StringContent(body, System.Text.Encoding.UTF8, type);

        using var answer = await client.PostAsync(new Uri("/api/v1/authenticate", UriKind.Relative), content);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData(16_384, HttpStatusCode.Unauthorized)]
    [InlineData(16_385, HttpStatusCode.RequestEntityTooLarge)]
    public async Task A_body_may_have_16_KiB_and_no_more(int length, HttpStatusCode status)
    {
        const string Start = """{"username":"nobody","password":"x","padding":" """;
        using var client = new HttpClient { BaseAddress = _host.Address };
        using var content = new StringContent($"{Start}{new string('x', length - Start.Length - 2)}\"}}", System.Text.Encoding.UTF8, "application/json");

        using var answer = await client.PostAsync(new Uri("/api/v1/authenticate", UriKind.Relative), content);

        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task Sessions_and_accounts_outlive_the_service()
    {
        using var data = new TemporaryFolder();
        var settings = new Dictionary<string, string?> { ["Storage:Directory"] = data.Path };
        string? cookie;
        await using (var first = await StartAsync(settings))
        {
            using var browser = new Browser(first);
            await browser.SignUpAsync("alice", Password);
            cookie = browser.Cookie;
        }

        await using var second = await StartAsync(settings);
        using var returned = new Browser(second) { Cookie = cookie };
        Assert.Equal("alice", (await returned.JsonAsync("/api/v1/account")).GetProperty("username").GetString());
    }

    [Fact]
    public async Task The_sixth_account_from_one_address_has_to_wait()
    {
        using var browser = new Browser(_host);
        for (var number = 0; number < 5; number++)
        {
            await browser.SignUpAsync($"person-{"abcde"[number]}", Password);
        }

        using var sixth = await browser.PostAsync("/api/v1/register", new { username = "person-f", password = Password });

        Assert.Equal(HttpStatusCode.TooManyRequests, sixth.StatusCode);
        Assert.InRange(sixth.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        Assert.Equal(5, (await _host.Get<AccountDirectory>().ListAsync()).Count);
    }

    [Fact]
    public async Task After_ten_wrong_passwords_even_the_right_one_has_to_wait_but_other_accounts_do_not()
    {
        await _host.Get<AccountDirectory>().CreateAsync("alice", Password);
        await _host.Get<AccountDirectory>().CreateAsync("bobby", Password);
        using var browser = new Browser(_host);
        for (var number = 0; number < 10; number++)
        {
            using var wrong = await browser.PostAsync("/api/v1/authenticate", new { username = number % 2 == 0 ? "alice" : "ALICE", password = "guess" });
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }

        using var right = await browser.PostAsync("/api/v1/authenticate", new { username = "alice", password = Password });
        using var other = await browser.PostAsync("/api/v1/authenticate", new { username = "bobby", password = Password });

        Assert.Equal(HttpStatusCode.TooManyRequests, right.StatusCode);
        Assert.InRange(right.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task Right_passwords_do_not_count_against_an_account()
    {
        await _host.Get<AccountDirectory>().CreateAsync("alice", Password);
        using var browser = new Browser(_host);
        for (var number = 0; number < 15; number++)
        {
            using var right = await browser.PostAsync("/api/v1/authenticate", new { username = "alice", password = Password });
            Assert.Equal(HttpStatusCode.OK, right.StatusCode);
        }
    }

    [Fact]
    public async Task The_twenty_first_sign_in_from_one_address_has_to_wait_whomever_it_tries()
    {
        using var browser = new Browser(_host);
        for (var number = 0; number < 20; number++)
        {
            using var wrong = await browser.PostAsync("/api/v1/authenticate", new { username = $"name-{(char)('a' + number)}", password = "guess" });
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }

        using var next = await browser.PostAsync("/api/v1/authenticate", new { username = "another", password = "guess" });

        Assert.Equal(HttpStatusCode.TooManyRequests, next.StatusCode);
        Assert.Equal("application/problem+json", next.Content.Headers.ContentType?.MediaType);
        Assert.InRange(next.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Where_sign_up_is_closed_only_the_code_opens_it()
    {
        await using var closed = await StartAsync(new Dictionary<string, string?> { ["Accounts:OpenSignUp"] = "false" });
        using var browser = new Browser(closed);
        using var refused = await browser.PostAsync("/api/v1/register", new { username = "alice", password = Password });
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);

        var code = await closed.Get<AdministratorCode>().IssueAsync();
        using var taken = await browser.PostAsync("/api/v1/register", new { username = "alice", password = Password, code });
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
    }

    private static Task<ServiceHost> StartAsync(IReadOnlyDictionary<string, string?>? settings = null) =>
        ServiceHost.StartAsync(builder => builder.AddApi(), endpoints => endpoints.MapApi(), settings);

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsStringAsync());
}
