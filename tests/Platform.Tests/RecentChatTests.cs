using System.Net;

using Dapper;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Chat;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Storage;
using LiveRobot.Testing;

namespace LiveRobot.Platform.Tests;

public abstract class RecentChatTests(StoreKind store) : IAsyncLifetime
{
    private readonly TestPlatform _platform = new(store);

    public async ValueTask InitializeAsync()
    {
        await _platform.Robots.AddAsync("Rover", "alice");
        await _platform.Robots.AddAsync("Quiet", "alice");
        await _platform.Robots.ChangeAsync("quiet", robot => robot with { NonGlobalChat = true });
    }

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Fact]
    public async Task The_hundred_newest_lines_are_told_the_oldest_first()
    {
        for (var number = 0; number <= RecentChat.MaxLines; number++)
        {
            await SayAsync("rover", $"{number}");
        }

        var lines = await LinesAsync();

        Assert.Equal(RecentChat.MaxLines, lines.Count);
        Assert.Equal(("[Rover] 1", "[Rover] 100", "alice"), (lines[0].Message, lines[^1].Message, lines[0].Room));
    }

    [Fact]
    public async Task What_is_said_to_a_robot_with_a_room_of_its_own_or_one_that_is_not_public_is_not_told()
    {
        await SayAsync("quiet", "not for all");
        await SayAsync("rover", "for all");
        Assert.Single(await LinesAsync());

        await _platform.Robots.SetVisibilityAsync("rover", Visibility.Unlisted);

        Assert.Empty(await LinesAsync());
    }

    [Fact]
    public async Task Who_is_banned_reads_nothing_that_is_said_where_they_are_banned_and_goes_on_reading_the_rest()
    {
        await _platform.Robots.AddAsync("Other", "bob");
        await SayAsync("rover", "to Rover");
        await SayAsync("other", "to Other");
        var (bans, troll) = (_platform.Get<BanDirectory>(), IPAddress.Parse("203.0.113.1"));

        var ban = await bans.MakeAsync(BanScope.OfRobot("rover"), BanTarget.Of(troll), "", duration: null, "alice");
        Assert.Equal(["[Other] to Other"], await ReadByAsync(troll));
        await bans.MakeAsync(BanScope.OfOwner("bob"), BanTarget.Of(troll), "", duration: null, "bob");
        Assert.Empty(await ReadByAsync(troll));
        await bans.LiftAsync(BanScope.OfRobot("rover"), ban!.Id, "olga");
        Assert.Equal(["[Rover] to Rover"], await ReadByAsync(troll));
        await bans.MakeAsync(BanScope.Site, BanTarget.Of(troll), "", duration: null, "root");

        Assert.Empty(await ReadByAsync(troll));
        Assert.Equal(2, (await LinesAsync()).Count);
    }

    private async Task<IEnumerable<string>> ReadByAsync(IPAddress address) =>
        (await _platform.Get<RecentChat>().GlobalAsync(Caller.Anonymous, address)).Select(line => line.Message);

    private Task<IReadOnlyList<RecentLine>> LinesAsync() => _platform.Get<RecentChat>().GlobalAsync(Caller.Anonymous, IPAddress.Loopback);

    private async Task SayAsync(string handle, string text)
    {
        await using var connection = await _platform.Get<Database>().OpenAsync();
        await connection.ExecuteAsync(
            "INSERT INTO chat_messages (message_id, handle, name, text, color, anonymous, sent_at) VALUES (@id, @handle, 'bob', @text, '#ffffff', 0, 0)",
            new { id = Guid.NewGuid().ToString("N")[..24], handle, text });
    }
}

public sealed class RecentChatOnSqliteTests() : RecentChatTests(StoreKind.Sqlite);

public sealed class RecentChatOnPostgresTests() : RecentChatTests(StoreKind.Postgres);
