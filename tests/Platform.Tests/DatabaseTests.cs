using Dapper;

using LiveRobot.Platform.Storage;
using LiveRobot.Testing;

using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Tests;

public sealed class DatabaseTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Database _database;

    public DatabaseTests() => _database = new Database(Options.Create(new StorageOptions { Directory = _folder.Path }));

    public void Dispose()
    {
        _database.Dispose();
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    /// <summary>The caller may be an event loop, where all other connections would wait.</summary>
    [Fact]
    public async Task OpenAsync_OfAStoreThatIsLocked_ReturnsBeforeTheStoreAnswers()
    {
        await using var other = new SqliteConnection($"Data Source={SqliteEngine.FileIn(_folder.Path)};Pooling=False");
        await other.OpenAsync();
        await other.ExecuteAsync("BEGIN EXCLUSIVE");

        var opening = _database.OpenAsync();

        Assert.False(opening.IsCompleted);
        await other.ExecuteAsync("ROLLBACK");
        await using var connection = await opening;
    }

    /// <summary>What is acknowledged is on the disk: the write-ahead log is flushed at every commit (SQLite's FULL).</summary>
    [Fact]
    public async Task OpenAsync_EveryConnection_FlushesAtCommit()
    {
        await using var connection = await _database.OpenAsync();

        Assert.Equal("wal", await connection.ExecuteScalarAsync<string>("PRAGMA journal_mode"));
        Assert.Equal(2, await connection.ExecuteScalarAsync<int>("PRAGMA synchronous"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task MasterKeyAsync_SeveralAtOnceOnOneFile_MigrateItOnce(bool isOld)
    {
        if (isOld)
        {
            await using var old = new SqliteConnection($"Data Source={SqliteEngine.FileIn(_folder.Path)};Pooling=False");
            await old.OpenAsync();
            await using var transaction = await old.BeginTransactionAsync();
            await Schema.Migrations[0](old, transaction, new StorageOptions());
            await old.ExecuteAsync(
                """
                PRAGMA user_version = 1;
                INSERT INTO robots (id, robot_id, handle, name, owner, created_at) VALUES (3, '12345678901234567890', 'rover', 'Rover', 'alice', 0);
                """,
                transaction: transaction);
            await transaction.CommitAsync();
        }

        var databases = Enumerable.Range(0, 8).Select(_ => new Database(Options.Create(new StorageOptions { Directory = _folder.Path }))).ToArray();
        var keys = await Task.WhenAll(databases.Select(database => Task.Run(database.MasterKeyAsync)));

        Assert.Single(keys.Select(key => Convert.ToHexString(key.Derive("test"))).Distinct());
        await using var connection = await _database.OpenAsync();
        Assert.Equal(isOld ? 1 : 0, await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM robots"));
        Assert.Equal(isOld ? 1 : 0, await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM accounts"));
        Array.ForEach(databases, database => database.Dispose());
    }
}
