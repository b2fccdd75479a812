using System.Net;
using System.Security.Cryptography;

using Dapper;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Identity;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Storage;
using LiveRobot.Testing;

using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Tests;

/// <summary>An installation that moves from SQLite to PostgreSQL.</summary>
public sealed class StoreCopyTests : IDisposable
{
    private const string Password = "correct horse";

    private readonly TestStore _old = new(StoreKind.Sqlite);
    private readonly TestStore _new = new(StoreKind.Postgres);

    public void Dispose()
    {
        _old.Dispose();
        _new.Dispose();
    }

    [Fact]
    public async Task Robots_and_people_keep_what_opens_them()
    {
        Robot robot;
        string streamKey, session, token, name;
        using (var database = _old.Open())
        {
            var alice = (await Accounts(database).CreateAsync("alice", Password))!;
            session = await Sessions(database).BeginAsync(alice);
            robot = await Robots(database).AddAsync("Rover 🤖", "alice");
            streamKey = await Robots(database).StreamKeyAsync(robot.Cameras[0].CameraId);
            token = await Tokens(database).IssueAsync(robot.Handle, TimeSpan.FromDays(1));
            name = await new AnonymousNames(database).NameAsync(IPAddress.Loopback, "test");
        }

        await CopyAsync();

        using var copy = _new.Open();
        var copied = (await Robots(copy).FindByRobotIdAsync(robot.RobotId))!;
        Assert.Equal((robot.Handle, robot.Name, robot.Owner), (copied.Handle, copied.Name, copied.Owner));
        Assert.Equal(robot.Cameras[0], await Robots(copy).FindCameraByStreamKeyAsync(streamKey));
        Assert.Equal(streamKey, await Robots(copy).StreamKeyAsync(robot.Cameras[0].CameraId));
        Assert.NotNull(await Accounts(copy).VerifyAsync("alice", Password));
        Assert.Equal("alice", (await Sessions(copy).FindAsync(session))?.Account.Name);
        Assert.True(await Tokens(copy).IsValidAsync(robot.Handle, token));
        Assert.Equal(name, await new AnonymousNames(copy).NameAsync(IPAddress.Loopback, "test"));
    }

