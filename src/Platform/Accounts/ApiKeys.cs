using Dapper;

using LiveRobot.Platform.Storage;

using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Accounts;

/// <summary>Keys with which an owner's programs change settings (<c>Authorization: Bearer …</c>).</summary>
public sealed class ApiKeys(Database database, IOptions<AccountOptions> options, TimeProvider clock)
{
    /// <summary>The most characters of a key's name.</summary>
    public const int MaxNameLength = 50;

    /// <summary>The last use is stored no more often than this.</summary>
    private static readonly TimeSpan UseResolution = TimeSpan.FromMinutes(1);

    /// <summary>Makes a key. Null when the account has as many as it may.</summary>
    /// <exception cref="ArgumentException">The name is empty, too long or has control characters.</exception>
    public async Task<(ApiKey Key, string Secret)?> AddAsync(Account account, string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > MaxNameLength || name.Any(char.IsControl))
        {
            throw new ArgumentException($"A key's name has 1 to {MaxNameLength} characters.", nameof(name));
        }

        var secret = SecretTokens.New();
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        if (await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM api_keys WHERE account = @Id", account, transaction) >= options.Value.ApiKeysPerAccount)
        {
            return null;
        }

        var id = await connection.ExecuteScalarAsync<long>(
            "INSERT INTO api_keys (account, name, key_digest, created_at) VALUES (@Id, @name, @digest, @now) RETURNING id",
            new { account.Id, name, digest = SecretTokens.Digest(secret), now },
            transaction);
        await transaction.CommitAsync();
        return (new ApiKey(id, name, DateTimeOffset.FromUnixTimeMilliseconds(now), LastUsedAt: null), secret);
    }

    /// <summary>Lists an account's keys, without their secrets, oldest first.</summary>
    public async Task<IReadOnlyList<ApiKey>> ListAsync(Account account)
    {
        await using var connection = await database.OpenAsync();
        var rows = await connection.QueryAsync<(long Id, string Name, long CreatedAt, long? LastUsedAt)>(
            "SELECT id, name, created_at, last_used_at FROM api_keys WHERE account = @Id ORDER BY id", account);
        return
        [
            .. rows.Select(row => new ApiKey(
                row.Id,
                row.Name,
                DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAt),
                row.LastUsedAt is { } used ? DateTimeOffset.FromUnixTimeMilliseconds(used) : null)),
        ];
    }

    /// <summary>Revokes a key. False when the account has no such key.</summary>
    public async Task<bool> RevokeAsync(Account account, long id)
    {
        await using var connection = await database.OpenAsync();
        return await connection.ExecuteAsync("DELETE FROM api_keys WHERE id = @id AND account = @owner", new { id, owner = account.Id }) > 0;
    }

    /// <summary>Finds whose key this is, and notes that it was used; null when it is nobody's, or no longer.</summary>
    public async Task<Account?> FindAsync(string secret)
    {
        var digest = SecretTokens.Digest(secret);
        await using var connection = await database.OpenAsync();
        var account = await connection.QuerySingleOrDefaultAsync<AccountDirectory.AccountRow>(
            """
            SELECT accounts.id, accounts.name, is_administrator, description FROM api_keys JOIN accounts ON accounts.id = api_keys.account
            WHERE key_digest = @digest
            """,
            new { digest });
        if (account is not null)
        {
            var now = clock.GetUtcNow();
            await connection.ExecuteAsync(
                "UPDATE api_keys SET last_used_at = @now WHERE key_digest = @digest AND (last_used_at IS NULL OR last_used_at <= @before)",
                new { digest, now = now.ToUnixTimeMilliseconds(), before = (now - UseResolution).ToUnixTimeMilliseconds() });
        }

        return account?.ToAccount();
    }
}

/// <summary>A key as its owner sees it in a list; its secret was shown once, when it was made.</summary>
public sealed record ApiKey(long Id, string Name, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt);
