using System.Data.Common;

using Dapper;

using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

using Npgsql;

using NpgsqlTypes;

namespace LiveRobot.Platform.Storage;

/// <summary>
/// Moves an installation to PostgreSQL: every row of the SQLite store in the data folder goes to an empty database. The
/// master key goes with them, so that robot-ids, stream keys, passwords and sign-ins are what they were.
/// </summary>
public static class StoreCopy
{
    /// <summary>News for processes that run. None does, and those that start read everything anyway.</summary>
    private const string News = "changes";

    /// <summary>The rest of a database that a server once ran on and where nobody made anything.</summary>
    private static readonly string[] Dispensable = [News, "secrets"];

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Copies the store of <see cref="StorageOptions.Directory"/> to <see cref="StorageOptions.Postgres"/>, all of it or nothing.</summary>
    /// <returns>How many rows each table has, as counted in both.</returns>
    /// <exception cref="StoreException">There is no store, one of the two is in use, or the database is not empty or cannot be used.</exception>
    /// <exception cref="OptionsValidationException">The store was made with another master key than the options have.</exception>
    public static async Task<IReadOnlyDictionary<string, long>> ToPostgresAsync(StorageOptions options)
    {
        if (options.Postgres is null)
        {
            throw new StoreException("Storage:Postgres does not say where to copy to.");
        }

        var file = SqliteEngine.FileIn(options.Directory);
        if (!File.Exists(file))
        {
            throw new StoreException($"There is no store in {options.Directory}.");
        }

        await ReadyAsync(new StorageOptions { Directory = options.Directory, MasterKey = options.MasterKey });
        using var alone = await StoreLock.TakeAloneAsync(options.Directory);
        await ReadyAsync(options);
        await using var from = await SqliteEngine.OpenAsync(file, SqliteOpenMode.ReadOnly);
        using var engine = new PostgresEngine(options, "liverobot copy");
        await using var to = (NpgsqlConnection)await engine.ConnectForLongAsync();
        await CheckUnusedAsync(to, engine.Place);
        await using var transaction = await engine.BeginAsync(to);
        var tables = await TablesAsync(from);
        await CheckEmptyAsync(to, tables, engine.Place);
        await to.ExecuteAsync("DELETE FROM secrets");
        foreach (var table in tables)
        {
            await CopyAsync(from, to, table);
        }

        await ContinueNumbersAsync(from, to);
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in tables)
        {
            counts[table] = await CountAsync(from, table);
            if (await CountAsync(to, table) is var copied && copied != counts[table])
            {
                throw new StoreException($"Nothing was copied: of {counts[table]} rows of {table} {copied} arrived.");
            }
        }

        await transaction.CommitAsync();
        return counts;
    }

    /// <summary>Brings a store to the tables of today, and looks whether the options have its master key.</summary>
    private static async Task ReadyAsync(StorageOptions options)
    {
        using var database = new Database(Options.Create(options));
        await database.MasterKeyAsync();
    }

    /// <summary>A server would go on with the master key that it has read. One that has just ended may be listed for a moment longer.</summary>
    private static async Task CheckUnusedAsync(NpgsqlConnection to, string place)
    {
        for (var tried = 1; ; tried++)
        {
            var used = await to.ExecuteScalarAsync<long>(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = @ApplicationName",
                new { PostgresEngine.ApplicationName });
            if (used == 0)
            {
                return;
            }

            if (tried == 10)
            {
                throw new StoreException($"A server, or another command, is using the store in {place}. Stop it first.");
            }

            await Task.Delay(Pause);
        }
    }

    private static async Task CheckEmptyAsync(NpgsqlConnection to, IEnumerable<string> tables, string place)
    {
        foreach (var table in tables.Except(Dispensable))
        {
            if (await CountAsync(to, table) is > 0 and var rows)
            {
                throw new StoreException($"The store in {place} is not empty: {table} has {rows} rows. Nothing was copied.");
            }
        }
    }

    /// <summary>Lists the tables, those first that others refer to.</summary>
    private static async Task<IReadOnlyList<string>> TablesAsync(SqliteConnection from) =>
        (await from.QueryAsync<string>(
            """
            SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> @News
            ORDER BY EXISTS (SELECT 1 FROM pragma_foreign_key_list(sqlite_master.name)), name
            """,
            new { News })).AsList();

    private static async Task CopyAsync(SqliteConnection from, NpgsqlConnection to, string table)
    {
        var columns = (await from.QueryAsync<(string Name, string Type)>("SELECT name, type FROM pragma_table_info(@table)", new { table })).AsList();
        var names = string.Join(", ", columns.Select(column => column.Name));
        await using var rows = await from.ExecuteReaderAsync($"SELECT {names} FROM {table} ORDER BY rowid");
        await using var writer = await to.BeginBinaryImportAsync($"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)");
        while (await rows.ReadAsync())
        {
            await writer.StartRowAsync();
            for (var index = 0; index < columns.Count; index++)
            {
                await WriteAsync(writer, rows, index, columns[index].Type);
            }
        }

        await writer.CompleteAsync();
    }

    private static async Task WriteAsync(NpgsqlBinaryImporter writer, DbDataReader row, int index, string type)
    {
        if (row.IsDBNull(index))
        {
            await writer.WriteNullAsync();
            return;
        }

        switch (type)
        {
            case "INTEGER":
                await writer.WriteAsync(row.GetInt64(index), NpgsqlDbType.Bigint);
                break;
            case "BLOB":
                await writer.WriteAsync(row.GetFieldValue<byte[]>(index), NpgsqlDbType.Bytea);
                break;
            default:
                await writer.WriteAsync(StoredText.Clean(row.GetString(index)), NpgsqlDbType.Text);
                break;
        }
    }

    /// <summary>The next row gets the number that it would have got: no number of a deleted camera is given again.</summary>
    private static async Task ContinueNumbersAsync(SqliteConnection from, NpgsqlConnection to)
    {
        var numbered = (await to.QueryAsync<(string Table, string Column)>(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema() AND is_identity = 'YES'")).AsList();
        foreach (var (table, column) in numbered)
        {
            var last = await from.ExecuteScalarAsync<long>(
                $"SELECT max(coalesce((SELECT max({column}) FROM {table}), 0), coalesce((SELECT seq FROM sqlite_sequence WHERE name = @table), 0))", new { table });
            if (last > 0)
            {
                await to.ExecuteAsync("SELECT setval(pg_get_serial_sequence(@table, @column), @last)", new { table, column, last });
            }
        }
    }

    private static Task<long> CountAsync(DbConnection connection, string table) => connection.ExecuteScalarAsync<long>($"SELECT count(*) FROM {table}");
}
