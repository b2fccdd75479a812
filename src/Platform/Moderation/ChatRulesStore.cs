using System.Data.Common;
using System.Text.Json;

using Dapper;

using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Storage;

namespace LiveRobot.Platform.Moderation;

/// <summary>The stored rules of chat. A robot for which nothing was laid down has the defaults.</summary>
public sealed class ChatRulesStore(Database database, Changes changes, ModerationLog log)
{
    /// <summary>Reads the rules of a robot.</summary>
    public async Task<ChatRules> FindAsync(string handle)
    {
        await using var connection = await database.OpenAsync();
        return await ReadAsync(connection, null, handle);
    }

    /// <summary>Changes the rules of a robot; who is there is told. Null when there is no such robot.</summary>
    /// <param name="change">Makes the new rules of the stored ones.</param>
    /// <param name="by">The name of the account that does so.</param>
    /// <param name="what">What changes, for the log.</param>
    public async Task<ChatRules?> ChangeAsync(string handle, Func<ChatRules, ChatRules> change, string by, string what)
    {
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        var rules = change(await ReadAsync(connection, transaction, handle));
        var written = await connection.ExecuteAsync(
            """
            INSERT INTO chat_rules (robot, rules) SELECT id, @json FROM robots WHERE handle = @handle
            ON CONFLICT (robot) DO UPDATE SET rules = excluded.rules
            """,
            new { handle, json = JsonSerializer.Serialize(rules) },
            transaction);
        if (written == 0)
        {
            return null;
        }

        await log.AppendAsync(connection, transaction, BanScope.OfRobot(handle), new ModerationEntry(by, ModerationAction.Rules, "", what));
        await changes.AddAsync(connection, transaction, new ChatRulesChanged(handle));
        await transaction.CommitAsync();
        changes.Announce();
        return rules;
    }

    private static async Task<ChatRules> ReadAsync(DbConnection connection, DbTransaction? transaction, string handle) =>
        await connection.QuerySingleOrDefaultAsync<string>(
            "SELECT rules FROM chat_rules JOIN robots ON robots.id = chat_rules.robot WHERE handle = @handle", new { handle }, transaction) is { } rules
            ? JsonSerializer.Deserialize<ChatRules>(rules)!
            : new ChatRules();
}
