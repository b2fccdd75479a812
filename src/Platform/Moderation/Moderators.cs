using System.Net;

using Dapper;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Storage;

using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Moderation;

/// <summary>
/// Who moderates a robot beside its owner and administrators: the accounts that the owner has named. They ban from that
/// robot and take lines back, but do nothing to the owner, administrators and each other.
/// </summary>
public sealed class Moderators(Database database, BanDirectory bans, ModerationLog log, IOptions<ModerationOptions> options, TimeProvider clock)
{
    /// <summary>Tells whether somebody moderates a robot now; to be asked at each use. Who is banned from it does not.</summary>
    /// <param name="address">Where they come from.</param>
    public async Task<bool> MayModerateAsync(Robot robot, Caller caller, IPAddress? address) =>
        caller.Owns(robot) || (caller.Account is { } account && await IsNamedAsync(robot, account) && await bans.FindAsync(robot, caller, address) is null);

    /// <summary>Tells whether a moderator may do nothing to an account: it is the owner's, an administrator's or a moderator's.</summary>
    public async Task<bool> IsProtectedAsync(Robot robot, Account account) =>
        account.IsAdministrator || account.Name == robot.Owner || await IsNamedAsync(robot, account);

    /// <summary>Lists whom the owner has named, by name.</summary>
    public async Task<IReadOnlyList<Moderator>> ListAsync(Robot robot)
    {
        await using var connection = await database.OpenAsync();
        var rows = await connection.QueryAsync<(string Name, long Since)>(
            """
            SELECT accounts.name, since FROM moderators JOIN accounts ON accounts.id = account
            WHERE robot = (SELECT id FROM robots WHERE handle = @Handle) ORDER BY lower(accounts.name)
            """,
            robot);
        return [.. rows.Select(row => new Moderator(row.Name, DateTimeOffset.FromUnixTimeMilliseconds(row.Since)))];
    }

    /// <summary>Lists the names of those whom the owner has named.</summary>
    public async Task<IReadOnlyCollection<string>> NamesAsync(Robot robot) =>
        (await ListAsync(robot)).Select(moderator => moderator.Name).ToHashSet(StringComparer.Ordinal);

    /// <summary>Names a moderator, who may be one already. False when there are as many as may be.</summary>
    /// <param name="by">The name of the account that does so.</param>
    public async Task<bool> AddAsync(Robot robot, Account account, string by)
    {
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        var parameters = new { robot.Handle, account.Id, now = clock.GetUtcNow().ToUnixTimeMilliseconds(), options.Value.MaxModerators };
        var isOne = await connection.ExecuteScalarAsync<long>(
            "SELECT count(*) FROM moderators WHERE robot = (SELECT id FROM robots WHERE handle = @Handle) AND account = @Id", parameters, transaction) > 0;
        if (isOne)
        {
            return true;
        }

        var added = await connection.ExecuteAsync(
            """
            INSERT INTO moderators (robot, account, since) SELECT id, @Id, @now FROM robots
            WHERE handle = @Handle AND (SELECT count(*) FROM moderators WHERE robot = robots.id) < @MaxModerators
            """,
            parameters,
            transaction);
        if (added == 0)
        {
            return false;
        }

        await log.AppendAsync(connection, transaction, BanScope.OfRobot(robot.Handle), new ModerationEntry(by, ModerationAction.ModeratorAdded, account.Name));
        await transaction.CommitAsync();
        return true;
    }

    /// <summary>Somebody is no moderator any more. False when they were none.</summary>
    /// <inheritdoc cref="AddAsync" path="/param"/>
    public async Task<bool> RemoveAsync(Robot robot, Account account, string by)
    {
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        var removed = await connection.ExecuteAsync(
            "DELETE FROM moderators WHERE robot = (SELECT id FROM robots WHERE handle = @Handle) AND account = @Id", new { robot.Handle, account.Id }, transaction);
        if (removed == 0)
        {
            return false;
        }

        await log.AppendAsync(connection, transaction, BanScope.OfRobot(robot.Handle), new ModerationEntry(by, ModerationAction.ModeratorRemoved, account.Name));
        await transaction.CommitAsync();
        return true;
    }

    /// <summary>Lists the robots of others that an account moderates, by handle.</summary>
    public async Task<IReadOnlyList<ModeratedRobot>> OfAccountAsync(Account account)
    {
        await using var connection = await database.OpenAsync();
        return [.. await connection.QueryAsync<ModeratedRobot>(
            "SELECT handle, owner FROM moderators JOIN robots ON robots.id = robot WHERE account = @Id ORDER BY handle", account)];
    }

    /// <summary>
    /// Lists who moderates every robot of an owner, by name. Existing robots obey them by their owner's name alone, so
    /// whom the owner has named for one robot is not listed for another.
    /// </summary>
    public async Task<IReadOnlyList<string>> OfOwnerAsync(Account owner)
    {
        await using var connection = await database.OpenAsync();
        return [.. await connection.QueryAsync<string>(
            """
            SELECT accounts.name FROM moderators JOIN robots ON robots.id = robot JOIN accounts ON accounts.id = account
            WHERE owner = @Name GROUP BY accounts.id HAVING count(*) = (SELECT count(*) FROM robots WHERE owner = @Name)
            ORDER BY lower(accounts.name)
            """,
            owner)];
    }

    private async Task<bool> IsNamedAsync(Robot robot, Account account)
    {
        await using var connection = await database.OpenAsync();
        return await connection.ExecuteScalarAsync<long>(
            "SELECT count(*) FROM moderators WHERE robot = (SELECT id FROM robots WHERE handle = @Handle) AND account = @Id", new { robot.Handle, account.Id }) > 0;
    }
}

/// <summary>Whom an owner has named.</summary>
/// <param name="Name">The name of the account.</param>
/// <param name="Since">Since when.</param>
public sealed record Moderator(string Name, DateTimeOffset Since);

/// <summary>A robot that somebody moderates for its owner.</summary>
public sealed record ModeratedRobot(string Handle, string Owner);
