using System.Data.Common;
using System.Net;

using Dapper;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Moderation;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Storage;

using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Bans;

/// <summary>
/// The stored bans. Whoever is banned is cut off within a second: a ban of an account has all ask again who speak in its
/// name (<see cref="AccountChanged"/>), and one of an address all who came from there (<see cref="AddressBanned"/>).
/// </summary>
/// <remarks>
/// An owner is never banned from their own robots, nor an administrator from anything. A ban of an address does not
/// concern who has signed in, nor robots there.
/// </remarks>
public sealed class BanDirectory(Database database, Changes changes, ModerationLog log, IOptions<BanOptions> options, TimeProvider clock)
{
    private const string SelectBan =
        """
        SELECT bans.id, bans.name, bans.account, reason, made_by, made_at, until, robots.handle,
        (SELECT accounts.name FROM accounts WHERE accounts.id = bans.owner) AS owner
        FROM bans LEFT JOIN robots ON robots.id = bans.robot
        """;

    private const string IsOfScope =
        """
        (@kind = 0 AND robot = (SELECT id FROM robots WHERE handle = @subject))
        OR (@kind = 1 AND bans.owner = (SELECT id FROM accounts WHERE name = @subject))
        OR (@kind = 2 AND robot IS NULL AND bans.owner IS NULL)
        """;

    private const string ReachesRobot =
        """
        ((robot IS NULL AND bans.owner IS NULL)
            OR robot = (SELECT id FROM robots WHERE handle = @handle)
            OR bans.owner = (SELECT id FROM accounts WHERE name = @owner))
        """;

    /// <summary>Finds what keeps somebody away from a robot; null when nothing does.</summary>
    /// <param name="robot">The robot.</param>
    /// <param name="caller">Who it is.</param>
    /// <param name="address">Where they come from; counts when they have not signed in.</param>
    public Task<Ban?> FindAsync(Robot robot, Caller caller, IPAddress? address) =>
        caller.Owns(robot)
            ? FindOfSiteAsync(caller, address)
            : FindAsync(
                caller,
                address,
                ReachesRobot,
                robot);

    /// <summary>Finds what keeps somebody away from the whole site; null when nothing does.</summary>
    /// <inheritdoc cref="FindAsync(Robot, Caller, IPAddress)" path="/param"/>
    public Task<Ban?> FindOfSiteAsync(Caller caller, IPAddress? address) =>
        caller.Account?.IsAdministrator == true ? Task.FromResult<Ban?>(null) : FindAsync(caller, address, "robot IS NULL AND bans.owner IS NULL", robot: null);

    /// <summary>Finds who is kept away from a robot now.</summary>
    public async Task<KeptAway> FindKeptAwayAsync(Robot robot)
    {
        await using var connection = await database.OpenAsync();
        var rows = (await connection.QueryAsync<(long? Account, string? Address)>(
            $"SELECT account, address FROM bans WHERE (until IS NULL OR until > @now) AND {ReachesRobot}",
            new { now = Now(), handle = robot.Handle, owner = robot.Owner })).AsList();
        return new KeptAway([.. rows.Select(row => row.Account).OfType<long>()], [.. rows.Select(row => row.Address).OfType<string>()]);
    }

    /// <summary>Lists all that keeps somebody away from anything now.</summary>
    /// <inheritdoc cref="FindAsync(Robot, Caller, IPAddress)" path="/param"/>
    public async Task<IReadOnlyList<Ban>> ListOfAsync(Caller caller, IPAddress? address)
    {
        await using var connection = await database.OpenAsync();
        var rows = await connection.QueryAsync<BanRow>(
            $"{SelectBan} WHERE {IsOf(caller)} AND (until IS NULL OR until > @now)", new { range = BanTarget.RangeOf(address), account = caller.Account?.Id, now = Now() });
        return [.. rows.Select(row => row.ToBan())];
    }

