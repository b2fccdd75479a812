using System.Data.Common;

using Dapper;

using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Storage;

/// <summary>The durable store: one SQLite file in the data folder.</summary>
public sealed class Database : IDisposable
{
    private readonly string _folder;
    private readonly string _connectionString;
    private readonly StorageOptions _options;
    private readonly Lazy<Task<MasterKey>> _migrated;
    private IDisposable? _inUse;

    static Database()
    {
        SQLitePCL.Batteries_V2.Init();
        DefaultTypeMap.MatchNamesWithUnderscores = true;
    }

    public Database(IOptions<StorageOptions> options)
    {
        _options = options.Value;
        _folder = Directory.CreateDirectory(_options.Directory).FullName;
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = FileIn(_folder),
            Mode = SqliteOpenMode.ReadWriteCreate,
            ForeignKeys = true,
            DefaultTimeout = 10,
        }.ToString();

        // From the first step off the caller's thread: where an await finds its task done, what follows would run on it.
        _migrated = new Lazy<Task<MasterKey>>(() => Task.Run(MigrateAsync));
    }

    /// <summary>Opens a connection to the store, whose tables are there. The caller disposes of it.</summary>
    /// <remarks>SQLite's asynchronous calls are not: they run on the thread pool, so that an event loop does not wait for the disk.</remarks>
    public async Task<DbConnection> OpenAsync()
    {
        await _migrated.Value.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        return await ConnectAsync();
    }

    /// <summary>Lets go of the store, which may then be replaced.</summary>
    public void Dispose() => _inUse?.Dispose();

    /// <summary>The path of the store in a data folder.</summary>
    internal static string FileIn(string folder) => Path.Combine(folder, "liverobot.db");

    /// <summary>Readies the library for those who open a store on their own.</summary>
    internal static void Initialize()
    {
        // The static constructor has done it.
    }

    /// <summary>Gets the store's master key.</summary>
    public Task<MasterKey> MasterKeyAsync() => _migrated.Value;

    private async Task<SqliteConnection> ConnectAsync()
    {
        // SQLite has no asynchronous calls: each keeps its thread until it is done. The caller's may be an event loop,
        // where all other connections would wait.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var connection = new SqliteConnection(_connectionString);
        await connection.OpenAsync();
        return connection;
    }

    private async Task<MasterKey> MigrateAsync()
    {
        _inUse = await StoreLock.ShareAsync(_folder);
        await using var connection = await ConnectAsync();

        // Secrets stand in this file: nobody but its user may read it.
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(connection.DataSource, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        // With a write-ahead log, readers of a running server and a command-line writer do not wait for each other.
        await connection.ExecuteAsync("PRAGMA journal_mode = WAL");

        // The transaction is the lock: of processes that start at once, one does all steps and the others find them done.
        await using var transaction = await connection.BeginTransactionAsync();
        var version = await connection.ExecuteScalarAsync<int>("PRAGMA user_version", transaction: transaction);
        Schema.CheckVersion(version, _folder);
        for (; version < Schema.Migrations.Count; version++)
        {
            await Schema.Migrations[version](connection, transaction, _options);
            await connection.ExecuteAsync($"PRAGMA user_version = {version + 1}", transaction: transaction);
        }

        var masterKey = await MasterKey.LoadAsync(connection, transaction, _options);
        await transaction.CommitAsync();
        return masterKey;
    }
}
