using Dapper;

using LiveRobot.Platform.Storage;

namespace LiveRobot.Platform.Accounts;

/// <summary>The accounts of the site, as its administrators look through them.</summary>
public sealed class AccountList(Database database, TimeProvider clock)
{
    /// <summary>Finds accounts with a text in their name, those that were made last first.</summary>
    /// <param name="sought">The text; null or empty: all.</param>
    /// <param name="before">Where the part before has ended; null: begin.</param>
    public async Task<Page<ListedAccount>> SearchAsync(string? sought, long? before)
    {
        await using var connection = await database.OpenAsync();
        var rows = await connection.QueryAsync<Row>(
            """
            SELECT accounts.id, accounts.name, is_administrator, created_at,
                (SELECT max(created_at) FROM sessions WHERE sessions.account = accounts.id) AS signed_in_at,
                (SELECT count(*) FROM robots WHERE robots.owner = accounts.name) AS robots,
                bans.id AS ban, reason, until
            FROM accounts
            LEFT JOIN bans ON bans.account = accounts.id AND bans.robot IS NULL AND bans.owner IS NULL AND (until IS NULL OR until > @now)
            WHERE lower(accounts.name) LIKE @pattern ESCAPE '\' AND (@before IS NULL OR accounts.id < @before)
            ORDER BY accounts.id DESC LIMIT @limit
            """,
            new { now = clock.GetUtcNow().ToUnixTimeMilliseconds(), pattern = Page.Pattern(sought), before, limit = Page.Size + 1 });
        return Page.Of([.. rows.Select(row => row.ToAccount())], (ListedAccount account) => account.Id);
    }

    private sealed class Row
    {
        public long Id { get; init; }

        public required string Name { get; init; }

        public long IsAdministrator { get; init; }

        public long CreatedAt { get; init; }

        public long? SignedInAt { get; init; }

        public long Robots { get; init; }

        public long? Ban { get; init; }

        public string? Reason { get; init; }

        public long? Until { get; init; }

        public ListedAccount ToAccount() => new(
            Id,
            Name,
            IsAdministrator != 0,
            DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
            SignedInAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null,
            (int)Robots,
            Ban is { } ban ? new(ban, Reason!, Until is { } until ? DateTimeOffset.FromUnixTimeMilliseconds(until) : null) : null);
    }
}

/// <summary>An account in the list of an administrator.</summary>
/// <param name="Id">The number in the store.</param>
/// <param name="Name">The name.</param>
/// <param name="IsAdministrator">Whether it may do everything on this site.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="SignedInAt">When the newest sign-in that still lasts began; null: there is none.</param>
/// <param name="Robots">How many robots it has.</param>
/// <param name="Ban">What keeps it away from the site; null: nothing.</param>
public sealed record ListedAccount(
    long Id, string Name, bool IsAdministrator, DateTimeOffset CreatedAt, DateTimeOffset? SignedInAt, int Robots, ListedBan? Ban);

/// <summary>A ban from the site, in short.</summary>
/// <param name="Id">The number by which it is lifted.</param>
/// <param name="Reason">Why; may be empty.</param>
/// <param name="Until">When it ends by itself; null: when it is lifted.</param>
public sealed record ListedBan(long Id, string Reason, DateTimeOffset? Until);
