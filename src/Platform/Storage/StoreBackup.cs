using System.Globalization;

using Dapper;

using Microsoft.Data.Sqlite;

namespace LiveRobot.Platform.Storage;

/// <summary>
/// The whole store as one file: accounts, robots, settings, chat, and its master key unless that comes from the options.
/// The file is as secret as the store. Sign-ins are rows in it and need no other keys; certificates are not in it.
/// </summary>
public static class StoreBackup
{
    /// <summary>Writes the store of a data folder to a file that is not there yet, while a server may be using it.</summary>
    /// <exception cref="StoreException">There is no store, the file exists, or it cannot be written.</exception>
    public static async Task BackUpAsync(string folder, string file)
    {
        var store = SqliteEngine.FileIn(folder);
        if (!File.Exists(store))
        {
            throw new StoreException($"There is no store in {folder}.");
        }

        try
        {
            // It must be there for nobody else to be able to read it; SQLite takes an empty file as it is.
            await using (new FileStream(file, NewPrivateFile()))
            {
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"{file} cannot be made: {exception.Message}", exception);
        }

        try
        {
            // One read transaction: what was acknowledged before it is in the file, and of what comes later nothing.
            await using (var connection = await SqliteEngine.OpenAsync(store, SqliteOpenMode.ReadWrite))
            {
                await connection.ExecuteAsync("VACUUM INTO @file", new { file = Path.GetFullPath(file) });
            }

            await CheckAsync(file);
            await FlushAsync(file);
        }
        catch (Exception exception) when (exception is SqliteException or StoreException)
        {
            File.Delete(file);
            throw new StoreException($"The backup was not made: {exception.Message}", exception);
        }
    }

    /// <summary>
    /// Puts a backup in the place of a data folder's store, which is kept beside it. All sign-ins of the backup end:
    /// those that were ended since must not come back.
    /// </summary>
    /// <returns>The path under which the former store is kept; null when there was none.</returns>
    /// <exception cref="StoreException">The file is no backup of this version or an earlier one, or the store is in use.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The backup was made with another master key than the options have.</exception>
    public static async Task<string?> RestoreAsync(StorageOptions options, string file, TimeProvider clock)
    {
        await CheckAsync(file);
        var folder = Directory.CreateDirectory(options.Directory).FullName;
        using var alone = await StoreLock.TakeAloneAsync(folder);
        var store = SqliteEngine.FileIn(folder);
        var incoming = $"{store}.restoring";
        File.Delete(incoming);
        try
        {
            await using (var from = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read))
            await using (var to = new FileStream(incoming, NewPrivateFile()))
            {
                await from.CopyToAsync(to);
            }

            await using (var connection = await SqliteEngine.OpenAsync(incoming, SqliteOpenMode.ReadWrite))
            {
                await CheckMasterKeyAsync(connection, options);
                await EndSignInsAsync(connection);
            }

            await FlushAsync(incoming);
            var kept = KeepFormer(store, clock.GetUtcNow());
            File.Move(incoming, store);
            return kept;
        }
        finally
        {
            File.Delete(incoming);
        }
    }

    /// <summary>Moves the store aside, its write-ahead log with it: together they are what was acknowledged last.</summary>
    private static string? KeepFormer(string store, DateTimeOffset now)
    {
        if (!File.Exists(store))
        {
            return null;
        }

        var kept = string.Create(CultureInfo.InvariantCulture, $"{store}.before-restore-{now:yyyyMMdd'T'HHmmssfff'Z'}");
        foreach (var suffix in new[] { "", "-wal", "-shm" })
        {
            if (File.Exists(store + suffix))
            {
                File.Move(store + suffix, kept + suffix);
            }
        }

        return kept;
    }

    /// <summary>Tells whether a file is a whole store that this program can read.</summary>
    private static async Task CheckAsync(string file)
    {
        if (!File.Exists(file))
        {
            throw new StoreException($"There is no file {file}.");
        }

        try
        {
            await using var connection = await SqliteEngine.OpenAsync(file, SqliteOpenMode.ReadOnly);
            if (await connection.ExecuteScalarAsync<string>("PRAGMA quick_check(1)") is not "ok")
            {
                throw new StoreException($"{file} is damaged.");
            }

            var version = await connection.ExecuteScalarAsync<int>("PRAGMA user_version");
            if (version == 0 || await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM sqlite_master WHERE name IN ('robots', 'secrets')") != 2)
            {
                throw new StoreException($"{file} is no backup of LiveRobot.");
            }

            Schema.CheckVersion(version, file);
        }
        catch (SqliteException exception)
        {
            throw new StoreException($"{file} is no backup of LiveRobot, or it is damaged.", exception);
        }
    }

    /// <summary>What the key opens could not be read with another one.</summary>
    private static async Task CheckMasterKeyAsync(SqliteConnection connection, StorageOptions options)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        await MasterKey.LoadAsync(connection, transaction, options);
        await transaction.RollbackAsync();
    }

    private static async Task EndSignInsAsync(SqliteConnection connection)
    {
        // Not in stores of the first versions, which knew no accounts.
        if (await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM sqlite_master WHERE name = 'sessions'") == 1)
        {
            await connection.ExecuteAsync("DELETE FROM sessions");
        }
    }

    private static FileStreamOptions NewPrivateFile()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    private static async Task FlushAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite);
        stream.Flush(flushToDisk: true);
    }
}
