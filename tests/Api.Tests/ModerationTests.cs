using System.Net;
using System.Text.Json;

using Dapper;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Moderation;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Storage;
using LiveRobot.Testing;

namespace LiveRobot.Api.Tests;

/// <summary>What moderators do over HTTP, and what they, and others, try. The robot is Olga's; Mona moderates it, and Max too.</summary>
public sealed class ModerationTests(ApiFixture api) : IClassFixture<ApiFixture>, IAsyncLifetime
{
    private readonly ServiceHost _host = api.Host;
    private readonly Dictionary<string, Browser> _people = [];
    private readonly Dictionary<string, string> _names = [];
    private Robot _robot = null!;
    private Robot _other = null!;

    private string Path => $"/api/v1/robots/{_robot.Handle}";

    public async ValueTask InitializeAsync()
    {
        foreach (var who in new[] { "olga", "mona", "max", "nick", "troll", "root" })
        {
            _names[who] = ApiFixture.NewName(who);
            _people[who] = new Browser(_host) { Cookie = await _host.SignInAsync(_names[who], isAdministrator: who == "root") };
        }

        _people["nobody"] = new Browser(_host);
        _robot = await _host.Robots.AddAsync("Rover", _names["olga"]);
        _other = await _host.Robots.AddAsync("Other", _names["olga"]);
        foreach (var who in new[] { "mona", "max" })
        {
            Assert.Equal(HttpStatusCode.NoContent, await StatusAsync("olga", HttpMethod.Put, $"{Path}/moderators/{_names[who]}"));
        }

        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync("olga", HttpMethod.Put, $"/api/v1/robots/{_other.Handle}/moderators/{_names["nick"]}"));
    }

    public ValueTask DisposeAsync()
    {
        foreach (var browser in _people.Values)
        {
            browser.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Each row: who asks, and whether they are answered. Nick moderates another robot of Olga's.</summary>
    [Theory]
    [InlineData("olga", HttpStatusCode.OK)]
    [InlineData("root", HttpStatusCode.OK)]
    [InlineData("mona", HttpStatusCode.OK)]
    [InlineData("nick", HttpStatusCode.Forbidden)]
    [InlineData("troll", HttpStatusCode.Forbidden)]
    [InlineData("nobody", HttpStatusCode.Unauthorized)]
    public async Task Moderators_read_the_bans_the_moderators_and_the_log_of_their_robot_alone(string who, HttpStatusCode status)
    {
        foreach (var path in new[] { "bans", "moderators", "moderation" })
        {
            Assert.Equal(status, await StatusAsync(who, HttpMethod.Get, $"{Path}/{path}"));
        }
    }

    /// <summary>Each row: who tries to name a moderator, and the answer.</summary>
    [Theory]
    [InlineData("root", "troll", HttpStatusCode.NoContent)]
    [InlineData("mona", "troll", HttpStatusCode.Forbidden)]
    [InlineData("troll", "troll", HttpStatusCode.Forbidden)]
    [InlineData("olga", "olga", HttpStatusCode.BadRequest)]
    [InlineData("olga", "root", HttpStatusCode.BadRequest)]
    [InlineData("olga", "nosuchname", HttpStatusCode.BadRequest)]
    public async Task The_owner_names_moderators(string by, string whom, HttpStatusCode status) =>
        Assert.Equal(status, await StatusAsync(by, HttpMethod.Put, $"{Path}/moderators/{_names.GetValueOrDefault(whom, whom)}"));

    [Fact]
    public async Task A_moderator_steps_down_and_removes_no_other()
    {
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("mona", HttpMethod.Delete, $"{Path}/moderators/{_names["max"]}"));
        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync("mona", HttpMethod.Delete, $"{Path}/moderators/{_names["mona"]}"));

        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("mona", HttpMethod.Get, $"{Path}/moderation"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("olga", HttpMethod.Delete, $"{Path}/moderators/{_names["mona"]}"));
    }

    [Fact]
    public async Task Twenty_moderators_and_no_more()
    {
        for (var number = 0; number < 18; number++)
        {
            Assert.True(await _host.Get<Moderators>().AddAsync(_robot, (await _host.Get<AccountDirectory>().CreateAsync(ApiFixture.NewName("extra"), password: null))!, "olga"));
        }

        Assert.Equal(HttpStatusCode.Conflict, await StatusAsync("olga", HttpMethod.Put, $"{Path}/moderators/{_names["nick"]}"));
        Assert.Equal(20, (await _people["olga"].JsonAsync($"{Path}/moderators")).GetProperty("moderators").GetArrayLength());
    }

    [Fact]
    public async Task A_moderator_bans_from_the_robot_and_lifts_that_and_all_of_it_is_written_down()
    {
        var banned = await BanAsync("mona", new { account = _names["troll"], reason = "spam", seconds = 60 });
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("troll", HttpMethod.Get, Path));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("troll", HttpMethod.Get, $"/api/v1/robots/{_other.Handle}"));

        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync("max", HttpMethod.Delete, $"{Path}/bans/{banned.GetProperty("id")}"));

        Assert.Equal(HttpStatusCode.OK, await StatusAsync("troll", HttpMethod.Get, Path));
        var entries = (await _people["mona"].JsonAsync($"{Path}/moderation")).GetProperty("entries").EnumerateArray()
            .Select(entry => (entry.GetProperty("action").GetString(), entry.GetProperty("by").GetString(), entry.GetProperty("name").GetString(), entry.GetProperty("reason").GetString()));
        Assert.Equal(
            [
                ("lift", _names["max"], _names["troll"], ""),
                ("time_out", _names["mona"], _names["troll"], "spam"),
                ("moderator_added", _names["olga"], _names["max"], ""),
                ("moderator_added", _names["olga"], _names["mona"], ""),
            ],
            entries);
    }

    /// <summary>Each row: whom Mona tries to ban.</summary>
    [Theory]
    [InlineData("olga", HttpStatusCode.Forbidden)]
    [InlineData("root", HttpStatusCode.Forbidden)]
    [InlineData("max", HttpStatusCode.Forbidden)]
    [InlineData("mona", HttpStatusCode.Forbidden)]
    [InlineData("nick", HttpStatusCode.Created)]
    public async Task A_moderator_bans_neither_the_owner_nor_administrators_nor_moderators(string whom, HttpStatusCode status)
    {
        using var answer = await _people["mona"].PostAsync($"{Path}/bans", new { account = _names[whom] });

        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task A_moderator_neither_lifts_nor_shortens_what_the_owner_or_an_administrator_banned()
    {
        var olgas = await BanAsync("olga", new { account = _names["troll"], reason = "for good" });
        var roots = await BanAsync("root", new { address = "203.0.113.7" });

        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("mona", HttpMethod.Delete, $"{Path}/bans/{olgas.GetProperty("id")}"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("mona", HttpMethod.Delete, $"{Path}/bans/{roots.GetProperty("id")}"));
        await BanAsync("mona", new { account = _names["troll"], seconds = 1 });

        var ban = Assert.Single((await _people["olga"].JsonAsync($"{Path}/bans")).GetProperty("bans").EnumerateArray(), ban => ban.GetProperty("account").GetBoolean());
        Assert.Equal((_names["olga"], JsonValueKind.Null), (ban.GetProperty("made_by").GetString(), ban.GetProperty("until").ValueKind));
    }

    [Fact]
    public async Task A_moderator_who_is_banned_moderates_no_more()
    {
        await BanAsync("olga", new { account = _names["mona"] });

        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("mona", HttpMethod.Get, $"{Path}/bans"));
        using var answer = await _people["mona"].PostAsync($"{Path}/bans", new { account = _names["troll"] });
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task A_moderator_bans_from_no_other_robot_of_the_owner_and_not_from_all()
    {
        using var other = await _people["mona"].PostAsync($"/api/v1/robots/{_other.Handle}/bans", new { account = _names["troll"] });
        using var own = await _people["mona"].PostAsync("/api/v1/account/bans", new { account = _names["troll"] });

        Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);

        // That is from Mona's own robots.
        Assert.Equal(HttpStatusCode.Created, own.StatusCode);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("troll", HttpMethod.Get, Path));
    }

    /// <summary>Each row: who takes back, whose line, and the answer.</summary>
    [Theory]
    [InlineData("mona", "troll", HttpStatusCode.NoContent)]
    [InlineData("mona", "mona", HttpStatusCode.NoContent)]
    [InlineData("mona", "anonymous0001", HttpStatusCode.NoContent)]
    [InlineData("olga", "mona", HttpStatusCode.NoContent)]
    [InlineData("root", "olga", HttpStatusCode.NoContent)]
    [InlineData("mona", "olga", HttpStatusCode.Forbidden)]
    [InlineData("mona", "root", HttpStatusCode.Forbidden)]
    [InlineData("mona", "max", HttpStatusCode.Forbidden)]
    [InlineData("nick", "troll", HttpStatusCode.Forbidden)]
    [InlineData("troll", "troll", HttpStatusCode.Forbidden)]
    [InlineData("nobody", "troll", HttpStatusCode.Unauthorized)]
    public async Task A_line_is_taken_back_by_who_may_and_once(string by, string whose, HttpStatusCode status)
    {
        var id = await SayAsync(_names.GetValueOrDefault(whose, whose), isAnonymous: !_names.ContainsKey(whose));

        Assert.Equal(status, await StatusAsync(by, HttpMethod.Delete, $"{Path}/chat/{id}"));

        var log = (await _people["olga"].JsonAsync($"{Path}/moderation")).GetProperty("entries")[0];
        var isDone = status == HttpStatusCode.NoContent;
        Assert.Equal(isDone, log.GetProperty("action").GetString() == "take_back");
        Assert.Equal(isDone, log.GetProperty("message").GetString() == "rubbish");
        Assert.Equal(isDone ? HttpStatusCode.NotFound : HttpStatusCode.NoContent, await StatusAsync("olga", HttpMethod.Delete, $"{Path}/chat/{id}"));
    }

    [Fact]
    public async Task A_line_that_was_said_to_another_robot_is_not_taken_back_here()
    {
        var id = await SayAsync(_names["troll"], isAnonymous: false);

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("olga", HttpMethod.Delete, $"/api/v1/robots/{_other.Handle}/chat/{id}"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("olga", HttpMethod.Delete, $"{Path}/chat/no_such_line"));
    }

    [Fact]
    public async Task Moderators_see_what_they_moderate_where_new_and_existing_clients_look()
    {
        Assert.Equal(_robot.Handle, Assert.Single((await _people["mona"].JsonAsync("/api/v1/account")).GetProperty("moderates").EnumerateArray()).GetString());
        Assert.Empty((await _people["olga"].JsonAsync("/api/v1/account")).GetProperty("moderates").EnumerateArray());
        var moderatesFor = (await _people["mona"].JsonAsync("/internal")).GetProperty("user").GetProperty("moderates_for").EnumerateArray().Select(name => name.GetString());
        Assert.Equal([_names["mona"], _names["olga"]], moderatesFor);

        // Existing robots obey whom they find here: Mona moderates one of Olga's two robots.
        Assert.Empty((await api.GetAsync($"/api/v1/accounts/{_names["olga"]}")).GetProperty("moderators").EnumerateArray());
        await StatusAsync("olga", HttpMethod.Put, $"/api/v1/robots/{_other.Handle}/moderators/{_names["mona"]}");
        Assert.Equal(_names["mona"], Assert.Single((await api.GetAsync($"/api/v1/accounts/{_names["olga"]}")).GetProperty("moderators").EnumerateArray()).GetString());
    }

    private async Task<HttpStatusCode> StatusAsync(string who, HttpMethod method, string path)
    {
        using var answer = await _people[who].SendAsync(method, path);
        return answer.StatusCode;
    }

    private async Task<JsonElement> BanAsync(string by, object ban)
    {
        using var answer = await _people[by].PostAsync($"{Path}/bans", ban);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return JsonElement.Parse(await answer.Content.ReadAsStringAsync());
    }

    /// <summary>A line as the chat service stores it.</summary>
    private async Task<string> SayAsync(string name, bool isAnonymous)
    {
        var id = Guid.NewGuid().ToString("N")[..24];
        await using var connection = await _host.Get<Database>().OpenAsync();
        await connection.ExecuteAsync(
            "INSERT INTO chat_messages (message_id, handle, name, text, color, anonymous, sent_at) VALUES (@id, @Handle, @name, 'rubbish', '#ffffff', @isAnonymous, 0)",
            new { id, _robot.Handle, name, isAnonymous = isAnonymous ? 1 : 0 });
        return id;
    }
}
