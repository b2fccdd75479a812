using System.Globalization;
using System.Security.Cryptography;

using Dapper;

using LiveRobot.Platform.Storage;

using Microsoft.Extensions.Options;

namespace LiveRobot.ChatSocket;

/// <summary>The stored chat lines. What <see cref="AppendAsync"/> has returned for is kept over a restart.</summary>
public sealed class ChatLog(Database database, IOptions<ChatOptions> options, TimeProvider clock)
{
    /// <summary>Old lines are pruned once per so many new ones of a robot.</summary>
    private const int LinesPerPruning = 50;

    /// <summary>Makes an id of 24 hexadecimal digits: the second it was made in, then chance, as existing clients know them.</summary>
    public string NewMessageId() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(uint)clock.GetUtcNow().ToUnixTimeSeconds():x8}{RandomNumberGenerator.GetHexString(16, lowercase: true)}");

    /// <summary>Stores a line.</summary>
    public async Task AppendAsync(ChatMessage message)
    {
        await using var connection = await database.OpenAsync();

        // SQLite commits behind the last row. A scalar stops at the first and never learns that the disk was full.
        var id = await connection.QuerySingleAsync<long>(
            """
            INSERT INTO chat_messages (message_id, handle, name, text, color, anonymous, sent_at, address, by_robot)
            VALUES (@MessageId, @Handle, @Name, @Text, @Color, @Anonymous, @sentAt, @Address, @ByRobot)
            RETURNING id
            """,
            new
            {
                message.MessageId,
                message.Handle,
                message.Name,
                message.Text,
                message.Color,
                Anonymous = message.Anonymous ? 1 : 0,
                message.Address,
                ByRobot = message.IsByRobot ? 1 : 0,
                sentAt = clock.GetUtcNow().ToUnixTimeMilliseconds(),
            });
        if (id % LinesPerPruning == 0)
        {
            await connection.ExecuteAsync(
                """
                DELETE FROM chat_messages WHERE handle = @Handle AND id <= (
                    SELECT id FROM chat_messages WHERE handle = @Handle ORDER BY id DESC LIMIT 1 OFFSET @kept)
                """,
                new { message.Handle, kept = options.Value.MessagesKept });
        }
    }

    /// <summary>Gives the last lines said to a robot, oldest first.</summary>
    public async Task<IReadOnlyList<ChatMessage>> LastAsync(string handle)
    {
        await using var connection = await database.OpenAsync();
        var rows = await connection.QueryAsync<(string MessageId, string Name, string Text, string Color, long Anonymous, long ByRobot)>(
            """
            SELECT message_id, name, text, color, anonymous, by_robot FROM chat_messages
            WHERE handle = @handle AND removed_at IS NULL ORDER BY id DESC LIMIT @length
            """,
            new { handle, length = options.Value.HistoryLength });
        return [.. rows.Reverse().Select(row => new ChatMessage(row.MessageId, handle, row.Name, row.Text, row.Color, row.Anonymous != 0) { IsByRobot = row.ByRobot != 0 })];
    }
}