    /// <summary>Tells whether the owner of a robot is banned from the site: then the robot is not let in.</summary>
    public async Task<bool> IsOwnerBannedAsync(string handle)
    {
        await using var connection = await database.OpenAsync();
        return await connection.ExecuteScalarAsync<long>(
            """
            SELECT count(*) FROM bans JOIN accounts ON accounts.id = bans.account JOIN robots ON robots.owner = accounts.name
            WHERE bans.robot IS NULL AND bans.owner IS NULL AND handle = @handle AND is_administrator = 0 AND (until IS NULL OR until > @now)
            """,
            new { handle, now = Now() }) > 0;
    }

    /// <summary>Lists the bans that count now, the newest first.</summary>
    public async Task<IReadOnlyList<Ban>> ListAsync(BanScope scope)
    {
        await using var connection = await database.OpenAsync();
        var rows = await connection.QueryAsync<BanRow>(
            $"{SelectBan} WHERE ({IsOfScope}) AND (until IS NULL OR until > @now) ORDER BY bans.id DESC",
            new { kind = (int)scope.Kind, subject = scope.Subject, now = Now() });
        return [.. rows.Select(row => row.ToBan())];
    }

    /// <summary>Finds who said a line of chat, to a robot that the scope reaches; null when there is no such line, or nobody knows any more.</summary>
    public async Task<BanTarget?> FindAuthorAsync(BanScope scope, string messageId)
    {
        await using var connection = await database.OpenAsync();
        var line = await connection.QuerySingleOrDefaultAsync<AuthorRow>(
            """
            SELECT chat_messages.name, text, anonymous, address FROM chat_messages JOIN robots ON robots.handle = chat_messages.handle
            WHERE message_id = @messageId AND by_robot = 0 AND (@kind = 2 OR (@kind = 0 AND robots.handle = @subject) OR (@kind = 1 AND robots.owner = @subject))
            """,
            new { messageId, kind = (int)scope.Kind, subject = scope.Subject });
        if (line is null)
        {
            return null;
        }

        var author = line.Anonymous == 0 ? await FindAccountAsync(connection, line.Name)
            : line.Address is { } address ? BanTarget.OfAnonymous(line.Name, address)
            : null;
        return author is null ? null : author with { Said = line.Text };
    }

    /// <summary>Finds who has not signed in and was the last of this name to speak to a robot that the scope reaches; null when there is nobody.</summary>
    public async Task<BanTarget?> FindAnonymousAsync(BanScope scope, string name)
    {
        await using var connection = await database.OpenAsync();
        return await connection.QueryFirstOrDefaultAsync<string>(
            """
            SELECT address FROM chat_messages JOIN robots ON robots.handle = chat_messages.handle
            WHERE chat_messages.name = @name AND anonymous = 1 AND address IS NOT NULL
                AND (@kind = 2 OR (@kind = 0 AND robots.handle = @subject) OR (@kind = 1 AND robots.owner = @subject))
            ORDER BY chat_messages.id DESC LIMIT 1
            """,
            new { name, kind = (int)scope.Kind, subject = scope.Subject }) is { } address
            ? BanTarget.OfAnonymous(name, address)
            : null;
    }

