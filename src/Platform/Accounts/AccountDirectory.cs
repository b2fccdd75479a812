using System.Data.Common;

using Dapper;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Storage;

using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Accounts;

/// <summary>The stored accounts and their passwords.</summary>
public sealed class AccountDirectory(
    Database database, IPasswordHasher<Account> hasher, IOptions<AccountOptions> options, Changes changes, TimeProvider clock)
{
    /// <summary>The most characters of a password: nobody makes the server hash a megabyte.</summary>
    public const int MaxPasswordLength = 256;

    /// <summary>The most characters of the text about themselves.</summary>
    public const int MaxDescriptionLength = 1_000;

    private const string Columns = "id, name, is_administrator, description";

    private static readonly Account Nobody = new(0, "nobody", false, "");

    /// <summary>What a password is checked against when there is no account: it takes as long, and never fits.</summary>
    private readonly Lazy<string> _nobodysHash = new(() => hasher.HashPassword(Nobody, SecretTokens.New()));

    /// <summary>Tells what is wrong with a new password, in a sentence for people; null when it will do.</summary>
    public string? CheckPassword(string? password, string name) =>
        password is null || password.Length < options.Value.MinPasswordLength || password.Length > MaxPasswordLength
            ? $"A password has {options.Value.MinPasswordLength} to {MaxPasswordLength} characters."
            : string.Equals(password, name, StringComparison.OrdinalIgnoreCase) ? "The name is no password." : null;

    /// <summary>Finds an account by its name. Case does not count; a look-alike is another name.</summary>
    public async Task<Account?> FindAsync(string name)
    {
        await using var connection = await database.OpenAsync();
        return await FindAsync(connection, null, name);
    }

    /// <summary>Lists all accounts by name.</summary>
    public async Task<IReadOnlyList<Account>> ListAsync()
    {
        await using var connection = await database.OpenAsync();
        return [.. (await connection.QueryAsync<AccountRow>($"SELECT {Columns} FROM accounts ORDER BY lower(name)")).Select(row => row.ToAccount())];
    }

    /// <summary>
    /// Makes an account. Null when its name, or one that looks like it, belongs to another or once did. Without a
    /// password nobody can sign in until it is given one.
    /// </summary>
    /// <exception cref="ArgumentException">The name or the password breaks a rule; the message is for people.</exception>
    public async Task<Account?> CreateAsync(string name, string? password, bool isAdministrator = false)
    {
        var hash = password is null ? null : HashNew(password, name);
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        var account = await CreateAsync(connection, transaction, name, hash, isAdministrator, clock.GetUtcNow());
        await transaction.CommitAsync();
        return account;
    }

    /// <summary>Checks a name and a password. Null when they do not fit, whichever of them is wrong, and after the same work.</summary>
    public async Task<Account?> VerifyAsync(string name, string password)
    {
        await using var connection = await database.OpenAsync();
        var account = await FindAsync(connection, null, name);
        var hash = account is null
            ? null
            : await connection.QuerySingleAsync<string?>("SELECT password_hash FROM accounts WHERE id = @Id", account);
        var result = hasher.VerifyHashedPassword(account ?? Nobody, hash ?? _nobodysHash.Value, password);
        if (account is null || hash is null || result == PasswordVerificationResult.Failed)
        {
            return null;
        }

        if (result == PasswordVerificationResult.SuccessRehashNeeded)
        {
            await connection.ExecuteAsync(
                "UPDATE accounts SET password_hash = @newHash WHERE id = @Id AND password_hash = @hash",
                new { account.Id, hash, newHash = hasher.HashPassword(account, password) });
        }

        return account;
    }

    /// <summary>Gives an account a new password. Every sign-in ends, but for the one named.</summary>
    /// <param name="keptSession">The token of the session in which the password is changed; null: none is kept.</param>
    /// <exception cref="ArgumentException">The password breaks a rule; the message is for people.</exception>
    public async Task SetPasswordAsync(Account account, string password, string? keptSession)
    {
        var hash = HashNew(password, account.Name);
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        await connection.ExecuteAsync("UPDATE accounts SET password_hash = @hash WHERE id = @Id", new { account.Id, hash }, transaction);
        await connection.ExecuteAsync(
            "DELETE FROM sessions WHERE account = @Id AND token_digest <> @kept",
            new { account.Id, kept = SecretTokens.Digest(keptSession ?? "") },
            transaction);
        await changes.AddAsync(connection, transaction, new AccountChanged(account.Name));
        await transaction.CommitAsync();
        changes.Announce();
    }

    /// <summary>Changes the text that an account's owner has written about themselves.</summary>
    /// <exception cref="ArgumentException">It is too long.</exception>
    public async Task SetDescriptionAsync(Account account, string description)
    {
        if (description.Length > MaxDescriptionLength)
        {
            throw new ArgumentException($"The text has at most {MaxDescriptionLength} characters.", nameof(description));
        }

        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync("UPDATE accounts SET description = @description WHERE id = @Id", new { account.Id, description });
    }

    /// <summary>Makes an account an administrator, or takes that from it. False when it is the last one, or is not there.</summary>
    public async Task<bool> SetAdministratorAsync(Account account, bool isAdministrator)
    {
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        var changed = await connection.ExecuteAsync(
            """
            UPDATE accounts SET is_administrator = @administrator
            WHERE id = @Id AND (@administrator = 1 OR EXISTS (SELECT 1 FROM accounts others WHERE others.is_administrator = 1 AND others.id <> @Id))
            """,
            new { account.Id, administrator = isAdministrator ? 1 : 0 },
            transaction);
        await changes.AddAsync(connection, transaction, new AccountChanged(account.Name));
        await transaction.CommitAsync();
        changes.Announce();
        return changed > 0;
    }

    /// <summary>Deletes an account with its robots, sessions and API keys. Its name is not given to anybody again.</summary>
    public async Task DeleteAsync(Account account)
    {
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        await connection.ExecuteAsync(
            "INSERT INTO retired_names (skeleton) VALUES (@skeleton) ON CONFLICT (skeleton) DO NOTHING",
            new { skeleton = AccountNames.Skeleton(account.Name) },
            transaction);
        foreach (var handle in await connection.QueryAsync<string>("SELECT handle FROM robots WHERE owner = @Name", account, transaction))
        {
            await RobotDirectory.DeleteAsync(connection, transaction, changes, handle);
        }

        await connection.ExecuteAsync("DELETE FROM accounts WHERE id = @Id", account, transaction);
        await changes.AddAsync(connection, transaction, new AccountChanged(account.Name));
        await transaction.CommitAsync();
        changes.Announce();
    }

    /// <summary>
    /// Finds the account that is to own a robot which the command line adds, or makes it without a password: until
    /// <c>accounts reset</c> nobody can sign in to it, and nobody else can take the name.
    /// </summary>
    /// <exception cref="ArgumentException">The name breaks a rule, or looks like another's; the message is for people.</exception>
    internal static async Task<Account> OwnerAsync(DbConnection connection, DbTransaction transaction, string name, DateTimeOffset now) =>
        await FindAsync(connection, transaction, name)
        ?? await CreateAsync(connection, transaction, name, hash: null, isAdministrator: false, now)
        ?? throw new ArgumentException($"The name {name} looks like another's, or was another's once.", nameof(name));

    private static async Task<Account?> FindAsync(DbConnection connection, DbTransaction? transaction, string name) =>
        (await connection.QuerySingleOrDefaultAsync<AccountRow>(
            $"SELECT {Columns} FROM accounts WHERE lower(name) = lower(@name)", new { name }, transaction))?.ToAccount();

    private static async Task<Account?> CreateAsync(
        DbConnection connection, DbTransaction transaction, string name, string? hash, bool isAdministrator, DateTimeOffset now)
    {
        if (AccountNames.Check(name) is { } error)
        {
            throw new ArgumentException(error, nameof(name));
        }

        var skeleton = AccountNames.Skeleton(name);
        if (await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM retired_names WHERE skeleton = @skeleton", new { skeleton }, transaction) > 0)
        {
            return null;
        }

        var added = await connection.ExecuteAsync(
            """
            INSERT INTO accounts (name, skeleton, password_hash, is_administrator, created_at)
            VALUES (@name, @skeleton, @hash, @administrator, @now) ON CONFLICT DO NOTHING
            """,
            new { name, skeleton, hash, administrator = isAdministrator ? 1 : 0, now = now.ToUnixTimeMilliseconds() },
            transaction);
        return added == 0 ? null : await FindAsync(connection, transaction, name);
    }

    private string HashNew(string password, string name) =>
        CheckPassword(password, name) is { } error
            ? throw new ArgumentException(error, nameof(password))
            : hasher.HashPassword(Nobody, password);

    internal class AccountRow
    {
        public long Id { get; init; }

        public required string Name { get; init; }

        public long IsAdministrator { get; init; }

        public required string Description { get; init; }

        public Account ToAccount() => new(Id, Name, IsAdministrator != 0, Description);
    }
}
