using System.Data;
using System.Data.Common;
using System.Globalization;

using Dapper;

using Npgsql;

namespace LiveRobot.Platform.Storage;

/// <summary>The store of many machines: a PostgreSQL database.</summary>
internal sealed class PostgresEngine : StoreEngine
{
    /// <summary>The name under which the server lists connections of this program.</summary>
    public const string ApplicationName = "liverobot";

    /// <summary>
    /// What holds where the connection string says nothing else. An answer is waited for as long as a person waits; where
    /// none comes the connection is given up, without a word to a server that does not listen.
    /// </summary>
    private const string Defaults = "Timeout=5;Command Timeout=5;Cancellation Timeout=-1;Maximum Pool Size=20";

    /// <summary>The advisory lock of whoever writes in a transaction; the number is "LiveRobo" in ASCII.</summary>
    private const long WriterLock = 0x4C697665526F626F;

    private readonly NpgsqlConnectionStringBuilder _settings;
    private readonly NpgsqlDataSource _source;

    /// <param name="applicationName">The name under which the server lists the connections; null: the usual one.</param>
    public PostgresEngine(StorageOptions options, string? applicationName = null)
    {
        _settings = Parse(options);
        _settings.ApplicationName = applicationName ?? ApplicationName;

        // Npgsql's metrics bear that name; without one, the whole connection string.
        _source = new NpgsqlDataSourceBuilder(_settings.ToString()) { Name = ApplicationName }.Build();
        KeepThreadsFree(_settings.MaxPoolSize);
        Place = string.Create(CultureInfo.InvariantCulture, $"{_settings.Host}:{_settings.Port}/{_settings.Database}");
    }

    /// <summary>Gets the server and the database.</summary>
    public override string Place { get; }

    /// <summary>Reads the connection string of the options.</summary>
    /// <exception cref="ArgumentException">It is none. The message may hold the password.</exception>
    public static NpgsqlConnectionStringBuilder Parse(StorageOptions options)
    {
        var settings = new NpgsqlConnectionStringBuilder($"{Defaults};{options.Postgres}") { ApplicationName = ApplicationName };
        if (options.PostgresPassword is { } password)
        {
            settings.Password = password;
        }

        return settings;
    }

    /// <exception cref="StoreException">The server does not answer, refuses, or has a database that would spoil text.</exception>
    public override async Task PrepareAsync()
    {
        try
        {
            await using var connection = await ConnectAsync();
            var suits = await connection.ExecuteScalarAsync<bool>("SELECT current_setting('server_encoding') = 'UTF8' AND lower('I') = 'i'");
            if (!suits)
            {
                throw new StoreException($"The database {Place} is to be made with the encoding UTF8 and the locale C.");
            }
        }
        catch (NpgsqlException exception)
        {
            var reason = exception is PostgresException refused ? refused.MessageText : exception.InnerException?.Message ?? exception.Message;
            throw new StoreException($"The store in PostgreSQL ({Place}) cannot be used: {reason}", exception);
        }
    }

    public override async Task<DbConnection> ConnectAsync() => await _source.OpenConnectionAsync();

    public override async Task<DbConnection> ConnectForLongAsync()
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_settings.ToString()) { CommandTimeout = 0, Pooling = false }.ToString());
        await connection.OpenAsync();
        return connection;
    }

    /// <remarks>
    /// As on SQLite there is one writer, so what is read before it is written stays true. A single statement outside a
    /// transaction does not wait for it. Every statement sees what was committed before it (READ COMMITTED), so none sees
    /// the state before the lock was had. A writer that hangs loses its transaction, and the others go on.
    /// </remarks>
    public override async Task<DbTransaction> BeginAsync(DbConnection connection)
    {
        var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted);
        try
        {
            var patience = ((NpgsqlConnection)connection).CommandTimeout * 1_000;
            await connection.ExecuteAsync(
                $"SET LOCAL idle_in_transaction_session_timeout = {patience}; SET LOCAL lock_timeout = {patience}; SELECT pg_advisory_xact_lock({WriterLock})",
                transaction: transaction);
            return transaction;
        }
        catch
        {
            await transaction.DisposeAsync();
            throw;
        }
    }

    public override async Task<int> ReadVersionAsync(DbConnection connection, DbTransaction transaction)
    {
        await connection.ExecuteAsync(
            "CREATE TABLE IF NOT EXISTS schema_version (version bigint NOT NULL)", transaction: transaction);
        return await connection.ExecuteScalarAsync<int>("SELECT coalesce(max(version), 0) FROM schema_version", transaction: transaction);
    }

    public override Task WriteVersionAsync(DbConnection connection, DbTransaction transaction, int version) =>
        connection.ExecuteAsync("DELETE FROM schema_version; INSERT INTO schema_version (version) VALUES (@version)", new { version }, transaction);

    /// <summary>
    /// Lets each connection block a thread of the pool, and as many as ever be left. Npgsql asks the server to cancel a command
    /// that timed out, and its thread waits for that, for as long again as it takes to give up connecting. The pool by itself
    /// adds threads so slowly that all who need no store, such as a robot that is driven, would wait with it.
    /// </summary>
    private static void KeepThreadsFree(int connections)
    {
        ThreadPool.GetMinThreads(out var workers, out var completions);
        ThreadPool.SetMinThreads(Math.Max(workers, Environment.ProcessorCount + connections), completions);
    }

    public override string In(string column, string parameter) => $"{column} = ANY({parameter})";

    public override void Dispose() => _source.Dispose();
}