    /// <summary>
    /// Bans somebody, in place of an earlier ban of theirs from the same. Gives the ban; null when there are as many as
    /// may be, or when there is no such robot or owner.
    /// </summary>
    /// <param name="duration">How long; null: until it is lifted.</param>
    /// <param name="mayShorten">Whether it also takes the place of one that lasts longer; else that stays, and is given.</param>
    /// <exception cref="ArgumentException">It breaks a rule; the message is for people.</exception>
    public async Task<Ban?> MakeAsync(BanScope scope, BanTarget target, string reason, TimeSpan? duration, string madeBy, bool mayShorten = true)
    {
        Check(scope, target, reason, duration);
        var now = clock.GetUtcNow();
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        if (await PlaceOfAsync(connection, transaction, scope) is not { } place)
        {
            return null;
        }

        if (target.Account is { } account && account.Name == place.OwnerName)
        {
            throw new ArgumentException("Nobody is banned from robots of their own.", nameof(target));
        }

        var parameters = new
        {
            robot = place.Robot,
            owner = place.Owner,
            account = target.Account?.Id,
            address = target.Address,
            name = target.Name,
            reason,
            madeBy,
            madeAt = now.ToUnixTimeMilliseconds(),
            until = duration is { } length ? (now + length).ToUnixTimeMilliseconds() : (long?)null,
            kind = (int)scope.Kind,
            subject = scope.Subject,
        };
        if (!mayShorten && await connection.QueryFirstOrDefaultAsync<BanRow>(
            $"{SelectBan} WHERE ({IsOfScope}) AND (account = @account OR address = @address) AND (until IS NULL OR until > @until)",
            parameters,
            transaction) is { } longer)
        {
            await AppendAsync(longer.ToBan());
            await transaction.CommitAsync();
            return longer.ToBan();
        }

        await connection.ExecuteAsync(
            $"DELETE FROM bans WHERE until <= @madeAt OR (({IsOfScope}) AND (account = @account OR address = @address))", parameters, transaction);
        var count = await connection.ExecuteScalarAsync<long>($"SELECT count(*) FROM bans WHERE {IsOfScope}", parameters, transaction);
        if (count >= options.Value.MaxBans)
        {
            return null;
        }

        var id = await connection.ExecuteScalarAsync<long>(
            """
            INSERT INTO bans (robot, owner, account, address, name, reason, made_by, made_at, until)
            VALUES (@robot, @owner, @account, @address, @name, @reason, @madeBy, @madeAt, @until)
            RETURNING id
            """,
            parameters,
            transaction);
        var ban = new BanRow
        {
            Id = id,
            Name = target.Name,
            Account = parameters.account,
            Reason = reason,
            MadeBy = madeBy,
            MadeAt = parameters.madeAt,
            Until = parameters.until,
            Handle = scope.Kind == BanScopeKind.Robot ? scope.Subject : null,
            Owner = scope.Kind == BanScopeKind.Owner ? scope.Subject : null,
        }.ToBan();
        await AppendAsync(ban);
        await AnnounceAsync(connection, transaction, scope, target);
        await transaction.CommitAsync();
        changes.Announce();
        return ban;

        Task AppendAsync(Ban made) => log.AppendAsync(
            connection,
            transaction,
            scope,
            new ModerationEntry(madeBy, duration is null ? ModerationAction.Ban : ModerationAction.TimeOut, target.Name, target.Said, reason, made.Until));
    }

    /// <summary>Finds a ban that counts now by its number; null when there is none here.</summary>
    public async Task<Ban?> FindAsync(BanScope scope, long id)
    {
        await using var connection = await database.OpenAsync();
        return (await connection.QuerySingleOrDefaultAsync<BanRow>(
            $"{SelectBan} WHERE bans.id = @id AND ({IsOfScope}) AND (until IS NULL OR until > @now)",
            new { id, kind = (int)scope.Kind, subject = scope.Subject, now = Now() }))?.ToBan();
    }

    /// <summary>Lifts a ban. False when there is none of this number here.</summary>
    /// <param name="by">The name of the account that does so.</param>
    public async Task<bool> LiftAsync(BanScope scope, long id, string by)
    {
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        var name = await connection.QuerySingleOrDefaultAsync<string>(
            $"DELETE FROM bans WHERE id = @id AND ({IsOfScope}) RETURNING name", new { id, kind = (int)scope.Kind, subject = scope.Subject }, transaction);
        if (name is null)
        {
            return false;
        }

        await log.AppendAsync(connection, transaction, scope, new ModerationEntry(by, ModerationAction.Lift, name));
        await transaction.CommitAsync();
        return true;
    }

    private void Check(BanScope scope, BanTarget target, string reason, TimeSpan? duration)
    {
        if (reason.Length > options.Value.MaxReasonLength)
        {
            throw new ArgumentException($"reason: at most {options.Value.MaxReasonLength} characters are expected.", nameof(reason));
        }

        if (duration is { } length && (length < TimeSpan.FromSeconds(1) || length > options.Value.MaxDuration))
        {
            throw new ArgumentException(
                FormattableString.Invariant($"seconds: a number from 1 to {options.Value.MaxDuration.TotalSeconds} is expected, or none."), nameof(duration));
        }

        if (target.Account is { IsAdministrator: true })
        {
            throw new ArgumentException($"An administrator is not banned from {(scope.Kind == BanScopeKind.Site ? "the site" : "robots")}.", nameof(target));
        }
    }

