using System.Net;
using System.Text.Json;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.Api.Tests;

/// <summary>What a robot says of itself, what its owner leaves for it to fetch, and its reverse SSH button.</summary>
public sealed class RobotReportsTests(ApiFixture api) : IClassFixture<ApiFixture>, IAsyncLifetime
{
    private const string Password = "correct horse";

    private readonly ServiceHost _host = api.Host;
    private Browser _alice = null!;
    private Browser _mallory = null!;
    private Robot _robot = null!;

    private string Path => $"/api/v1/robots/{_robot.Handle}";

    public async ValueTask InitializeAsync()
    {
        var name = ApiFixture.NewName("alice");
        (_alice, _mallory) = (new Browser(_host), new Browser(_host));
        await _alice.SignUpAsync(name, Password);
        await _mallory.SignUpAsync(ApiFixture.NewName("mallory"), Password);
        _robot = await _host.Robots.AddAsync("Rover", name);
    }

    public ValueTask DisposeAsync()
    {
        _alice.Dispose();
        _mallory.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Everybody_sees_whether_it_charges_and_the_owner_alone_its_addresses()
    {
        await _host.Get<ChargeStates>().SetAsync(_robot.Handle, isCharging: true);
        await _host.Presence.AddressesAsync(_robot.Handle, ["192.0.2.7"]);

        var (own, others) = (await _alice.JsonAsync(Path), await _mallory.JsonAsync(Path));
        var byRobotId = await _mallory.JsonAsync($"/api/v1/robots/{_robot.RobotId}");

        Assert.All([own, others, byRobotId], robot => Assert.True(robot.GetProperty("charging").GetBoolean()));
        Assert.Equal("192.0.2.7", own.GetProperty("connections").GetProperty("addresses").GetProperty("addresses")[0].GetString());
        Assert.All([others, byRobotId], robot => Assert.DoesNotContain("192.0.2.7", robot.GetRawText(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_robot_fetches_the_Wi_Fi_login_that_its_owner_has_left_and_the_same_each_time()
    {
        using var set = await _alice.SendAsync(HttpMethod.Put, $"{Path}/wifi_login", Json("""{"wifi_name":"Home","wifi_password":"correct horse","hours":48}"""));
        var left = await JsonAsync(set);
        var secret = left.GetProperty("secret").GetString();
        using var robot = new Browser(_host);

        using var fetched = await robot.SendAsync(HttpMethod.Get, $"/get_wifi_login/{secret}");
        using var again = await robot.SendAsync(HttpMethod.Get, $"/get_wifi_login/{secret}");

        Assert.Equal("""{"wifi_name":"Home","wifi_password":"correct horse"}""", await fetched.Content.ReadAsStringAsync());
        Assert.Equal(await fetched.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());
        Assert.All([set, fetched], answer => Assert.True(answer.Headers.CacheControl?.NoStore));
        Assert.Equal("Home", (await _alice.JsonAsync($"{Path}/wifi_login")).GetProperty("wifi_name").GetString());
        Assert.DoesNotContain("correct horse", (await _alice.JsonAsync($"{Path}/wifi_login")).GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(_host.Log.Lines, line => line.Contains(secret!, StringComparison.Ordinal));

        using var withdrawn = await _alice.SendAsync(HttpMethod.Delete, $"{Path}/wifi_login");
        Assert.Equal(HttpStatusCode.NoContent, withdrawn.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, await robot.StatusAsync($"/get_wifi_login/{secret}"));
    }

    [Fact]
    public async Task Another_secret_ends_the_old_one()
    {
        using var unset = await _alice.PostAsync($"{Path}/wifi_login/secret", new { });
        Assert.Equal(HttpStatusCode.NotFound, unset.StatusCode);
        using var set = await _alice.SendAsync(HttpMethod.Put, $"{Path}/wifi_login", Json("""{"wifi_name":"Home","wifi_password":"correct horse"}"""));
        var old = (await JsonAsync(set)).GetProperty("secret").GetString();

        using var answer = await _alice.PostAsync($"{Path}/wifi_login/secret", new { });
        var secret = (await JsonAsync(answer)).GetProperty("secret").GetString();

        Assert.Equal(HttpStatusCode.NotFound, await _mallory.StatusAsync($"/get_wifi_login/{old}"));
        Assert.Equal(HttpStatusCode.OK, await _mallory.StatusAsync($"/get_wifi_login/{secret}"));
    }

    [Theory]
    [InlineData("""{"wifi_name":"","wifi_password":"correct horse"}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"wifi_name":"Home","wifi_password":"correct horse","hours":721}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"wifi_name":"Home","wifi_password":"correct horse","hours":-1}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"wifi_name":"Home","wifi_password":"correct horse","hours":1e300}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"wifi_name":"Home"}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"wifi_name":"Home","wifi_password":null}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"wifi_name":"Home","wifi_password":"correct horse","hours":720}""", HttpStatusCode.OK)]
    public async Task A_login_that_breaks_a_rule_is_refused(string body, HttpStatusCode expected)
    {
        using var answer = await _alice.SendAsync(HttpMethod.Put, $"{Path}/wifi_login", Json(body));

        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task A_login_has_at_most_4_KiB()
    {
        using var answer = await _alice.SendAsync(
            HttpMethod.Put, $"{Path}/wifi_login", Json($$"""{"wifi_name":"Home","wifi_password":"correct horse","x":"{{new string('x', 4_096)}}"}"""));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task The_owner_opens_reverse_SSH_of_a_robot_that_accepts_it_and_of_no_other()
    {
        var told = new List<ReverseSshSwitched>();
        using var subscription = _host.Get<IBus>().Subscribe<ReverseSshSwitched>(switched =>
        {
            if (switched.Handle == _robot.Handle)
            {
                told.Add(switched);
            }
        });
        using var early = await _alice.PostAsync($"{Path}/reverse_ssh", new { on = true });
        Assert.Equal(HttpStatusCode.Conflict, early.StatusCode);
        await _host.Presence.ReverseSshAcceptedAsync(_robot.Handle);
        await _host.Presence.ReverseSshSaidAsync(_robot.Handle, "starting");

        using var opened = await _alice.PostAsync($"{Path}/reverse_ssh", new { on = true });

        Assert.Equal(HttpStatusCode.NoContent, opened.StatusCode);
        Assert.Equal([new ReverseSshSwitched(_robot.Handle, IsOn: true)], told);
        var shown = (await _alice.JsonAsync(Path)).GetProperty("connections").GetProperty("reverse_ssh");
        Assert.True(shown.GetProperty("accepted").GetBoolean());
        Assert.Equal("starting", shown.GetProperty("info").GetProperty("text").GetString());
    }

    [Theory]
    [InlineData("GET", "/wifi_login", null)]
    [InlineData("PUT", "/wifi_login", """{"wifi_name":"Home","wifi_password":"correct horse"}""")]
    [InlineData("DELETE", "/wifi_login", null)]
    [InlineData("POST", "/wifi_login/secret", "{}")]
    [InlineData("POST", "/reverse_ssh", """{"on":true}""")]
    public async Task Only_its_owner_who_has_signed_in_leaves_logins_and_opens_reverse_SSH(string method, string path, string? body)
    {
        await _host.Presence.ReverseSshAcceptedAsync(_robot.Handle);
        using var nobody = new Browser(_host);
        using var made = await _alice.PostAsync("/api/v1/account/keys", new { name = "scripts" });
        using var program = _alice.WithKey((await JsonAsync(made)).GetProperty("key").GetString()!);

        Assert.Equal(
            (HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden),
            (await StatusAsync(nobody), await StatusAsync(program), await StatusAsync(_mallory)));
        await _host.Robots.SetVisibilityAsync(_robot.Handle, Visibility.Private);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(_mallory));

        async Task<HttpStatusCode> StatusAsync(Browser browser)
        {
            using var answer = await browser.SendAsync(new HttpMethod(method), Path + path, body is null ? null : Json(body));
            return answer.StatusCode;
        }
    }

    private static StringContent Json(string json) => new(json, System.Text.Encoding.UTF8, "application/json");

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{answer.StatusCode} {body}");
        return JsonElement.Parse(body);
    }
}
