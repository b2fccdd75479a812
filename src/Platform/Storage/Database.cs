using System.Data.Common;

using Dapper;

using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Storage;

/// <summary>The durable store: a SQLite file in the data folder, or a PostgreSQL database.</summary>
public sealed class Database : IDisposable
{
    private readonly StorageOptions _options;
    private readonly StoreEngine _engine;
    private readonly Lazy<Task<MasterKey>> _migrated;

    static Database()
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        StoredText.Register();
    }

    public Database(IOptions<StorageOptions> options)
    {
        _options = options.Value;
        _engine = StoreEngine.Of(_options);

        // From the first step off the caller's thread: where an await finds its task done, what follows would run on it.
        _migrated = new Lazy<Task<MasterKey>>(() => Task.Run(MigrateAsync));
    }

    /// <summary>Opens a connection to the store, whose tables are there. The caller disposes of it, and opens no other before.</summary>
    /// <remarks>SQLite's asynchronous calls are not: they run on the thread pool, so that an event loop does not wait for the disk.</remarks>
    public async Task<DbConnection> OpenAsync()
    {
        await _migrated.Value.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        return await _engine.ConnectAsync();
    }

    /// <summary>Begins a transaction that writes. One at a time has the store: it sees all that those before it have written.</summary>
    public Task<DbTransaction> BeginAsync(DbConnection connection) => _engine.BeginAsync(connection);

    /// <summary>Lets go of the store.</summary>
    public void Dispose() => _engine.Dispose();

    /// <summary>Gets the store's master key.</summary>
    public Task<MasterKey> MasterKeyAsync() => _migrated.Value;

    /// <summary>Writes, in SQL, that a column has one of the values of a parameter (<c>@name</c>), which is an array.</summary>
    public string In(string column, string parameter) => _engine.In(column, parameter);

    private async Task<MasterKey> MigrateAsync()
    {
        await _engine.PrepareAsync();
        await using var connection = await _engine.ConnectForLongAsync();

        // The transaction is the lock: of processes that start at once, one does all steps and the others find them done.
        await using var transaction = await _engine.BeginAsync(connection);
        var version = await _engine.ReadVersionAsync(connection, transaction);
        Schema.CheckVersion(version, _engine.Place);
        foreach (var migrate in Schema.Migrations.Skip(version))
        {
            await migrate(connection, transaction, _options);
        }

        if (version < Schema.Migrations.Count)
        {
            await _engine.WriteVersionAsync(connection, transaction, Schema.Migrations.Count);
        }

        var masterKey = await MasterKey.LoadAsync(connection, transaction, _options);
        await transaction.CommitAsync();
        return masterKey;
    }
}