    /// <summary>Each table gets a row with a value in each column, where the schema lets it have one; so no table and no column can be forgotten.</summary>
    [Fact]
    public async Task Every_value_of_every_table_arrives()
    {
        string[] tables;
        using (var database = _old.Open())
        {
            await using var connection = await database.OpenAsync();
            await connection.ExecuteAsync(
                """
                INSERT INTO accounts (id, name, skeleton, created_at) VALUES (5, 'alice', 'alice', 1);
                INSERT INTO robots (id, robot_id_digest, sealed_robot_id, handle, name, owner, created_at) VALUES (7, 'd', x'00ff', 'rover', 'Rover', 'alice', 2);
                """);
            tables = [.. await connection.QueryAsync<string>(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT IN ('changes', 'accounts', 'robots')")];
            foreach (var table in tables)
            {
                var columns = (await connection.QueryAsync<(string Name, string Type)>("SELECT name, type FROM pragma_table_info(@table)", new { table })).AsList();
                var values = columns.Select(column => (column.Name, column.Type) switch
                {
                    ("robot", _) => "7",
                    ("account" or "owner", "INTEGER") => "5",
                    (_, "INTEGER") => "9007199254740993",
                    (_, "BLOB") => "x'00ff01'",
                    _ => "'größer'",
                });
                await connection.ExecuteAsync($"INSERT INTO {table} ({string.Join(", ", columns.Select(column => column.Name))}) VALUES ({string.Join(", ", values)})");
            }
        }

        var before = await RowsAsync(_old, tables);
        var counts = await CopyAsync();

        Assert.Equal(before, await RowsAsync(_new, tables));
        Assert.Equal(["accounts", "robots", .. tables], counts.Keys.Order(StringComparer.Ordinal).OrderBy(table => tables.Contains(table)).ThenBy(table => Array.IndexOf(tables, table)));
        Assert.All(counts.Values, count => Assert.True(count > 0));
    }

    [Fact]
    public async Task The_next_camera_has_a_number_that_none_had_before()
    {
        using (var database = _old.Open())
        {
            var robots = Robots(database);
            await robots.AddAsync("First", "alice");
            await robots.AddAsync("Second", "alice");
            await robots.DeleteAsync("second");
        }

        await CopyAsync();

        using var copy = _new.Open();
        Assert.Equal(3, (await Robots(copy).AddAsync("Third", "alice")).Cameras[0].CameraId);
    }

    [Fact]
    public async Task Into_a_database_that_has_anything_nothing_is_copied()
    {
        using (var database = _old.Open())
        {
            await Robots(database).AddAsync("Rover", "alice");
        }

        using (var database = _new.Open())
        {
            await Accounts(database).CreateAsync("bob", Password);
        }

        var refused = await Assert.ThrowsAsync<StoreException>(CopyAsync);

        Assert.Contains("is not empty: accounts has 1 rows", refused.Message, StringComparison.Ordinal);
        using var untouched = _new.Open();
        Assert.Equal(["bob"], (await Accounts(untouched).ListAsync()).Select(account => account.Name));
        Assert.Empty(await Robots(untouched).ListAsync());
    }

    [Fact]
    public async Task Neither_store_may_be_in_use()
    {
        using (var database = _old.Open())
        {
            await Robots(database).AddAsync("Rover", "alice");
            Assert.Contains("Stop it first", (await Assert.ThrowsAsync<StoreException>(CopyAsync)).Message, StringComparison.Ordinal);
        }

        using (var database = _new.Open())
        {
            Assert.Empty(await Robots(database).ListAsync());
            Assert.Contains("Stop it first", (await Assert.ThrowsAsync<StoreException>(CopyAsync)).Message, StringComparison.Ordinal);
        }

        await CopyAsync();
    }

    [Fact]
    public async Task The_settings_must_have_the_master_key_of_the_store()
    {
        var masterKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        var options = _old.NewOptions();
        options.MasterKey = masterKey;
        string robotId;
        using (var database = new Database(Options.Create(options)))
        {
            robotId = (await Robots(database).AddAsync("Rover", "alice")).RobotId;
        }

        var target = new StorageOptions { Directory = options.Directory, Postgres = PostgresServer.Shared.CreateDatabase() };
        await Assert.ThrowsAsync<OptionsValidationException>(() => StoreCopy.ToPostgresAsync(target));
        target.MasterKey = masterKey;
        await StoreCopy.ToPostgresAsync(target);

        using var copy = new Database(Options.Create(target));
        Assert.NotNull(await Robots(copy).FindByRobotIdAsync(robotId));
    }

    [Fact]
    public async Task There_must_be_something_to_copy_and_somewhere_to_copy_it_to()
    {
        Assert.Contains("There is no store in", (await Assert.ThrowsAsync<StoreException>(CopyAsync)).Message, StringComparison.Ordinal);

        var nowhere = await Assert.ThrowsAsync<StoreException>(() => StoreCopy.ToPostgresAsync(_old.NewOptions()));
        Assert.Contains("Storage:Postgres", nowhere.Message, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyDictionary<string, long>> CopyAsync()
    {
        var options = _old.NewOptions();
        options.Postgres = _new.NewOptions().Postgres;
        return await StoreCopy.ToPostgresAsync(options);
    }

    private static async Task<IReadOnlyList<string>> RowsAsync(TestStore store, IEnumerable<string> tables)
    {
        using var database = store.Open();
        await using var connection = await database.OpenAsync();
        var rows = new List<string>();
        foreach (var table in tables.Append("accounts").Append("robots"))
        {
            foreach (IDictionary<string, object?> row in await connection.QueryAsync($"SELECT * FROM {table} ORDER BY 1"))
            {
                var values = row.OrderBy(column => column.Key, StringComparer.Ordinal)
                    .Select(column => $"{column.Key}={(column.Value is byte[] bytes ? Convert.ToHexString(bytes) : column.Value)}");
                rows.Add($"{table}: {string.Join(", ", values)}");
            }
        }

        return rows;
    }

    private static RobotDirectory Robots(Database database) => new(database, new Changes(TimeProvider.System), Options.Create(new ClusterOptions()), TimeProvider.System);

    private static ViewingTokens Tokens(Database database) => new(database, new Changes(TimeProvider.System), TimeProvider.System);

    private static AccountDirectory Accounts(Database database) => new(
        database, new PasswordHasher<Account>(), Options.Create(new AccountOptions()), new Changes(TimeProvider.System), TimeProvider.System);

    private static Sessions Sessions(Database database) => new(
        database, Options.Create(new AccountOptions()), new Changes(TimeProvider.System), TimeProvider.System);
}
