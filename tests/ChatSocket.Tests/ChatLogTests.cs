using Dapper;

using LiveRobot.Platform.Storage;
using LiveRobot.Testing;

using Microsoft.Data.Sqlite;

namespace LiveRobot.ChatSocket.Tests;

public sealed class ChatLogTests : IAsyncLifetime
{
    private ServiceHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await ServiceHost.StartAsync(builder => builder.AddChatSocket(), endpoints => endpoints.MapChatSocket());

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    /// <summary>As on a full disk: the line is written, and then not committed. A violated key that is looked at only then does the same everywhere.</summary>
    [Fact]
    public async Task A_line_that_the_store_takes_and_cannot_commit_is_not_taken()
    {
        Assert.SkipUnless(TestStore.Usual == StoreKind.Sqlite, "It is SQLite that commits behind the rows.");
        await using (var connection = await _host.Get<Database>().OpenAsync())
        {
            await connection.ExecuteAsync(
                """
                CREATE TABLE owed (line TEXT REFERENCES chat_messages (text) DEFERRABLE INITIALLY DEFERRED);
                CREATE UNIQUE INDEX said_once ON chat_messages (text);
                CREATE TRIGGER owe AFTER INSERT ON chat_messages BEGIN INSERT INTO owed VALUES ('never said'); END;
                """);
        }

        await Assert.ThrowsAsync<SqliteException>(
            () => _host.Get<ChatLog>().AppendAsync(new ChatMessage("0123456789abcdef01234567", "rover", "alice", "hello", "#ffffff", Anonymous: false)));

        Assert.Empty(await _host.Get<ChatLog>().LastAsync("rover"));
    }
}