    private async Task<Ban?> FindAsync(Caller caller, IPAddress? address, string scopes, Robot? robot)
    {
        await using var connection = await database.OpenAsync();
        return (await connection.QueryFirstOrDefaultAsync<BanRow>(
            $"""
            {SelectBan} WHERE {IsOf(caller)} AND (until IS NULL OR until > @now) AND {scopes}
            ORDER BY CASE WHEN until IS NULL THEN 0 ELSE 1 END, until DESC LIMIT 1
            """,
            new { range = BanTarget.RangeOf(address), account = caller.Account?.Id, now = Now(), handle = robot?.Handle, owner = robot?.Owner }))?.ToBan();
    }

    private static string IsOf(Caller caller) => caller.Account is null ? "address = @range" : "bans.account = @account";

    /// <summary>Has everybody ask again whom the ban concerns. Who is banned from the site takes their own robots along.</summary>
    private async Task AnnounceAsync(DbConnection connection, DbTransaction transaction, BanScope scope, BanTarget target)
    {
        if (target.Account is not { } account)
        {
            await changes.AddAsync(connection, transaction, new AddressBanned(target.Address!));
            return;
        }

        await changes.AddAsync(connection, transaction, new AccountChanged(account.Name));
        if (scope.Kind != BanScopeKind.Site)
        {
            return;
        }

        var cameras = (await connection.QueryAsync<(long CameraId, string Handle)>(
            "SELECT camera_id, handle FROM cameras JOIN robots ON robots.id = cameras.robot WHERE owner = @Name", account, transaction)).AsList();
        foreach (var (cameraId, _) in cameras)
        {
            await changes.AddAsync(connection, transaction, new StreamKeyReplaced((int)cameraId));
        }

        foreach (var handle in cameras.Select(camera => camera.Handle).Distinct())
        {
            await changes.AddAsync(connection, transaction, new RobotAccessChanged(handle));
        }
    }

    /// <summary>Finds the rows that a scope stands for; null when they are not there.</summary>
    private static async Task<Place?> PlaceOfAsync(DbConnection connection, DbTransaction transaction, BanScope scope) => scope.Kind switch
    {
        BanScopeKind.Robot => await connection.QuerySingleOrDefaultAsync<Place>(
            "SELECT id AS robot, CAST(NULL AS bigint) AS owner, owner AS owner_name FROM robots WHERE handle = @Subject", scope, transaction),
        BanScopeKind.Owner => await connection.QuerySingleOrDefaultAsync<Place>(
            "SELECT CAST(NULL AS bigint) AS robot, id AS owner, name AS owner_name FROM accounts WHERE name = @Subject", scope, transaction),
        _ => new Place(),
    };

    private static async Task<BanTarget?> FindAccountAsync(DbConnection connection, string name) =>
        (await connection.QuerySingleOrDefaultAsync<AccountDirectory.AccountRow>(
            "SELECT id, name, is_administrator, description FROM accounts WHERE name = @name", new { name })) is { } row
            ? BanTarget.Of(row.ToAccount())
            : null;

    private long Now() => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed class Place
    {
        public long? Robot { get; init; }

        public long? Owner { get; init; }

        public string? OwnerName { get; init; }
    }

    private sealed class AuthorRow
    {
        public required string Name { get; init; }

        public required string Text { get; init; }

        public long Anonymous { get; init; }

        public string? Address { get; init; }
    }

    private sealed class BanRow
    {
        public long Id { get; init; }

        public required string Name { get; init; }

        public long? Account { get; init; }

        public required string Reason { get; init; }

        public required string MadeBy { get; init; }

        public long MadeAt { get; init; }

        public long? Until { get; init; }

        public string? Handle { get; init; }

        public string? Owner { get; init; }

        public Ban ToBan() => new(
            Id,
            Handle is not null ? BanScope.OfRobot(Handle) : Owner is not null ? BanScope.OfOwner(Owner) : BanScope.Site,
            Name,
            Account is not null,
            Reason,
            MadeBy,
            DateTimeOffset.FromUnixTimeMilliseconds(MadeAt),
            Until is { } until ? DateTimeOffset.FromUnixTimeMilliseconds(until) : null);
    }
}
