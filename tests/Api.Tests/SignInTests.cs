using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

using LiveRobot.Platform.Accounts;
using LiveRobot.Testing;

namespace LiveRobot.Api.Tests;

/// <summary>Signing up, in and out, as the site, existing clients and strangers try it.</summary>
public sealed class SignInTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private const string Password = "correct horse";

    private readonly ServiceHost _host = api.Host;
    private readonly string _name = ApiFixture.NewName("alice");

    [Fact]
    public async Task Who_signs_up_is_signed_in_and_who_signs_out_is_not()
    {
        using var browser = new Browser(_host);

        using var signedUp = await browser.PostAsync("/api/v1/register", new { username = _name, password = Password });
        Assert.Equal(_name, (await JsonAsync(signedUp)).GetProperty("user").GetProperty("username").GetString());
        Assert.Equal(_name, (await browser.JsonAsync("/api/v1/account")).GetProperty("username").GetString());

        using var signedOut = await browser.PostAsync("/api/v1/logout", new { });
        Assert.Equal(HttpStatusCode.NoContent, signedOut.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await browser.StatusAsync("/api/v1/account"));
    }

    [Fact]
    public async Task The_session_says_who_has_signed_in_and_that_nobody_has_without_an_error()
    {
        using var browser = new Browser(_host);
        Assert.Equal(JsonValueKind.Null, (await browser.JsonAsync("/api/v1/session")).GetProperty("user").ValueKind);

        await browser.SignUpAsync(_name, Password);

        var user = (await browser.JsonAsync("/api/v1/session")).GetProperty("user");
        Assert.Equal(_name, user.GetProperty("username").GetString());
        Assert.False(user.GetProperty("administrator").GetBoolean());
    }

    [Fact]
    public async Task A_signed_out_cookie_that_somebody_kept_is_worth_nothing()
    {
        using var browser = new Browser(_host);
        await browser.SignUpAsync(_name, Password);
        var kept = browser.Cookie;

        using var signedOut = await browser.PostAsync("/api/v1/logout", new { });

        using var thief = new Browser(_host) { Cookie = kept };
        Assert.Equal(HttpStatusCode.Unauthorized, await thief.StatusAsync("/api/v1/account"));
    }

    /// <summary>As the LetsRobot Python client does it: it needs status 200 and the cookie.</summary>
    [Fact]
    public async Task An_existing_robot_signs_in_with_JSON_and_gets_the_cookie()
    {
        await _host.Get<AccountDirectory>().CreateAsync(_name, Password);
        using var client = new HttpClient(new HttpClientHandler { UseCookies = false }) { BaseAddress = _host.Address };

        using var answer = await client.PostAsJsonAsync("/api/v1/authenticate", new { username = _name, password = Password });

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.StartsWith("connect.sid=", cookie, StringComparison.Ordinal);
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_answer_that_gives_a_new_account_its_cookie_is_stored_nowhere()
    {
        using var browser = new Browser(_host);

        using var answer = await browser.PostAsync("/api/v1/register", new { username = _name, password = Password });

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(answer.Headers.CacheControl?.NoStore);
    }

    /// <summary>As the existing viewer app does it: a form, and on failure the body is exactly <c>Unauthorized</c>.</summary>
    [Fact]
    public async Task An_existing_viewer_signs_in_with_a_form()
    {
        await _host.Get<AccountDirectory>().CreateAsync(_name, Password);
        using var browser = new Browser(_host);

        using var wrong = await browser.PostFormAsync("/api/v1/authenticate", ("username", _name), ("password", "wrong"));
        Assert.Equal("Unauthorized", await wrong.Content.ReadAsStringAsync());

        using var right = await browser.PostFormAsync("/api/v1/authenticate", ("username", _name), ("password", Password));
        Assert.Equal(_name, (await JsonAsync(right)).GetProperty("user").GetProperty("username").GetString());
        Assert.Equal(_name, (await browser.JsonAsync("/api/v1/accounts")).GetProperty("username").GetString());
    }

    [Fact]
    public async Task A_wrong_name_and_a_wrong_password_get_the_same_answer()
    {
        await _host.Get<AccountDirectory>().CreateAsync(_name, Password);
        var noPassword = ApiFixture.NewName("nopassword");
        await _host.Robots.AddAsync("Rover", noPassword);
        using var browser = new Browser(_host);

        var answers = new HashSet<string>();
        foreach (var name in new[] { _name, "nobody", _name.Replace('l', '1'), noPassword, "no such name at all" })
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
    [InlineData("walter", "seven77")]
    [InlineData("walter", "")]
    [InlineData("walter123", "walter123")]
    public async Task A_sign_up_that_breaks_a_rule_is_refused_with_the_reason(string name, string password)
    {
        using var browser = new Browser(_host);

        using var answer = await browser.PostAsync("/api/v1/register", new { username = name, password });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.NotEmpty((await JsonAsync(answer)).GetProperty("detail").GetString()!);
        Assert.NotEmpty((await JsonAsync(answer)).GetProperty("error").GetString()!);
        Assert.Null(await _host.Get<AccountDirectory>().FindAsync(name));
    }

    [Fact]
    public async Task A_password_of_256_characters_is_taken_and_a_longer_one_is_not()
    {
        using var browser = new Browser(_host);
        using var longer = await browser.PostAsync("/api/v1/register", new { username = _name, password = new string('x', 257) });
        Assert.Equal(HttpStatusCode.BadRequest, longer.StatusCode);

        await browser.SignUpAsync(_name, new string('x', 256));
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("ALICE")]
    [InlineData("a-l-i-c-e")]
    [InlineData("A1ICE")]
    public async Task A_name_that_is_had_or_looks_like_one_that_is_cannot_be_had_again(string lookAlike)
    {
        var name = _name.Replace("alice", lookAlike, StringComparison.Ordinal);
        await _host.Get<AccountDirectory>().CreateAsync(_name, Password);
        using var browser = new Browser(_host);

        using var answer = await browser.PostFormAsync("/api/v1/register", ("username", name), ("password", Password), ("email", "a@example.org"));

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Equal("username already exists", (await JsonAsync(answer)).GetProperty("error").GetString());
        Assert.Null(browser.Cookie);
    }

    [Fact]
    public async Task Nobody_signs_up_as_the_owner_of_a_robot_that_the_command_line_added()
    {
        await _host.Robots.AddAsync("Rover", _name);
        using var browser = new Browser(_host);

        using var answer = await browser.PostAsync("/api/v1/register", new { username = _name, password = Password });

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
    }

    [Fact]
    public async Task The_code_that_the_server_printed_makes_an_administrator_once()
    {
        await using var fresh = await StartAsync();
        var code = await fresh.Get<AdministratorCode>().IssueAsync();
        using var browser = new Browser(fresh);
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
            "/api/v1/register", new { username = _name, password = Password, administrator = true, is_administrator = true, admin = "true" });

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
        using var store = new TestStore(TestStore.Usual);
        string? cookie;
        await using (var first = await StartAsync(store.Settings))
        {
            using var browser = new Browser(first);
            await browser.SignUpAsync(_name, Password);
            cookie = browser.Cookie;
        }

        await using var second = await StartAsync(store.Settings);
        using var returned = new Browser(second) { Cookie = cookie };
        Assert.Equal(_name, (await returned.JsonAsync("/api/v1/account")).GetProperty("username").GetString());
    }

    [Fact]
    public async Task The_sixth_account_from_one_address_has_to_wait()
    {
        using var browser = new Browser(_host);
        for (var number = 0; number < 5; number++)
        {
            await browser.SignUpAsync(ApiFixture.NewName("person"), Password);
        }

        var name = ApiFixture.NewName("person");
        using var sixth = await browser.PostAsync("/api/v1/register", new { username = name, password = Password });

        Assert.Equal(HttpStatusCode.TooManyRequests, sixth.StatusCode);
        Assert.InRange(sixth.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        Assert.Null(await _host.Get<AccountDirectory>().FindAsync(name));

        using var elsewhere = new Browser(_host);
        await elsewhere.SignUpAsync(name, Password);
    }

    [Fact]
    public async Task After_ten_wrong_passwords_even_the_right_one_has_to_wait_but_other_accounts_do_not()
    {
        var another = ApiFixture.NewName("bobby");
        await _host.Get<AccountDirectory>().CreateAsync(_name, Password);
        await _host.Get<AccountDirectory>().CreateAsync(another, Password);
        using var browser = new Browser(_host);
        for (var number = 0; number < 10; number++)
        {
            using var wrong = await browser.PostAsync("/api/v1/authenticate", new { username = number % 2 == 0 ? _name : _name.ToUpperInvariant(), password = "guess" });
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }

        using var right = await browser.PostAsync("/api/v1/authenticate", new { username = _name, password = Password });
        using var other = await browser.PostAsync("/api/v1/authenticate", new { username = another, password = Password });

        Assert.Equal(HttpStatusCode.TooManyRequests, right.StatusCode);
        Assert.InRange(right.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task Right_passwords_do_not_count_against_an_account()
    {
        await _host.Get<AccountDirectory>().CreateAsync(_name, Password);
        using var browser = new Browser(_host);
        for (var number = 0; number < 15; number++)
        {
            using var right = await browser.PostAsync("/api/v1/authenticate", new { username = _name, password = Password });
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

    /// <summary>Behind a front that ends TLS, people are told apart by what it says, and their cookies stay with TLS.</summary>
    [Fact]
    public async Task Behind_a_trusted_proxy_each_has_an_address_and_a_cookie_of_their_own_and_nobody_else_chooses_theirs()
    {
        await using var behind = await StartAsync(new Dictionary<string, string?> { ["Proxies:Trusted:0"] = "127.0.0.5", ["Accounts:SignUpsPerAddress"] = "1" });
        using var proxy = new Browser(behind, IPAddress.Parse("127.0.0.5")) { Headers = { ["X-Forwarded-Proto"] = "https" } };
        using var stranger = new Browser(behind) { Headers = { ["X-Forwarded-Proto"] = "https" } };

        foreach (var (browser, address, status) in new[]
                 {
                     (proxy, "198.51.100.1", HttpStatusCode.OK),
                     (proxy, "198.51.100.1", HttpStatusCode.TooManyRequests),
                     (proxy, "198.51.100.2", HttpStatusCode.OK),
                     (stranger, "198.51.100.3", HttpStatusCode.OK),
                     (stranger, "198.51.100.4", HttpStatusCode.TooManyRequests),
                 })
        {
            browser.Headers["X-Forwarded-For"] = address;
            using var answer = await browser.PostAsync("/api/v1/register", new { username = ApiFixture.NewName("person"), password = Password });
            Assert.Equal(status, answer.StatusCode);
            if (status == HttpStatusCode.OK)
            {
                Assert.Equal(browser == proxy, answer.Headers.GetValues("Set-Cookie").Single().Contains("; secure", StringComparison.OrdinalIgnoreCase));
            }
        }
    }

    [Fact]
    public async Task Where_sign_up_is_closed_only_the_code_opens_it()
    {
        await using var closed = await StartAsync(new Dictionary<string, string?> { ["Accounts:OpenSignUp"] = "false" });
        using var browser = new Browser(closed);
        using var refused = await browser.PostAsync("/api/v1/register", new { username = _name, password = Password });
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);

        var code = await closed.Get<AdministratorCode>().IssueAsync();
        using var taken = await browser.PostAsync("/api/v1/register", new { username = _name, password = Password, code });
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
    }

    private static Task<ServiceHost> StartAsync(IReadOnlyDictionary<string, string?>? settings = null) =>
        ServiceHost.StartAsync(builder => builder.AddApi(), endpoints => endpoints.MapApi(), settings);

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsStringAsync());
}
