using Dapper;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Storage;

using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Accounts;

/// <summary>Sign-ins. Each is a row in the store, so that it survives a restart and can be ended.</summary>
public sealed class Sessions(Database database, IOptions<AccountOptions> options, Changes changes, TimeProvider clock)
{
    /// <summary>The name of the cookie that carries the token: the one that existing clients look for.</summary>
    public const string CookieName = "connect.sid";

    /// <summary>Begins a session; gives its token, which is shown to nobody but the one who signed in.</summary>
    public async Task<string> BeginAsync(Account account)
    {
        var token = SecretTokens.New();
        var now = clock.GetUtcNow();
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        await connection.ExecuteAsync(
            """
            INSERT INTO sessions (token_digest, account, created_at, expires_at) VALUES (@digest, @Id, @now, @expires);
            DELETE FROM sessions WHERE expires_at <= @now
            """,
            new
            {
                digest = SecretTokens.Digest(token),
                account.Id,
                now = now.ToUnixTimeMilliseconds(),
                expires = (now + options.Value.SessionLifetime).ToUnixTimeMilliseconds(),
            },
            transaction);
        var ended = await connection.ExecuteAsync(
            "DELETE FROM sessions WHERE account = @Id AND id NOT IN (SELECT id FROM sessions WHERE account = @Id ORDER BY id DESC LIMIT @kept)",
            new { account.Id, kept = options.Value.SessionsPerAccount },
            transaction);
        if (ended > 0)
        {
            await changes.AddAsync(connection, transaction, new AccountChanged(account.Name));
        }

        await transaction.CommitAsync();
        changes.Announce();
        return token;
    }

    /// <summary>Finds who has signed in with this token, and until when that lasts; null when nobody has, or no longer.</summary>
    public async Task<(Account Account, DateTimeOffset Until)?> FindAsync(string token)
    {
        await using var connection = await database.OpenAsync();
        return await connection.QuerySingleOrDefaultAsync<SessionRow>(
            """
            SELECT accounts.id, name, is_administrator, description, expires_at FROM sessions JOIN accounts ON accounts.id = sessions.account
            WHERE token_digest = @digest AND expires_at > @now
            """,
            new { digest = SecretTokens.Digest(token), now = clock.GetUtcNow().ToUnixTimeMilliseconds() }) is { } row
            ? (row.ToAccount(), DateTimeOffset.FromUnixTimeMilliseconds(row.ExpiresAt))
            : null;
    }

    /// <summary>Ends a session: somebody signs out.</summary>
    public async Task EndAsync(Account account, string token)
    {
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        await connection.ExecuteAsync("DELETE FROM sessions WHERE token_digest = @digest", new { digest = SecretTokens.Digest(token) }, transaction);
        await changes.AddAsync(connection, transaction, new AccountChanged(account.Name));
        await transaction.CommitAsync();
        changes.Announce();
    }

    private sealed class SessionRow : AccountDirectory.AccountRow
    {
        public long ExpiresAt { get; init; }
    }
}
