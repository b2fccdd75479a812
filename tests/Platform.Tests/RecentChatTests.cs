using Dapper;

using LiveRobot.Platform.Chat;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Storage;

namespace LiveRobot.Platform.Tests;

public sealed class RecentChatTests : IAsyncLifetime
{
    private readonly TestPlatform _platform = new();

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

        var lines = await _platform.Get<RecentChat>().GlobalAsync();

        Assert.Equal(RecentChat.MaxLines, lines.Count);
        Assert.Equal(("[Rover] 1", "[Rover] 100", "alice"), (lines[0].Message, lines[^1].Message, lines[0].Room));
    }

    [Fact]
    public async Task What_is_said_to_a_robot_with_a_room_of_its_own_or_one_that_is_not_public_is_not_told()
    {
        await SayAsync("quiet", "not for all");
        await SayAsync("rover", "for all");
        Assert.Single(await _platform.Get<RecentChat>().GlobalAsync());

        await _platform.Robots.SetVisibilityAsync("rover", Visibility.Unlisted);

        Assert.Empty(await _platform.Get<RecentChat>().GlobalAsync());
    }

    private async Task SayAsync(string handle, string text)
    {
        await using var connection = await _platform.Get<Database>().OpenAsync();
        await connection.ExecuteAsync(
            "INSERT INTO chat_messages (message_id, handle, name, text, color, anonymous, sent_at) VALUES (@id, @handle, 'bob', @text, '#ffffff', 0, 0)",
            new { id = Guid.NewGuid().ToString("N")[..24], handle, text });
    }
}
