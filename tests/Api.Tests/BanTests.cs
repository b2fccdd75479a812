using System.Net;
using System.Text.Json;

using Dapper;

using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Storage;
using LiveRobot.Testing;

namespace LiveRobot.Api.Tests;

/// <summary>Who bans whom over HTTP, and what is left to the banned. The robot is Alice's.</summary>
public sealed class BanTests(ApiFixture api) : IClassFixture<ApiFixture>, IAsyncLifetime
{
    private const string Password = "correct horse";
    private const string OfOwner = "/api/v1/account/bans";
    private const string OfSite = "/api/v1/bans";

    private readonly ServiceHost _host = api.Host;
    private readonly string _aliceName = ApiFixture.NewName("alice");
    private readonly string _malloryName = ApiFixture.NewName("mallory");
    private readonly string _rootName = ApiFixture.NewName("root");
    private Browser _alice = null!;
    private Browser _mallory = null!;
    private Browser _root = null!;
    private Robot _robot = null!;

    private string Path => $"/api/v1/robots/{_robot.Handle}";

    private string OfRobot => $"{Path}/bans";

    public async ValueTask InitializeAsync()
    {
        _alice = new Browser(_host) { Cookie = await _host.SignInAsync(_aliceName) };
        _mallory = new Browser(_host);
        await _mallory.SignUpAsync(_malloryName, Password);
        _root = new Browser(_host) { Cookie = await _host.SignInAsync(_rootName, isAdministrator: true) };
        _robot = await _host.Robots.AddAsync("Rover", _aliceName);
    }

    public ValueTask DisposeAsync()
    {
        _alice.Dispose();
        _mallory.Dispose();
        _root.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("robot")]
    [InlineData("owner")]
    [InlineData("site")]
    public async Task A_ban_is_made_listed_and_lifted(string scope)
    {
        var who = scope == "site" ? _root : _alice;
        var path = scope switch { "robot" => OfRobot, "owner" => OfOwner, _ => OfSite };
        using var made = await who.PostAsync(path, new { account = _malloryName.ToUpperInvariant(), reason = "spam", seconds = 3600 });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);

        // Other tests ban from this site, too.
        var ban = Assert.Single((await who.JsonAsync(path)).GetProperty("bans").EnumerateArray(), ban => ban.GetProperty("name").GetString() == _malloryName);
        Assert.Equal((true, "spam"), (ban.GetProperty("account").GetBoolean(), ban.GetProperty("reason").GetString()));
        Assert.Equal(scope == "site" ? _rootName : _aliceName, ban.GetProperty("made_by").GetString());
        Assert.Equal(ban.GetProperty("made_at").GetDateTimeOffset().AddHours(1), ban.GetProperty("until").GetDateTimeOffset());
        Assert.Equal(HttpStatusCode.Forbidden, await _mallory.StatusAsync(Path));

