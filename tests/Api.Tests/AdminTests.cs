using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Storage;
using LiveRobot.Testing;

namespace LiveRobot.Api.Tests;

/// <summary>What administrators do with everybody's accounts and robots, and what others try to do there.</summary>
public sealed class AdminTests(ApiFixture api) : IClassFixture<ApiFixture>, IAsyncLifetime
{
    private const string Password = "correct horse";
    private const string Accounts = "/api/v1/admin/accounts";
    private const string Nodes = "/api/v1/admin/nodes";
    private const string Robots = "/api/v1/admin/robots";

    private readonly ServiceHost _host = api.Host;
    private readonly string _malloryName = ApiFixture.NewName("mallory");
    private readonly string _rootName = ApiFixture.NewName("root");
    private Browser _mallory = null!;
    private Browser _root = null!;

    public async ValueTask InitializeAsync()
    {
        _mallory = new Browser(_host);
        await _mallory.SignUpAsync(_malloryName, Password);
        _root = new Browser(_host) { Cookie = await _host.SignInAsync(_rootName, isAdministrator: true) };
    }

    public ValueTask DisposeAsync()
    {
        _mallory.Dispose();
        _root.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("GET", Accounts)]
    [InlineData("GET", Robots)]
    [InlineData("GET", Nodes)]
    [InlineData("DELETE", $"{Accounts}/NAME")]
    [InlineData("POST", $"{Accounts}/NAME/password")]
    [InlineData("PUT", $"{Accounts}/NAME/administrator")]
    public async Task Nobody_but_an_administrator_who_has_signed_in_does_anything_there(string method, string path)
    {
        using var victim = new Browser(_host);
        var name = ApiFixture.NewName("victim");
        await victim.SignUpAsync(name, Password);
        using var stranger = new Browser(_host);
        using var made = await _root.PostAsync("/api/v1/account/keys", new { name = "program" });
        using var program = _root.WithKey((await JsonOf(made)).GetProperty("key").GetString()!);
        foreach (var (browser, status) in new[] { (stranger, HttpStatusCode.Unauthorized), (_mallory, HttpStatusCode.Forbidden), (program, HttpStatusCode.Forbidden) })
        {
            using var answer = await browser.SendAsync(new HttpMethod(method), path.Replace("NAME", name, StringComparison.Ordinal), JsonContent.Create(new { administrator = true }));

            Assert.Equal(status, answer.StatusCode);
        }

        var untouched = await FindAsync(name);
        Assert.False(untouched.GetProperty("administrator").GetBoolean());
        Assert.Equal(HttpStatusCode.OK, await victim.StatusAsync("/api/v1/account"));
    }

    [Fact]
    public async Task An_account_is_found_by_a_part_of_its_name_with_what_is_to_be_known_of_it()
    {
        await _host.Robots.AddAsync("Rover", _malloryName);
        using var banned = await _root.PostAsync("/api/v1/bans", new { account = _malloryName, reason = "spam", seconds = 3600 });
        var ban = await JsonOf(banned);

        var mallory = await FindAsync(_malloryName.ToUpperInvariant());

        Assert.Equal((_malloryName, false, 1), (mallory.GetProperty("username").GetString(), mallory.GetProperty("administrator").GetBoolean(), mallory.GetProperty("robots").GetInt32()));
        Assert.True(mallory.GetProperty("signed_in_at").GetDateTimeOffset() >= mallory.GetProperty("created_at").GetDateTimeOffset());
        Assert.Equal((ban.GetProperty("id").GetInt64(), "spam"), (mallory.GetProperty("ban").GetProperty("id").GetInt64(), mallory.GetProperty("ban").GetProperty("reason").GetString()));
        Assert.Equal(ban.GetProperty("until").GetDateTimeOffset(), mallory.GetProperty("ban").GetProperty("until").GetDateTimeOffset());
        Assert.Equal(JsonValueKind.Null, (await FindAsync(_rootName)).GetProperty("ban").ValueKind);
    }

