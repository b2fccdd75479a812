using System.Data.Common;
using System.Text.Json;

using Dapper;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Storage;

namespace LiveRobot.Platform.Control;

/// <summary>The stored rules of control. A robot for which nothing was laid down has the defaults.</summary>
public sealed class ControlRulesStore(Database database, Changes changes, IBus bus, TimeProvider clock)
{
    /// <summary>Reads the rules of a robot.</summary>
    public async Task<ControlRules> FindAsync(string handle)
    {
        await using var connection = await database.OpenAsync();
        return await ReadAsync(connection, null, handle);
    }

    /// <summary>Changes the rules of a robot; its services are told. Null when there is no such robot.</summary>
    /// <param name="change">Makes the new rules of the stored ones.</param>
    public async Task<ControlRules?> ChangeAsync(string handle, Func<ControlRules, ControlRules> change)
    {
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        var stored = await ReadAsync(connection, transaction, handle);
        var rules = change(stored) with { Version = stored.Version + 1 };
        var written = await connection.ExecuteAsync(
            """
            INSERT INTO control_rules (robot, version, rules)
            SELECT id, @Version, @json FROM robots WHERE handle = @handle
            ON CONFLICT (robot) DO UPDATE SET version = excluded.version, rules = excluded.rules
            """,
            new { handle, rules.Version, json = JsonSerializer.Serialize(rules) },
            transaction);
        if (written == 0)
        {
            return null;
        }

        await changes.AddAsync(connection, transaction, new ControlRulesChanged(handle));
        await transaction.CommitAsync();
        changes.Announce();
        return rules;
    }

    /// <summary>
    /// Stops a robot in an emergency and closes its control until <see cref="ReopenAsync"/>. The robot is stopped before
    /// anything is stored. False when there is no such robot.
    /// </summary>
    /// <param name="by">The name of the account that stops it.</param>
    public async Task<bool> StopAsync(string handle, string by)
    {
        bus.Publish(new EmergencyStop(handle, by));
        return await ChangeAsync(handle, rules => rules with { Closed = new ControlClosing(by, clock.GetUtcNow()) }) is not null;
    }

    /// <summary>Opens the control of a robot again. False when there is no such robot.</summary>
    public async Task<bool> ReopenAsync(string handle) =>
        await ChangeAsync(handle, rules => rules with { Closed = null }) is not null;

    /// <summary>Gives somebody exclusive control; whoever had it has it no longer. False when there is no such robot.</summary>
    public async Task<bool> GrantAsync(string handle, ExclusiveControl exclusive) =>
        await ChangeAsync(handle, rules => rules with { Exclusive = exclusive }) is not null;

    /// <summary>Gives an account exclusive control, for a time or until the owner ends it. False when there is no such robot.</summary>
    public Task<bool> GrantAsync(string handle, string username, TimeSpan? time) =>
        GrantAsync(handle, new ExclusiveControl(username, clock.GetUtcNow() + time));

    /// <summary>Ends exclusive control; when it is told whose, only that. False when there is no such robot.</summary>
    public async Task<bool> EndExclusiveAsync(string handle, ExclusiveControl? granted = null) =>
        await ChangeAsync(handle, rules => granted is null || rules.Exclusive == granted ? rules with { Exclusive = null } : rules) is not null;

    private static async Task<ControlRules> ReadAsync(DbConnection connection, DbTransaction? transaction, string handle)
    {
        var row = await connection.QuerySingleOrDefaultAsync<(long Version, string Rules)?>(
            "SELECT version, rules FROM control_rules JOIN robots ON robots.id = control_rules.robot WHERE handle = @handle",
            new { handle },
            transaction);
        return row is var (version, rules) ? JsonSerializer.Deserialize<ControlRules>(rules)! with { Version = version } : new ControlRules();
    }
}
