using System.Net;
using System.Text.Json;

using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.Api.Tests;

/// <summary>Pairing codes, robot tokens, and where a bare robot-id is not enough.</summary>
public sealed class RobotTokenTests : IAsyncLifetime
{
    private ServiceHost _host = null!;
    private Browser _alice = null!;
    private Browser _mallory = null!;
    private Robot _robot = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await ServiceHost.StartAsync(builder => builder.AddApi(), endpoints => endpoints.MapApi());
        (_alice, _mallory) = (new Browser(_host), new Browser(_host));
        await _alice.SignUpAsync("alice", "correct horse");
        await _mallory.SignUpAsync("mallory", "correct horse");
        _robot = await _host.Robots.AddAsync("Rover", "alice");
    }

    public async ValueTask DisposeAsync()
    {
        _alice.Dispose();
        _mallory.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task A_client_exchanges_the_owners_code_for_all_that_it_needs_once()
    {
        using var made = await _alice.PostAsync("/api/v1/robots/rover/pairing-codes", new { });
        var code = (await JsonAsync(made)).GetProperty("code").GetString();
        using var client = new Browser(_host);

        using var answer = await client.PostAsync("/api/v1/pair", new { code });
        using var again = await client.PostAsync("/api/v1/pair", new { code });

        var paired = await JsonAsync(answer);
        Assert.Equal((_robot.RobotId, "rover", "Rover"), (Text(paired, "robot_id"), Text(paired, "handle"), Text(paired, "robot_name")));
        Assert.Equal(await _host.Robots.StreamKeyAsync(_robot.Cameras[0].CameraId), Text(paired.GetProperty("cameras")[0], "stream_key"));
        Assert.True(await _host.Robots.IsRobotTokenAsync("rover", Text(paired, "robot_token")));
        Assert.All([made, answer], response => Assert.True(response.Headers.CacheControl?.NoStore));
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    [Fact]
    public async Task Wrong_codes_are_answered_alike_and_the_sixth_not_at_all()
    {
        var used = (await _host.Get<PairingCodes>().IssueAsync("rover"))!.Code;
        using var client = new Browser(_host);
        using var right = await client.PostAsync("/api/v1/pair", new { code = used });
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);

        var said = new List<string>();
        foreach (var code in new[] { used, "AAAAAA", "", "AAAAAAA", "\0" })
        {
            using var wrong = await client.PostAsync("/api/v1/pair", new { code });
            Assert.Equal(HttpStatusCode.NotFound, wrong.StatusCode);
            said.Add(Text(await JsonAsync(wrong), "detail"));
        }

        using var sixth = await client.PostFormAsync("/api/v1/pair", ("code", (await _host.Get<PairingCodes>().IssueAsync("rover"))!.Code));
        Assert.Single(said.Distinct());
        Assert.Equal(HttpStatusCode.TooManyRequests, sixth.StatusCode);
        Assert.InRange(sixth.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 120);
    }

    [Theory]
    [InlineData("{}", HttpStatusCode.BadRequest)]
    [InlineData("{\"code\":7}", HttpStatusCode.BadRequest)]
    [InlineData("[", HttpStatusCode.BadRequest)]
    public async Task A_body_without_a_code_is_refused(string body, HttpStatusCode status)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using var answer = await _mallory.SendAsync(HttpMethod.Post, "/api/v1/pair", content);

        Assert.Equal(status, answer.StatusCode);
    }

    [Theory]
    [InlineData("/api/v1/robots/rover/pairing-codes")]
    [InlineData("/api/v1/robots/rover/credentials/robot-token")]
    public async Task Only_its_owner_who_has_signed_in_pairs_a_robot(string path)
    {
        using var stranger = new Browser(_host);
        using var key = await _alice.PostAsync("/api/v1/account/keys", new { name = "scripts" });
        using var program = _alice.WithKey(Text(await JsonAsync(key), "key"));
        using var robot = new Browser(_host) { Headers = { ["Authorization"] = $"Robot {await _host.Robots.ReplaceRobotTokenAsync("rover")}" } };

        var statuses = new List<HttpStatusCode>();
        foreach (var who in new[] { stranger, robot, program, _mallory, _alice })
        {
            using var answer = await who.PostAsync(path, new { });
            statuses.Add(answer.StatusCode);
        }

        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.OK], statuses);
    }

    [Theory]
    [InlineData("/api/v1/robots/")]
    [InlineData("/get_control_host_port/")]
    [InlineData("/get_chat_host_port/")]
    [InlineData("/get_robot_owner/")]
    public async Task Where_the_bare_robot_id_is_off_every_path_wants_the_robot_token(string path)
    {
        using var answer = await _alice.PostAsync("/api/v1/robots/rover/credentials/robot-token", new { });
        var token = Text(await JsonAsync(answer), "robot_token");
        using var off = await _alice.PostAsync("/api/v1/robots/rover", new { bare_robot_id = "off" });

        foreach (var (authorization, code) in new[]
                 {
                     (null, "robot_token_wanted"),
                     ("Robot ", "wrong_robot_token"),
                     ($"Robot {token}x", "wrong_robot_token"),
                     ($"Bearer {token}", "robot_token_wanted"),
                     ($"Robots {token}", "robot_token_wanted"),
                 })
        {
            using var refused = await AskAsync(authorization);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
            Assert.Equal(code, Text(await JsonAsync(refused), "code"));
            Assert.DoesNotContain(_robot.RobotId, await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        // The scheme's name is case-insensitive (RFC 9110, section 11.1).
        using var taken = await AskAsync($"robot {token}");
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);

        async Task<HttpResponseMessage> AskAsync(string? authorization)
        {
            using var robot = new Browser(_host);
            if (authorization is not null)
            {
                robot.Headers["Authorization"] = authorization;
            }

            return await robot.SendAsync(HttpMethod.Get, path + _robot.RobotId);
        }
    }

    [Fact]
    public async Task The_owner_alone_sees_the_rule_and_who_was_refused()
    {
        using var changed = await _alice.PostAsync("/api/v1/robots/rover", new { bare_robot_id = "networks", bare_robot_id_networks = new[] { "10.0.0.0/8" } });
        using var stranger = new Browser(_host, IPAddress.Loopback);
        Assert.Equal(HttpStatusCode.Forbidden, await stranger.StatusAsync($"/api/v1/robots/{_robot.RobotId}"));

        var seen = await _alice.JsonAsync("/api/v1/robots/rover");

        Assert.Equal("networks", Text(seen, "bare_robot_id"));
        Assert.Equal("10.0.0.0/8", seen.GetProperty("bare_robot_id_networks")[0].GetString());
        var refused = seen.GetProperty("connections").GetProperty("refused");
        Assert.Equal(("other_network", true), (Text(refused, "code"), Text(refused, "address").EndsWith("127.0.0.1", StringComparison.Ordinal)));
        foreach (var others in new[] { await stranger.JsonAsync("/api/v1/robots/rover"), await _mallory.JsonAsync("/api/v1/robots/rover") })
        {
            Assert.DoesNotContain("bare_robot_id", others.EnumerateObject().Select(field => field.Name));
            Assert.DoesNotContain("connections", others.EnumerateObject().Select(field => field.Name));
        }
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsStringAsync());
}
