using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Control;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.Api.Tests;

/// <summary>What owners lay down about the control of their robots, and what others try. The robot is Alice's.</summary>
public sealed class ControlTests : IAsyncLifetime
{
    private const string Password = "correct horse";
    private const string Path = "/api/v1/robots/rover/control";

    private ServiceHost _host = null!;
    private Browser _alice = null!;
    private Browser _mallory = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await ServiceHost.StartAsync(builder => builder.AddApi(), endpoints => endpoints.MapApi());
        (_alice, _mallory) = (new Browser(_host), new Browser(_host));
        await _alice.SignUpAsync("alice", Password);
        await _mallory.SignUpAsync("mallory", Password);
        await _host.Robots.AddAsync("Rover", "alice");
    }

    public async ValueTask DisposeAsync()
    {
        _alice.Dispose();
        _mallory.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task The_owner_changes_rules_one_by_one_and_all_read_them()
    {
        using var mode = await _alice.PostAsync(Path, new { mode = "queue", turn_seconds = 30 });
        using var rest = await _alice.PostAsync(Path, new { vote_seconds = 2.5, registered_first = true, video_bound = true, stoppers = new[] { "mallory" }, log_days = 0 });
        Assert.Equal(HttpStatusCode.OK, rest.StatusCode);

        using var stranger = new Browser(_host);
        var seen = await stranger.JsonAsync(Path);
        Assert.Equal("queue", seen.GetProperty("mode").GetString());
        Assert.Equal(30, seen.GetProperty("turn_seconds").GetInt32());
        Assert.Equal(2.5, seen.GetProperty("vote_seconds").GetDouble());
        Assert.True(seen.GetProperty("registered_first").GetBoolean());
        Assert.True(seen.GetProperty("video_bound").GetBoolean());
        Assert.False(seen.TryGetProperty("stoppers", out _));
        var own = await _alice.JsonAsync(Path);
        Assert.Equal("mallory", Assert.Single(own.GetProperty("stoppers").EnumerateArray()).GetString());
        Assert.Equal(0, own.GetProperty("log_days").GetInt32());
        Assert.False(seen.GetProperty("may_stop").GetBoolean());
        Assert.True(own.GetProperty("may_stop").GetBoolean());
        Assert.True((await _mallory.JsonAsync(Path)).GetProperty("may_stop").GetBoolean());
    }

    [Fact]
    public async Task Whoever_may_watch_reads_how_quickly_the_robot_and_its_viewers_answer()
    {
        using var stranger = new Browser(_host);
        Assert.Equal(
            """{"robot_ms":null,"viewers":0,"viewers_median_ms":null,"viewers_slowest_ms":null}""",
            (await stranger.JsonAsync("/api/v1/robots/rover/latency")).GetRawText());

        await _host.Presence.LatencyAsync(
            "rover",
            RobotLatency.Of(TimeSpan.FromMilliseconds(12.34), [TimeSpan.FromMilliseconds(90), null, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(30)]),
            timeToLive: TimeSpan.FromMinutes(10));

        Assert.Equal(
            """{"robot_ms":12.3,"viewers":3,"viewers_median_ms":30,"viewers_slowest_ms":90}""",
            (await stranger.JsonAsync("/api/v1/robots/rover/latency")).GetRawText());
        await _host.Robots.ChangeAsync("rover", robot => robot with { Visibility = Visibility.Private });
        using var hidden = await stranger.SendAsync(HttpMethod.Get, "/api/v1/robots/rover/latency");
        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
    }

    [Theory]
    [InlineData("""{"mode":"anarchy"}""", "mode:")]
    [InlineData("""{"mode":2}""", "mode:")]
    [InlineData("""{"turn_seconds":4}""", "turn_seconds:")]
    [InlineData("""{"turn_seconds":3601}""", "turn_seconds:")]
    [InlineData("""{"vote_seconds":0.2}""", "vote_seconds:")]
    [InlineData("""{"vote_seconds":10.1}""", "vote_seconds:")]
    [InlineData("""{"log_days":366}""", "log_days:")]
    [InlineData("""{"log_days":-1}""", "log_days:")]
    [InlineData("""{"registered_first":"yes"}""", "registered_first:")]
    [InlineData("""{"stoppers":["nobody"]}""", "stoppers:")]
    [InlineData("""{"stoppers":[1]}""", "stoppers[0]:")]
    [InlineData("""[]""", "JSON object")]
    [InlineData("""{""", "well-formed")]
    public async Task What_is_no_rule_is_refused_and_changes_nothing(string body, string problem)
    {
        using var answer = await _alice.SendAsync(HttpMethod.Post, Path, new StringContent(body, null, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(problem, (await JsonAsync(answer)).GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, (await Rules()).Version);
    }

    [Theory]
    [InlineData("""{"turn_seconds":5}""")]
    [InlineData("""{"turn_seconds":3600}""")]
    [InlineData("""{"vote_seconds":0.3}""")]
    [InlineData("""{"vote_seconds":10}""")]
    [InlineData("""{"log_days":365}""")]
    public async Task What_just_is_one_is_taken(string body)
    {
        using var answer = await _alice.SendAsync(HttpMethod.Post, Path, new StringContent(body, null, "application/json"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData(ControlRules.MaxStoppers, "stoppers: there is no account of one of these names.")]
    [InlineData(ControlRules.MaxStoppers + 1, "stoppers: an array of at most 100 names is expected.")]
    public async Task As_many_may_be_named_to_stop_the_robot_as_the_limit_says(int count, string problem)
    {
        using var answer = await _alice.PostAsync(Path, new { stoppers = Enumerable.Range(0, count).Select(number => $"stopper{number}") });

        Assert.Equal(problem, (await JsonAsync(answer)).GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Others_than_the_owner_change_nothing()
    {
        foreach (var path in new[] { "control", "exclusive_control", "stop", "reopen", "video" })
        {
            using var answer = await _mallory.PostAsync($"/api/v1/robots/rover/{path}", new { mode = "owner", on = false });
            Assert.True(answer.StatusCode == HttpStatusCode.Forbidden, $"{path}: {answer.StatusCode}");
            using var stranger = new Browser(_host);
            using var unknown = await stranger.PostAsync($"/api/v1/robots/rover/{path}", new { mode = "owner", on = false });
            Assert.True(unknown.StatusCode == HttpStatusCode.Unauthorized, $"{path}: {unknown.StatusCode}");
        }

        using var delete = await _mallory.SendAsync(HttpMethod.Delete, "/api/v1/robots/rover/exclusive_control");
        Assert.Equal(HttpStatusCode.Forbidden, delete.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, await _mallory.StatusAsync("/api/v1/robots/rover/commands"));
        Assert.Equal(0, (await Rules()).Version);
    }

    [Fact]
    public async Task Exclusive_control_is_granted_for_a_time_and_ended_by_the_owner_or_whoever_has_it()
    {
        using var granted = await _alice.PostAsync("/api/v1/robots/rover/exclusive_control", new { username = "mallory", seconds = 60 });
        Assert.Equal(HttpStatusCode.NoContent, granted.StatusCode);
        Assert.NotNull((await Rules()).Exclusive?.Until);
        using var given = await _mallory.SendAsync(HttpMethod.Delete, "/api/v1/robots/rover/exclusive_control");
        Assert.Null((await Rules()).Exclusive);

        using var taken = await _alice.PostAsync("/api/v1/robots/rover/exclusive_control", new { });
        Assert.Equal(new ExclusiveControl("alice", null), (await Rules()).Exclusive);
        using var unknown = await _alice.PostAsync("/api/v1/robots/rover/exclusive_control", new { username = "nobody" });
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        using var tooLong = await _alice.PostAsync("/api/v1/robots/rover/exclusive_control", new { seconds = 86_401 });
        Assert.Equal(HttpStatusCode.BadRequest, tooLong.StatusCode);
    }

    [Fact]
    public async Task Whoever_the_owner_names_stops_the_robot_and_only_the_owner_opens_it_again()
    {
        using var named = await _alice.PostAsync(Path, new { stoppers = new[] { "mallory" } });
        var stops = new List<EmergencyStop>();
        using var subscription = _host.Get<IBus>().Subscribe<EmergencyStop>(stops.Add);

        using var stop = await _mallory.PostAsync("/api/v1/robots/rover/stop", new { });
        Assert.Equal(HttpStatusCode.NoContent, stop.StatusCode);
        Assert.Equal([new EmergencyStop("rover", "mallory")], stops);
        Assert.Equal("mallory", (await Rules()).Closed?.By);
        using var refused = await _mallory.PostAsync("/api/v1/robots/rover/reopen", new { });
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var opened = await _alice.PostAsync("/api/v1/robots/rover/reopen", new { });

        Assert.Null((await Rules()).Closed);
    }

    [Fact]
    public async Task The_log_is_searched_and_exported()
    {
        var log = _host.Get<CommandLog>();
        var at = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        await log.AppendAsync(
        [
            new CommandLine("rover", at, "anna", "F", "down", "sent"),
            new CommandLine("rover", at.AddSeconds(1), "", "=1+1", "down", "not_on_panel"),
            new CommandLine("nowhere", at, "anna", "F", "down", "sent"),
        ]);

        var found = await _alice.JsonAsync("/api/v1/robots/rover/commands?username=ANNA&since=2023-11-14T00:00:00Z");
        var line = Assert.Single(found.GetProperty("commands").EnumerateArray());
        Assert.Equal("F", line.GetProperty("command").GetString());
        Assert.Empty((await _alice.JsonAsync("/api/v1/robots/rover/commands?until=2023-11-14T00:00:00Z")).GetProperty("commands").EnumerateArray());
        using var csv = await _alice.SendAsync(HttpMethod.Get, "/api/v1/robots/rover/commands?format=csv&limit=1");
        Assert.Equal("text/csv", csv.Content.Headers.ContentType?.MediaType);
        Assert.Equal(
            "id,at,username,command,key_position,outcome\r\n2,2023-11-14T22:13:21.0000000+00:00,\"\",\"'=1+1\",down,not_on_panel\r\n",
            await csv.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.BadRequest, await _alice.StatusAsync("/api/v1/robots/rover/commands?limit=1001"));
        Assert.Equal(HttpStatusCode.BadRequest, await _alice.StatusAsync("/api/v1/robots/rover/commands?limit=0"));
    }

    [Fact]
    public async Task The_log_forgets_after_as_many_days_as_the_owner_wants()
    {
        var log = _host.Get<CommandLog>();
        var now = _host.Get<TimeProvider>().GetUtcNow();
        await log.AppendAsync([new CommandLine("rover", now.AddDays(-8), "", "old", "", "sent"), new CommandLine("rover", now.AddDays(-6), "", "new", "", "sent")]);

        await log.PruneAsync("rover", days: 7);

        Assert.Equal("new", Assert.Single(await log.FindAsync("rover", new CommandLogQuery())).Command);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) => (await answer.Content.ReadFromJsonAsync<JsonElement>())!;

    private Task<ControlRules> Rules() => _host.Get<ControlRulesStore>().FindAsync("rover");
}
