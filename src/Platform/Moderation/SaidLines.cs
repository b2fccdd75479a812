using Dapper;

using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Storage;

namespace LiveRobot.Platform.Moderation;

/// <summary>
/// Lines of chat on their way back: nobody is shown them any more, and who was is told (<see cref="LineRemoved"/>). They
/// stay in the store, so that it is still known who said them.
/// </summary>
public sealed class SaidLines(Database database, Changes changes, ModerationLog log, TimeProvider clock)
{
    private const string IsBy = "((anonymous = 0 AND by_robot = 0 AND name = @account) OR (anonymous = 1 AND address = @Address))";

    /// <summary>Finds a line that was said to a robot and not taken back; null when there is none.</summary>
    public async Task<SaidLine?> FindAsync(Robot robot, string messageId)
    {
        await using var connection = await database.OpenAsync();
        return await connection.QuerySingleOrDefaultAsync<SaidLine>(
            "SELECT name, text, anonymous, by_robot FROM chat_messages WHERE message_id = @messageId AND handle = @Handle AND removed_at IS NULL", new { messageId, robot.Handle });
    }

    /// <summary>Finds the newest line of somebody to some robots; empty when there is none.</summary>
    public async Task<string> FindLastOfAsync(BanTarget author, IReadOnlyList<Robot> robots)
    {
        await using var connection = await database.OpenAsync();
        return await connection.QueryFirstOrDefaultAsync<string>(
            $"SELECT text FROM chat_messages WHERE {database.In("handle", "@handles")} AND {IsBy} ORDER BY id DESC LIMIT 1",
            new { handles = robots.Select(robot => robot.Handle).ToArray(), account = author.Account?.Name, author.Address }) ?? "";
    }

    /// <summary>Finds when somebody spoke to a robot last; null when they have not, as far as is known.</summary>
    public async Task<DateTimeOffset?> FindLastTimeOfAsync(BanTarget author, Robot robot)
    {
        await using var connection = await database.OpenAsync();
        return await connection.QueryFirstOrDefaultAsync<long?>(
            $"SELECT sent_at FROM chat_messages WHERE handle = @Handle AND {IsBy} ORDER BY id DESC LIMIT 1",
            new { robot.Handle, account = author.Account?.Name, author.Address }) is { } at
            ? DateTimeOffset.FromUnixTimeMilliseconds(at)
            : null;
    }

    /// <summary>Takes a line back. False when there is none.</summary>
    /// <param name="by">The name of the account that does so.</param>
    public async Task<bool> TakeBackAsync(Robot robot, string messageId, string by)
    {
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        var line = await connection.QuerySingleOrDefaultAsync<SaidLine>(
            """
            UPDATE chat_messages SET removed_at = @now WHERE message_id = @messageId AND handle = @Handle AND removed_at IS NULL
            RETURNING name, text, anonymous, by_robot
            """,
            new { messageId, robot.Handle, now = clock.GetUtcNow().ToUnixTimeMilliseconds() },
            transaction);
        if (line is null)
        {
            return false;
        }

        await log.AppendAsync(connection, transaction, BanScope.OfRobot(robot.Handle), new ModerationEntry(by, ModerationAction.TakeBack, line.Name, line.Text));
        await changes.AddAsync(connection, transaction, new LineRemoved(robot.Handle, messageId));
        await transaction.CommitAsync();
        changes.Announce();
        return true;
    }

    /// <summary>Takes back what somebody has said to robots within a time.</summary>
    public async Task TakeBackOfAsync(BanTarget author, IReadOnlyList<Robot> robots, TimeSpan within)
    {
        var now = clock.GetUtcNow();
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        var removed = (await connection.QueryAsync<(string Handle, string MessageId)>(
            $"""
            UPDATE chat_messages SET removed_at = @now WHERE {database.In("handle", "@handles")} AND sent_at > @since AND removed_at IS NULL AND {IsBy}
            RETURNING handle, message_id
            """,
            new
            {
                handles = robots.Select(robot => robot.Handle).ToArray(),
                now = now.ToUnixTimeMilliseconds(),
                since = (now - within).ToUnixTimeMilliseconds(),
                account = author.Account?.Name,
                author.Address,
            },
            transaction)).AsList();
        foreach (var (handle, messageId) in removed)
        {
            await changes.AddAsync(connection, transaction, new LineRemoved(handle, messageId));
        }

        await transaction.CommitAsync();
        changes.Announce();
    }
}

/// <summary>A line that was said.</summary>
public sealed class SaidLine
{
    /// <summary>Gets who said it, as people know them.</summary>
    public required string Name { get; init; }

    /// <summary>Gets what was said.</summary>
    public required string Text { get; init; }

    /// <summary>Gets whether an account of this name said it; else somebody who had not signed in, or the robot.</summary>
    public bool IsByAccount => Anonymous == 0 && ByRobot == 0;

    internal long Anonymous { get; init; }

    internal long ByRobot { get; init; }
}
