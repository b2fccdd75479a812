using System.Data.Common;

using Dapper;

using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Storage;

namespace LiveRobot.Platform.Moderation;

/// <summary>
/// Who did what to whom, and why. It is only appended to, in the transaction of what was done, and ends with the robot
/// or the owner.
/// </summary>
public sealed class ModerationLog(Database database, TimeProvider clock)
{
    /// <summary>Gives a part of what was done about a robot, the newest first: to it alone and to all robots of its owner.</summary>
    /// <param name="before">Only what came before the entry of this number; null: from the newest on.</param>
    public async Task<Page<LoggedModeration>> ListAsync(Robot robot, long? before)
    {
        await using var connection = await database.OpenAsync();
        var rows = await connection.QueryAsync<(long Id, long At, string By, string Action, string Name, string Message, string Reason, long? Until)>(
            """
            SELECT id, at, made_by, action, name, message, reason, until FROM moderation_log
            WHERE (robot = (SELECT id FROM robots WHERE handle = @Handle) OR owner = (SELECT id FROM accounts WHERE name = @Owner))
                AND (@before IS NULL OR id < @before)
            ORDER BY id DESC LIMIT @limit
            """,
            new { robot.Handle, robot.Owner, before, limit = Page.Size + 1 });
        return Page.Of<LoggedModeration>(
            [.. rows.Select(row => new LoggedModeration(
                row.Id, TimeOf(row.At), row.By, row.Action, row.Name, row.Message, row.Reason, row.Until is { } until ? TimeOf(until) : null))],
            entry => entry.Id);
    }

    /// <summary>Writes down what is done in a transaction.</summary>
    internal Task AppendAsync(DbConnection connection, DbTransaction transaction, BanScope scope, ModerationEntry entry) => connection.ExecuteAsync(
        """
        INSERT INTO moderation_log (robot, owner, at, made_by, action, name, message, reason, until) VALUES (
            CASE @kind WHEN 0 THEN (SELECT id FROM robots WHERE handle = @subject) END,
            CASE @kind WHEN 1 THEN (SELECT id FROM accounts WHERE name = @subject) END,
            @at, @By, @action, @Name, @Message, @Reason, @until)
        """,
        new
        {
            kind = (int)scope.Kind,
            subject = scope.Subject,
            at = clock.GetUtcNow().ToUnixTimeMilliseconds(),
            entry.By,
            action = entry.Action.ToWire(),
            entry.Name,
            entry.Message,
            entry.Reason,
            until = entry.Until?.ToUnixTimeMilliseconds(),
        },
        transaction);

    private static DateTimeOffset TimeOf(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}

/// <summary>Something that is done to somebody.</summary>
/// <param name="By">The name of the account that does it.</param>
/// <param name="Action">What.</param>
/// <param name="Name">Whom, as people know them.</param>
/// <param name="Message">The line of chat that it is about; may be empty.</param>
/// <param name="Reason">For people; may be empty.</param>
/// <param name="Until">When it ends by itself; null when it does not.</param>
public sealed record ModerationEntry(string By, ModerationAction Action, string Name, string Message = "", string Reason = "", DateTimeOffset? Until = null);

/// <summary>An entry of the log.</summary>
/// <param name="Id">Rises from entry to entry.</param>
/// <inheritdoc cref="ModerationEntry"/>
public sealed record LoggedModeration(
    long Id, DateTimeOffset At, string By, string Action, string Name, string Message, string Reason, DateTimeOffset? Until);
