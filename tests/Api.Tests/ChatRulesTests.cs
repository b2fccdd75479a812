using System.Net;
using System.Text.Json;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Moderation;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.Api.Tests;

/// <summary>The rules that an owner lays down about chat. The robot is Olga's; Mona moderates it.</summary>
public sealed class ChatRulesTests(ApiFixture api) : IClassFixture<ApiFixture>, IAsyncLifetime
{
    private readonly ServiceHost _host = api.Host;
    private readonly string _olgasName = ApiFixture.NewName("olga");
    private Browser _olga = null!;
    private Browser _mona = null!;
    private Browser _stranger = null!;
    private Robot _robot = null!;

    private string Path => $"/api/v1/robots/{_robot.Handle}/chat_rules";

    public async ValueTask InitializeAsync()
    {
        var monasName = ApiFixture.NewName("mona");
        _olga = new Browser(_host) { Cookie = await _host.SignInAsync(_olgasName) };
        _mona = new Browser(_host) { Cookie = await _host.SignInAsync(monasName) };
        _stranger = new Browser(_host) { Cookie = await _host.SignInAsync(ApiFixture.NewName("nick")) };
        _robot = await _host.Robots.AddAsync("Rover", _olgasName);
        await _host.Get<Moderators>().AddAsync(_robot, (await _host.Get<AccountDirectory>().FindAsync(monasName))!, _olgasName);
    }

    public ValueTask DisposeAsync()
    {
        _olga.Dispose();
        _mona.Dispose();
        _stranger.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Without_rules_everything_may_be_said_and_is_heard_at_once()
    {
        var rules = await _olga.JsonAsync(Path);

        Assert.Equal("""{"slow_mode_seconds":0,"links":"everyone","words":[],"speech_delay_seconds":0}""", rules.GetRawText());
    }

    [Fact]
    public async Task The_owner_changes_rules_moderators_read_them_and_the_change_is_written_down()
    {
        Assert.Equal(HttpStatusCode.OK, await PatchAsync(_olga, """{"slow_mode_seconds":30,"links":"accounts","else":1}"""));
        Assert.Equal(HttpStatusCode.OK, await PatchAsync(_olga, """{"words":[" dummy "],"speech_delay_seconds":5}"""));

        var rules = await _mona.JsonAsync(Path);
        Assert.Equal("""{"slow_mode_seconds":30,"links":"accounts","words":["dummy"],"speech_delay_seconds":5}""", rules.GetRawText());
        Assert.Equal(HttpStatusCode.Forbidden, await PatchAsync(_mona, """{"slow_mode_seconds":0}"""));
        Assert.Equal(HttpStatusCode.Forbidden, await PatchAsync(_stranger, """{"slow_mode_seconds":0}"""));
        Assert.Equal(HttpStatusCode.Forbidden, await _stranger.StatusAsync(Path));
        var entries = (await _mona.JsonAsync($"/api/v1/robots/{_robot.Handle}/moderation")).GetProperty("entries");
        Assert.Equal(("rules", _olgasName, "words, speech_delay_seconds"), (entries[0].GetProperty("action").GetString(), entries[0].GetProperty("by").GetString(), entries[0].GetProperty("message").GetString()));
        Assert.Equal("slow_mode_seconds, links", entries[1].GetProperty("message").GetString());
    }

    /// <summary>Each row: a change at its edge or beyond it, and the place that is named when it is refused.</summary>
    [Theory]
    [InlineData("""{"slow_mode_seconds":0}""", null)]
    [InlineData("""{"slow_mode_seconds":3600}""", null)]
    [InlineData("""{"slow_mode_seconds":3601}""", "slow_mode_seconds:")]
    [InlineData("""{"slow_mode_seconds":-1}""", "slow_mode_seconds:")]
    [InlineData("""{"slow_mode_seconds":1.5}""", "slow_mode_seconds:")]
    [InlineData("""{"slow_mode_seconds":"30"}""", "slow_mode_seconds:")]
    [InlineData("""{"speech_delay_seconds":60}""", null)]
    [InlineData("""{"speech_delay_seconds":61}""", "speech_delay_seconds:")]
    [InlineData("""{"links":"nobody"}""", null)]
    [InlineData("""{"links":"friends"}""", "links:")]
    [InlineData("""{"links":1}""", "links:")]
    [InlineData("""{"words":"dummy"}""", "words:")]
    [InlineData("""{"words":["ok",7]}""", "words[1]:")]
    [InlineData("""{"words":["..."]}""", "words[0]:")]
    [InlineData("""{"words":[null]}""", "words[0]:")]
    [InlineData("""{"words":["\ud800"]}""", "well-formed")]
    [InlineData("""[]""", "not a JSON object")]
    [InlineData("""{""", "well-formed")]
    public async Task A_wrong_rule_is_refused_by_its_place_and_nothing_is_changed(string change, string? place)
    {
        using var answer = await _olga.SendAsync(HttpMethod.Patch, Path, new StringContent(change));

        Assert.Equal(place is null ? HttpStatusCode.OK : HttpStatusCode.BadRequest, answer.StatusCode);
        if (place is not null)
        {
            Assert.Contains(place, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Equivalent(new ChatRules(), await _host.Get<ChatRulesStore>().FindAsync(_robot.Handle));
        }
    }

    [Fact]
    public async Task Two_hundred_words_of_fifty_characters_and_no_more()
    {
        var words = Enumerable.Range(0, 200).Select(number => $"{number}".PadLeft(50, '\u00fc')).ToArray();

        Assert.Equal(HttpStatusCode.OK, await PatchAsync(_olga, JsonSerializer.Serialize(new { words })));
        Assert.Equal(HttpStatusCode.BadRequest, await PatchAsync(_olga, JsonSerializer.Serialize(new { words = words.Append("one") })));
        Assert.Equal(HttpStatusCode.BadRequest, await PatchAsync(_olga, JsonSerializer.Serialize(new { words = new[] { new string('a', 51) } })));
        Assert.Equal(200, (await _host.Get<ChatRulesStore>().FindAsync(_robot.Handle)).Words.Count);
    }

    private async Task<HttpStatusCode> PatchAsync(Browser who, string change)
    {
        using var answer = await who.SendAsync(HttpMethod.Patch, Path, new StringContent(change));
        return answer.StatusCode;
    }
}
