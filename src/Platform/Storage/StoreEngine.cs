using System.Data.Common;

namespace LiveRobot.Platform.Storage;

/// <summary>
/// What differs between the two kinds of store. Everything else is said in SQL that both understand, on tables of the
/// same names and columns: numbers and flags (0 and 1) are 64-bit integers, times are Unix milliseconds, and text is
/// compared by its bytes.
/// </summary>
internal abstract class StoreEngine : IDisposable
{
    /// <summary>Makes the engine that the options ask for.</summary>
    public static StoreEngine Of(StorageOptions options) => options.Postgres is null ? new SqliteEngine(options) : new PostgresEngine(options);

    /// <summary>Gets where the store is, for people; without secrets.</summary>
    public abstract string Place { get; }

    /// <summary>Begins to use the store, whose tables may not be there yet.</summary>
    /// <exception cref="StoreException">It cannot be used.</exception>
    public abstract Task PrepareAsync();

    /// <summary>Opens a connection for a request, whose answers are waited for so long and no longer.</summary>
    public abstract Task<DbConnection> ConnectAsync();

    /// <summary>Opens a connection for long work, such as new tables.</summary>
    public abstract Task<DbConnection> ConnectForLongAsync();

    /// <summary>Begins a transaction that writes. One at a time has the store: it sees all that those before it have written.</summary>
    public abstract Task<DbTransaction> BeginAsync(DbConnection connection);

    /// <summary>Reads how many steps of the schema were made.</summary>
    public abstract Task<int> ReadVersionAsync(DbConnection connection, DbTransaction transaction);

    /// <summary>Writes how many steps of the schema were made.</summary>
    public abstract Task WriteVersionAsync(DbConnection connection, DbTransaction transaction, int version);

    /// <summary>Writes that a column has one of the values of a parameter, which is an array.</summary>
    public abstract string In(string column, string parameter);

    public abstract void Dispose();
}
