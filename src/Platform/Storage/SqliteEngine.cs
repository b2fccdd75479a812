using System.Data.Common;

using Dapper;

using Microsoft.Data.Sqlite;

namespace LiveRobot.Platform.Storage;

/// <summary>The store of one machine: a SQLite file in the data folder.</summary>
internal sealed class SqliteEngine : StoreEngine
{
    private readonly string _connectionString;
    private IDisposable? _inUse;

    static SqliteEngine() => SQLitePCL.Batteries_V2.Init();

    public SqliteEngine(StorageOptions options)
    {
        Place = Directory.CreateDirectory(options.Directory).FullName;
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = FileIn(Place),
            Mode = SqliteOpenMode.ReadWriteCreate,
            ForeignKeys = true,
            DefaultTimeout = 10,
        }.ToString();
    }

    /// <summary>Gets the data folder.</summary>
    public override string Place { get; }

    /// <summary>The path of the store in a data folder.</summary>
    public static string FileIn(string folder) => Path.Combine(folder, "liverobot.db");

    /// <summary>Opens a store's file by itself, for who has it alone or only copies it.</summary>
    public static async Task<SqliteConnection> OpenAsync(string file, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false, DefaultTimeout = 60 }.ToString());
        await connection.OpenAsync();
        return connection;
    }

    public override async Task PrepareAsync()
    {
        _inUse = await StoreLock.ShareAsync(Place);
        await using var connection = await ConnectAsync();

        // Secrets stand in this file: nobody but its user may read it.
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(connection.DataSource, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        // With a write-ahead log, readers of a running server and a command-line writer do not wait for each other.
        await connection.ExecuteAsync("PRAGMA journal_mode = WAL");
    }

    public override async Task<DbConnection> ConnectAsync()
    {
        // SQLite has no asynchronous calls: each keeps its thread until it is done. The caller's may be an event loop,
        // where all other connections would wait.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var connection = new SqliteConnection(_connectionString);
        await connection.OpenAsync();
        return connection;
    }

    public override Task<DbConnection> ConnectForLongAsync() => ConnectAsync();

    /// <remarks>BEGIN IMMEDIATE: whoever comes second waits here, not when it writes.</remarks>
    public override async Task<DbTransaction> BeginAsync(DbConnection connection) => await connection.BeginTransactionAsync();

    public override Task<int> ReadVersionAsync(DbConnection connection, DbTransaction transaction) =>
        connection.ExecuteScalarAsync<int>("PRAGMA user_version", transaction: transaction);

    public override Task WriteVersionAsync(DbConnection connection, DbTransaction transaction, int version) =>
        connection.ExecuteAsync($"PRAGMA user_version = {version}", transaction: transaction);

    public override string In(string column, string parameter) => $"{column} IN {parameter}";

    /// <summary>Lets go of the store, which may then be replaced.</summary>
    public override void Dispose() => _inUse?.Dispose();
}
