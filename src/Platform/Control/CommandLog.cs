using Dapper;

using LiveRobot.Platform.Storage;

namespace LiveRobot.Platform.Control;

/// <summary>What was said to robots and what became of it, for as long as each owner wants it kept.</summary>
public sealed class CommandLog(Database database, TimeProvider clock)
{
    /// <summary>The most lines of one answer.</summary>
    public const int MaxLines = 1_000;

    /// <summary>Writes lines, in one transaction. Those of robots that are gone are dropped.</summary>
    public async Task AppendAsync(IEnumerable<CommandLine> lines)
    {
        await using var connection = await database.OpenAsync();

        // All lines or none; of what they depend on nothing is read before, so that no other writer has to wait.
        await using var transaction = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync(
            """
            INSERT INTO command_log (robot, at, username, command, position, outcome)
            SELECT id, @at, @Username, @Command, @Position, @Outcome FROM robots WHERE handle = @Handle
            """,
            lines.Select(line => new { line.Handle, at = line.At.ToUnixTimeMilliseconds(), line.Username, line.Command, line.Position, line.Outcome }),
            transaction);
        await transaction.CommitAsync();
    }

    /// <summary>Finds the newest lines of a robot, newest first.</summary>
    public async Task<IReadOnlyList<LoggedCommand>> FindAsync(string handle, CommandLogQuery query)
    {
        await using var connection = await database.OpenAsync();
        var rows = await connection.QueryAsync<(long Id, long At, string Username, string Command, string Position, string Outcome)>(
            """
            SELECT command_log.id, at, username, command, position, outcome
            FROM command_log JOIN robots ON robots.id = command_log.robot
            WHERE handle = @handle
                AND (@Username IS NULL OR lower(username) = lower(@Username))
                AND (@Command IS NULL OR command = @Command)
                AND (@Outcome IS NULL OR outcome = @Outcome)
                AND (@since IS NULL OR at >= @since)
                AND (@until IS NULL OR at < @until)
                AND (@Before IS NULL OR command_log.id < @Before)
            ORDER BY command_log.id DESC LIMIT @Limit
            """,
            new
            {
                handle,
                query.Username,
                query.Command,
                query.Outcome,
                since = query.Since?.ToUnixTimeMilliseconds(),
                until = query.Until?.ToUnixTimeMilliseconds(),
                query.Before,
                query.Limit,
            });
        return [.. rows.Select(row => new LoggedCommand(
            row.Id, DateTimeOffset.FromUnixTimeMilliseconds(row.At), row.Username, row.Command, row.Position, row.Outcome))];
    }

    /// <summary>Deletes the lines of a robot that are older than its owner wants them kept.</summary>
    public async Task PruneAsync(string handle, int days)
    {
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync(
            "DELETE FROM command_log WHERE robot IN (SELECT id FROM robots WHERE handle = @handle) AND at < @before",
            new { handle, before = clock.GetUtcNow().AddDays(-days).ToUnixTimeMilliseconds() });
    }

    /// <summary>Lists the robots that have lines.</summary>
    public async Task<IReadOnlyList<string>> RobotsAsync()
    {
        await using var connection = await database.OpenAsync();
        return [.. await connection.QueryAsync<string>("SELECT handle FROM robots WHERE id IN (SELECT DISTINCT robot FROM command_log)")];
    }
}

/// <summary>Something that was said to a robot.</summary>
/// <param name="Handle">The robot's handle.</param>
/// <param name="At">When.</param>
/// <param name="Username">The name of the account; empty when nobody had signed in.</param>
/// <param name="Command">The command.</param>
/// <param name="Position">Its <c>key_position</c>.</param>
/// <param name="Outcome"><c>sent</c>, <c>released</c> when the server let go by itself, <c>voted</c>, or the code of the refusal.</param>
public sealed record CommandLine(string Handle, DateTimeOffset At, string Username, string Command, string Position, string Outcome);

/// <summary>A line of the log.</summary>
/// <param name="Id">Rises from line to line.</param>
/// <inheritdoc cref="CommandLine"/>
public sealed record LoggedCommand(long Id, DateTimeOffset At, string Username, string Command, string Position, string Outcome);

/// <summary>Which lines to find; what is null does not count.</summary>
/// <param name="Before">Only lines with a lower <see cref="LoggedCommand.Id"/>.</param>
/// <param name="Limit">How many lines at most.</param>
public sealed record CommandLogQuery(
    string? Username = null,
    string? Command = null,
    string? Outcome = null,
    DateTimeOffset? Since = null,
    DateTimeOffset? Until = null,
    long? Before = null,
    int Limit = 100);
