using Dapper;

using LiveRobot.Platform.Storage;

using Microsoft.Extensions.Options;

using Npgsql;

namespace LiveRobot.Testing;

/// <summary>The kinds of store that there are.</summary>
public enum StoreKind
{
    Sqlite,
    Postgres,
}

/// <summary>A store of one test's own, gone with it: a data folder, and on PostgreSQL a database.</summary>
public sealed class TestStore : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string? _postgres;

    public TestStore(StoreKind kind) => _postgres = kind == StoreKind.Postgres ? PostgresServer.Shared.TakeDatabase() : null;

    /// <summary>Gets the kind on which a test runs that says nothing else: SQLite, or what the environment names in LIVEROBOT_TEST_STORE.</summary>
    public static StoreKind Usual => Enum.TryParse<StoreKind>(Environment.GetEnvironmentVariable("LIVEROBOT_TEST_STORE"), out var kind) ? kind : StoreKind.Sqlite;

    /// <summary>Gets the settings under which a process uses it.</summary>
    public IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
    {
        ["Storage:Directory"] = _folder.Path,
        ["Storage:Postgres"] = _postgres,
    };

    /// <summary>Gets the same as options, for another process as it were.</summary>
    public StorageOptions NewOptions() => new() { Directory = _folder.Path, Postgres = _postgres };

    /// <summary>Opens it, for another process as it were.</summary>
    public Database Open() => new(Options.Create(NewOptions()));

    /// <summary>Reads every byte that is kept, as characters of Latin-1.</summary>
    public async Task<string> KeptAsync()
    {
        using var kept = new MemoryStream();
        if (_postgres is null)
        {
            foreach (var file in Directory.GetFiles(_folder.Path, "liverobot.db*"))
            {
                await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                await stream.CopyToAsync(kept);
            }
        }
        else
        {
            await using var connection = new NpgsqlConnection($"{_postgres};Pooling=False");
            await connection.OpenAsync();
            foreach (var table in (await connection.QueryAsync<string>("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).AsList())
            {
                await using var copy = await connection.BeginRawBinaryCopyAsync($"COPY {table} TO STDOUT (FORMAT BINARY)");
                await copy.CopyToAsync(kept);
            }
        }

        return System.Text.Encoding.Latin1.GetString(kept.ToArray());
    }

    public void Dispose()
    {
        if (_postgres is not null)
        {
            PostgresServer.Shared.GiveBack(_postgres);
        }

        _folder.Dispose();
    }
}