    /// <summary>In a place of their own, so that what other tests add is not among them.</summary>
    [Fact]
    public async Task Long_lists_come_in_parts_the_newest_first()
    {
        await using var host = await ServiceHost.StartAsync(builder => builder.AddApi(), endpoints => endpoints.MapApi());
        using var root = new Browser(host) { Cookie = await host.SignInAsync("root1", isAdministrator: true) };
        for (var number = 0; number < Page.Size; number++)
        {
            await host.Robots.AddAsync($"Rover {number}", $"owner{number}x");
        }

        var accounts = await root.JsonAsync(Accounts);
        Assert.Equal(Page.Size, accounts.GetProperty("accounts").GetArrayLength());
        Assert.Equal($"owner{Page.Size - 1}x", accounts.GetProperty("accounts")[0].GetProperty("username").GetString());
        var rest = await root.JsonAsync($"{Accounts}?before={accounts.GetProperty("next")}");
        Assert.Equal("root1", Assert.Single(rest.GetProperty("accounts").EnumerateArray()).GetProperty("username").GetString());
        Assert.Equal(JsonValueKind.Null, rest.GetProperty("next").ValueKind);

        // As many as a part holds are one part.
        var robots = await root.JsonAsync(Robots);
        Assert.Equal((Page.Size, JsonValueKind.Null), (robots.GetProperty("robots").GetArrayLength(), robots.GetProperty("next").ValueKind));
        await host.Robots.AddAsync("One More", "owner1x");
        robots = await root.JsonAsync(Robots);
        Assert.Equal("One More", robots.GetProperty("robots")[0].GetProperty("name").GetString());
        rest = await root.JsonAsync($"{Robots}?before={robots.GetProperty("next")}");
        Assert.Equal("Rover 0", Assert.Single(rest.GetProperty("robots").EnumerateArray()).GetProperty("name").GetString());
    }

    [Fact]
    public async Task The_processes_that_serve_the_site_are_listed_with_their_load_this_one_too()
    {
        var since = DateTimeOffset.UnixEpoch;
        var address = new Uri("http://10.0.0.5:8021");
        await _host.Get<IClusterStore>().RegisterAsync(
            new NodeState("0-control", address, since, IsDraining: true, [new(Slot.Control, address, [0, 2], Robots: 3, Viewers: 12)]), TimeSpan.FromMinutes(5));

        var nodes = (await _root.JsonAsync(Nodes)).GetProperty("nodes");

        Assert.Equal(
            """{"name":"0-control","since":"1970-01-01T00:00:00+00:00","draining":true,"services":[{"name":"control","slots":[0,2],"robots":3,"viewers":12}]}""",
            nodes[0].GetRawText());
        Assert.Equal(_host.Get<ThisNode>().Name, nodes[1].GetProperty("name").GetString());
        Assert.Equal("api", Assert.Single(nodes[1].GetProperty("services").EnumerateArray()).GetProperty("name").GetString());
        Assert.False(nodes[1].GetProperty("draining").GetBoolean());
    }

    [Fact]
    public async Task Robots_are_found_by_name_handle_and_owner_those_in_no_list_too()
    {
        var robot = await _host.Robots.AddAsync("Lonely Planet", _malloryName, Platform.Robots.Visibility.Private);
        foreach (var sought in new[] { "ely pla", robot.Handle, _malloryName })
        {
            var found = Assert.Single((await _root.JsonAsync($"{Robots}?query={Uri.EscapeDataString(sought)}")).GetProperty("robots").EnumerateArray());

            Assert.Equal((robot.Handle, "private"), (found.GetProperty("handle").GetString(), found.GetProperty("visibility").GetString()));
            Assert.DoesNotContain(robot.RobotId, found.GetRawText(), StringComparison.Ordinal);
        }
    }

    /// <summary>Both have a meaning in the store's language.</summary>
    [Theory]
    [InlineData("%25")]
    [InlineData("___")]
    [InlineData("%5C")]
    [InlineData("'")]
    public async Task A_sign_is_looked_for_as_it_stands(string query) =>
        Assert.Empty((await _root.JsonAsync($"{Accounts}?query={query}")).GetProperty("accounts").EnumerateArray());

