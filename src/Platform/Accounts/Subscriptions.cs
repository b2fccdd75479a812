using Dapper;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Limits;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Storage;

using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Accounts;

/// <summary>Which accounts follow which robots.</summary>
public sealed class Subscriptions(Database database, IOptions<AccountOptions> options, IBus bus, TimeProvider clock)
{
    /// <summary>How often an account may change its subscriptions at once: those who look at the robot are told of each.</summary>
    public const int Burst = 10;

    /// <summary>The time after which it may change one more.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly KeyedRate _changes = new(Burst, Interval, clock);

    /// <summary>Counts a change of an account. Null when it may be made; else how long to wait.</summary>
    public TimeSpan? Take(Account account) => _changes.Take(account.Name);

    /// <summary>Has an account follow a robot. False when it follows as many as it may.</summary>
    public async Task<bool> SubscribeAsync(Account account, Robot robot)
    {
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        var count = await connection.ExecuteScalarAsync<long>(
            """
            SELECT count(*) FROM subscriptions JOIN robots ON robots.id = subscriptions.robot
            WHERE account = @Id AND handle <> @Handle
            """,
            new { account.Id, robot.Handle },
            transaction);
        if (count >= options.Value.SubscriptionsPerAccount)
        {
            return false;
        }

        var added = await connection.ExecuteAsync(
            "INSERT INTO subscriptions (account, robot) SELECT @Id, id FROM robots WHERE handle = @Handle ON CONFLICT DO NOTHING",
            new { account.Id, robot.Handle },
            transaction);
        await transaction.CommitAsync();
        Tell(added, robot, account, isSubscribed: true);
        return true;
    }

    /// <summary>Has an account follow a robot no longer.</summary>
    public async Task UnsubscribeAsync(Account account, Robot robot)
    {
        await using var connection = await database.OpenAsync();
        var removed = await connection.ExecuteAsync(
            "DELETE FROM subscriptions WHERE account = @Id AND robot IN (SELECT id FROM robots WHERE handle = @Handle)",
            new { account.Id, robot.Handle });
        Tell(removed, robot, account, isSubscribed: false);
    }

    /// <summary>Lists the robots that an account follows, by name. One that has become private since is not there for others than its owner.</summary>
    public async Task<IReadOnlyList<SubscribedRobot>> OfAccountAsync(Account account)
    {
        await using var connection = await database.OpenAsync();
        var robots = await connection.QueryAsync<(string Handle, string Name)>(
            """
            SELECT handle, name FROM subscriptions JOIN robots ON robots.id = subscriptions.robot
            WHERE account = @Id AND (visibility <> 'private' OR owner = @Name) ORDER BY name, handle
            """,
            account);
        return [.. robots.Select(robot => new SubscribedRobot(robot.Handle, robot.Name))];
    }

    /// <summary>Lists the names of the accounts that follow a robot.</summary>
    public async Task<IReadOnlyList<string>> OfRobotAsync(string handle)
    {
        await using var connection = await database.OpenAsync();
        return [.. await connection.QueryAsync<string>(
            """
            SELECT accounts.name FROM subscriptions JOIN accounts ON accounts.id = subscriptions.account
            WHERE robot = (SELECT id FROM robots WHERE handle = @handle) ORDER BY lower(accounts.name)
            """,
            new { handle })];
    }

    private void Tell(int changed, Robot robot, Account account, bool isSubscribed)
    {
        if (changed > 0)
        {
            bus.Publish(new SubscriptionChanged(robot.Handle, account.Name, isSubscribed));
        }
    }
}

/// <summary>A robot that somebody follows.</summary>
public sealed record SubscribedRobot(string Handle, string Name);