        using var lifted = await who.SendAsync(HttpMethod.Delete, $"{path}/{ban.GetProperty("id")}");
        Assert.Equal(HttpStatusCode.NoContent, lifted.StatusCode);
        Assert.Equal(HttpStatusCode.OK, await _mallory.StatusAsync(Path));
        using var again = await who.SendAsync(HttpMethod.Delete, $"{path}/{ban.GetProperty("id")}");
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    /// <summary>By the handle: the robot, its rules and its picture. With the reason, in words that existing viewers show too.</summary>
    [Theory]
    [InlineData("/api/v1/robots/ROBOT")]
    [InlineData("/api/v1/robots/ROBOT/control")]
    [InlineData("/snapshot/ROBOT.jpg")]
    [InlineData("/get_robot_owner/ROBOT")]
    public async Task Who_is_banned_is_told_so_on_every_path_to_the_robot(string path)
    {
        using var made = await _alice.PostAsync(OfRobot, new { account = _malloryName, reason = "spam" });

        using var answer = await _mallory.SendAsync(HttpMethod.Get, path.Replace("ROBOT", _robot.Handle, StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        var problem = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal("banned", problem.GetProperty("code").GetString());
        Assert.Equal("You are banned from this robot: spam", problem.GetProperty("error").GetString());
    }

    [Fact]
    public async Task A_banned_stopper_stops_no_more()
    {
        using var named = await _alice.PostAsync($"{Path}/control", new { stoppers = new[] { _malloryName } });
        using var made = await _alice.PostAsync(OfRobot, new { account = _malloryName });

        using var answer = await _mallory.PostAsync($"{Path}/stop", new { });

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task Nobody_but_the_owner_and_administrators_reads_makes_and_lifts_bans()
    {
        using var program = _alice.WithKey(await KeyAsync(_alice));
        using var stranger = new Browser(_host);
        using var made = await _alice.PostAsync(OfRobot, new { address = "192.0.2.1" });
        var id = JsonElement.Parse(await made.Content.ReadAsStringAsync()).GetProperty("id");
        foreach (var (browser, path, status) in new[]
                 {
                     (_mallory, OfRobot, HttpStatusCode.Forbidden),
                     (_mallory, OfSite, HttpStatusCode.Forbidden),
                     (_alice, OfSite, HttpStatusCode.Forbidden),
                     (program, OfRobot, HttpStatusCode.Forbidden),
                     (stranger, OfRobot, HttpStatusCode.Unauthorized),
                     (stranger, OfOwner, HttpStatusCode.Unauthorized),
                     (stranger, OfSite, HttpStatusCode.Unauthorized),
                 })
        {
            using var post = await browser.PostAsync(path, new { account = _aliceName });
            using var delete = await browser.SendAsync(HttpMethod.Delete, $"{path}/{id}");
            Assert.Equal((status, status, status), (post.StatusCode, delete.StatusCode, await browser.StatusAsync(path)));
        }

        // One's own list is one's own, and reaches nobody else's robots.
        using var own = await _mallory.PostAsync(OfOwner, new { account = _aliceName });
        Assert.Equal(HttpStatusCode.Created, own.StatusCode);
        Assert.Equal(HttpStatusCode.OK, await _alice.StatusAsync(Path));
        Assert.Empty((await _alice.JsonAsync(OfOwner)).GetProperty("bans").EnumerateArray());
        Assert.Single((await _root.JsonAsync(OfRobot)).GetProperty("bans").EnumerateArray());
    }

    [Theory]
    [InlineData("""{}""", "One of account")]
    [InlineData("""{"account":"MALLORY","address":"192.0.2.1"}""", "One of account")]
    [InlineData("""{"account":"nobody1"}""", "account:")]
    [InlineData("""{"account":"ALICE"}""", "of their own")]
    [InlineData("""{"account":"ROOT"}""", "administrator")]
    [InlineData("""{"address":"somewhere"}""", "address:")]
    [InlineData("""{"message_id":"0123456789abcdef01234567"}""", "message_id:")]
    [InlineData("""{"account":"MALLORY","seconds":0}""", "seconds:")]
    [InlineData("""{"account":"MALLORY","seconds":1e300}""", "seconds:")]
    [InlineData("""{"account":"MALLORY","seconds":-1e300}""", "seconds:")]
    [InlineData("""[]""", "")]
    [InlineData("""{""", "")]
    public async Task What_is_no_ban_is_refused_and_bans_nobody(string body, string problem)
    {
        var json = body.Replace("MALLORY", _malloryName, StringComparison.Ordinal)
            .Replace("ALICE", _aliceName, StringComparison.Ordinal)
            .Replace("ROOT", _rootName, StringComparison.Ordinal);

        using var answer = await _alice.SendAsync(HttpMethod.Post, OfRobot, new StringContent(json, null, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains(problem, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty((await _alice.JsonAsync(OfRobot)).GetProperty("bans").EnumerateArray());
    }

    [Fact]
    public async Task An_account_that_is_banned_from_the_site_is_nobody_with_its_session_its_keys_and_its_password()
    {
        using var program = _mallory.WithKey(await KeyAsync(_mallory));
        using var made = await _root.PostAsync(OfSite, new { account = _malloryName, reason = "spam" });

        foreach (var browser in new[] { _mallory, program })
        {
            Assert.Equal(HttpStatusCode.Forbidden, await browser.StatusAsync("/api/v1/account/robots"));
            Assert.Equal(HttpStatusCode.Forbidden, await browser.StatusAsync(Path));
        }

        using var robot = await _mallory.PostAsync("/api/v1/robots", new { name = "Mine" });
        Assert.Equal(HttpStatusCode.Forbidden, robot.StatusCode);
        using var elsewhere = new Browser(_host);
        using var signIn = await elsewhere.PostAsync("/api/v1/authenticate", new { username = _malloryName, password = Password });
        Assert.Equal(HttpStatusCode.Forbidden, signIn.StatusCode);
        Assert.Contains("You are banned from this site: spam", await signIn.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Null(elsewhere.Cookie);
        using var wrong = await elsewhere.PostAsync("/api/v1/authenticate", new { username = _malloryName, password = "wrong horse" });
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        using var signOut = await _mallory.PostAsync("/api/v1/logout", new { });
        Assert.Equal(HttpStatusCode.NoContent, signOut.StatusCode);
    }

    [Fact]
    public async Task Nobody_signs_up_from_an_address_that_is_banned_from_the_site()
    {
        var address = LoopbackAddresses.Take();
        using var made = await _root.PostAsync(OfSite, new { address = $"{address}" });
        using var troll = new Browser(_host, address);

        using var answer = await troll.PostAsync("/api/v1/register", new { username = ApiFixture.NewName("newcomer"), password = Password });

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, await troll.StatusAsync(Path));
    }

    [Fact]
    public async Task Who_is_banned_reads_no_chat_over_HTTP_of_the_robot_or_of_the_site()
    {
        await SayAsync("heard by all");
        Assert.Contains("heard by all", await StartAsync(), StringComparison.Ordinal);

        using var fromRobot = await _alice.PostAsync(OfRobot, new { account = _malloryName });
        Assert.DoesNotContain("heard by all", await StartAsync(), StringComparison.Ordinal);

        using var fromSite = await _root.PostAsync(OfSite, new { account = _malloryName });
        Assert.Equal(HttpStatusCode.Forbidden, await _mallory.StatusAsync("/internal"));

        async Task<string> StartAsync() => (await _mallory.JsonAsync("/internal")).GetProperty("chat_messages").GetRawText();
    }

    [Fact]
    public async Task One_more_ban_than_may_be_is_refused()
    {
        await using var small = await ServiceHost.StartAsync(
            builder => builder.AddApi(), endpoints => endpoints.MapApi(), new Dictionary<string, string?> { ["Bans:MaxBans"] = "1" });
        using var root = new Browser(small) { Cookie = await small.SignInAsync("root1", isAdministrator: true) };

        using var first = await root.PostAsync(OfSite, new { address = "192.0.2.1" });
        using var second = await root.PostAsync(OfSite, new { address = "192.0.2.2" });

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Conflict), (first.StatusCode, second.StatusCode));
        Assert.Single(await small.Get<BanDirectory>().ListAsync(BanScope.Site));
    }

    /// <summary>As the chat service writes it.</summary>
    private async Task SayAsync(string text)
    {
        await using var connection = await _host.Get<Database>().OpenAsync();
        await connection.ExecuteAsync(
            "INSERT INTO chat_messages (message_id, handle, name, text, color, anonymous, sent_at) VALUES (@id, @Handle, 'bob', @text, '#ffffff', 0, 0)",
            new { id = Guid.NewGuid().ToString("N")[..24], _robot.Handle, text });
    }

    private static async Task<string> KeyAsync(Browser browser)
    {
        using var answer = await browser.PostAsync("/api/v1/account/keys", new { name = "program" });
        return JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("key").GetString()!;
    }
}