    [Fact]
    public async Task A_deleted_account_is_gone_with_its_robots_and_its_name_is_not_given_again()
    {
        var robot = await _host.Robots.AddAsync("Rover", _malloryName);

        using var deleted = await _root.SendAsync(HttpMethod.Delete, $"{Accounts}/{_malloryName}");

        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await _mallory.StatusAsync("/api/v1/account"));
        Assert.Equal(HttpStatusCode.NotFound, await _root.StatusAsync($"/api/v1/robots/{robot.Handle}"));
        using var again = await _mallory.PostAsync("/api/v1/register", new { username = _malloryName, password = Password });
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        using var twice = await _root.SendAsync(HttpMethod.Delete, $"{Accounts}/{_malloryName}");
        Assert.Equal(HttpStatusCode.NotFound, twice.StatusCode);
    }

    [Fact]
    public async Task A_new_password_ends_all_sign_ins_and_opens_the_account()
    {
        using var answer = await _root.PostAsync($"{Accounts}/{_malloryName}/password", new { });
        var password = (await JsonOf(answer)).GetProperty("password").GetString();

        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.Equal(HttpStatusCode.Unauthorized, await _mallory.StatusAsync("/api/v1/account"));
        using var old = await _mallory.PostAsync("/api/v1/authenticate", new { username = _malloryName, password = Password });
        using var fresh = await _mallory.PostAsync("/api/v1/authenticate", new { username = _malloryName, password });
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (old.StatusCode, fresh.StatusCode));
    }

    [Fact]
    public async Task Whoever_is_made_an_administrator_is_one_at_once_and_no_longer_when_that_is_taken()
    {
        Assert.Equal(HttpStatusCode.NoContent, await SetAsync(_malloryName, isAdministrator: true));
        Assert.Equal(HttpStatusCode.OK, await _mallory.StatusAsync(Accounts));

        Assert.Equal(HttpStatusCode.NoContent, await SetAsync(_malloryName, isAdministrator: false));
        Assert.Equal(HttpStatusCode.Forbidden, await _mallory.StatusAsync(Accounts));
    }

    [Fact]
    public async Task An_administrator_is_neither_deleted_nor_given_a_password()
    {
        using var other = new Browser(_host) { Cookie = await _host.SignInAsync(ApiFixture.NewName("root"), isAdministrator: true) };

        using var deleted = await other.SendAsync(HttpMethod.Delete, $"{Accounts}/{_rootName}");
        using var reset = await other.PostAsync($"{Accounts}/{_rootName}/password", new { });

        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.Conflict), (deleted.StatusCode, reset.StatusCode));
        Assert.Equal(HttpStatusCode.OK, await _root.StatusAsync("/api/v1/account"));
    }

    [Fact]
    public async Task The_last_administrator_stays_one()
    {
        await using var host = await ServiceHost.StartAsync(builder => builder.AddApi(), endpoints => endpoints.MapApi());
        using var root = new Browser(host) { Cookie = await host.SignInAsync("root1", isAdministrator: true) };

        using var answer = await root.SendAsync(HttpMethod.Put, $"{Accounts}/root1/administrator", JsonContent.Create(new { administrator = false }));

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Equal(HttpStatusCode.OK, await root.StatusAsync(Accounts));
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"administrator":"yes"}""")]
    [InlineData("""{""")]
    public async Task What_says_nothing_about_administrators_is_refused(string body)
    {
        using var answer = await _root.SendAsync(HttpMethod.Put, $"{Accounts}/{_malloryName}/administrator", new StringContent(body, null, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private static async Task<JsonElement> JsonOf(HttpResponseMessage answer) => JsonElement.Parse(await answer.Content.ReadAsStringAsync());

    private async Task<JsonElement> FindAsync(string name) =>
        Assert.Single((await _root.JsonAsync($"{Accounts}?query={name}")).GetProperty("accounts").EnumerateArray());

    private async Task<HttpStatusCode> SetAsync(string name, bool isAdministrator)
    {
        using var answer = await _root.SendAsync(HttpMethod.Put, $"{Accounts}/{name}/administrator", JsonContent.Create(new { administrator = isAdministrator }));
        return answer.StatusCode;
    }
}
