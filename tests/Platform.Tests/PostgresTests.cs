using Dapper;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Storage;
using LiveRobot.Testing;

using Microsoft.Extensions.Options;

using Npgsql;

namespace LiveRobot.Platform.Tests;

/// <summary>What is PostgreSQL's alone: its settings, its databases, and how it is when it is away.</summary>
public sealed class PostgresTests
{
    [Theory]
    [InlineData("Host=db;Database=liverobot", true)]
    [InlineData("Host=db;Port=6432;Database=liverobot;Username=u;SSL Mode=Require", true)]
    [InlineData("Host=db", false)]
    [InlineData("Database=liverobot", false)]
    [InlineData("", false)]
    [InlineData("Host=db;Database=liverobot;Port=many", false)]
    [InlineData("Host=db;Database=liverobot;Password=secret;Colour=blue", false)]
    [InlineData("postgres://liverobot:secret@db/liverobot", false)]
    public void A_connection_string_names_a_server_and_a_database_and_what_is_wrong_with_it_tells_no_password(string connectionString, bool isRight)
    {
        var options = new StorageOptions { Postgres = connectionString };

        var error = options.Validate(new(options)).SingleOrDefault()?.ErrorMessage;

        Assert.Equal(isRight ? null : "Storage:Postgres is not of the form Host=…;Database=…;Username=….", error);
    }

    [Fact]
    public void A_password_may_be_a_setting_of_its_own()
    {
        var settings = PostgresEngine.Parse(new StorageOptions { Postgres = "Host=db;Database=liverobot", PostgresPassword = "a;b=\"c\"" });

        Assert.Equal("a;b=\"c\"", settings.Password);
    }

    [Fact]
    public void Answers_are_waited_for_five_seconds_unless_the_connection_string_says_something_else()
    {
        var usual = PostgresEngine.Parse(new StorageOptions { Postgres = "Host=db;Database=liverobot" });
        var other = PostgresEngine.Parse(new StorageOptions { Postgres = "Host=db;Database=liverobot;Timeout=7;CommandTimeout=8;MaxPoolSize=9" });

        Assert.Equal((5, 5, 20), (usual.Timeout, usual.CommandTimeout, usual.MaxPoolSize));
        Assert.Equal((7, 8, 9), (other.Timeout, other.CommandTimeout, other.MaxPoolSize));
    }

    [Fact]
    public void Every_connection_may_block_a_thread_and_leave_enough_to_others()
    {
        using var database = new Database(Options.Create(new StorageOptions { Postgres = "Host=db;Database=liverobot;Maximum Pool Size=37" }));

        ThreadPool.GetMinThreads(out var workers, out _);

        Assert.InRange(workers, 37 + Environment.ProcessorCount, int.MaxValue);
    }

    [Fact]
    public async Task Processes_that_start_at_once_on_an_empty_database_make_the_tables_once()
    {
        var options = Options.Create(new StorageOptions { Postgres = PostgresServer.Shared.CreateDatabase() });
        var processes = Enumerable.Range(0, 4).Select(_ => new Database(options)).ToArray();

        var keys = await Task.WhenAll(processes.Select(process => Task.Run(process.MasterKeyAsync)));

        Assert.Single(keys.Select(key => Convert.ToHexString(key.Derive("test"))).Distinct());
        await using var connection = await processes[0].OpenAsync();
        Assert.Equal([Schema.Migrations.Count], await connection.QueryAsync<int>("SELECT version FROM schema_version"));
        Array.ForEach(processes, process => process.Dispose());
    }

    [Fact]
    public async Task A_database_of_a_later_version_is_left_alone()
    {
        using var store = new TestStore(StoreKind.Postgres);
        await using (var connection = new NpgsqlConnection($"{store.NewOptions().Postgres};Pooling=False"))
        {
            await connection.ExecuteAsync("UPDATE schema_version SET version = 1000");
        }

        using var database = store.Open();
        var refused = await Assert.ThrowsAsync<StoreException>(database.OpenAsync);

        Assert.Contains("version 1000", refused.Message, StringComparison.Ordinal);
        await using var mended = new NpgsqlConnection($"{store.NewOptions().Postgres};Pooling=False");
        await mended.ExecuteAsync("UPDATE schema_version SET version = @Count", new { Schema.Migrations.Count });
    }

    [Theory]
    [InlineData("Database=nowhere", "database \"nowhere\" does not exist")]
    [InlineData("Username=mallory", "role \"mallory\" does not exist")]
    [InlineData("Host=/nowhere", "/nowhere")]
    public async Task What_keeps_a_process_from_its_store_is_told_in_one_line_without_the_password(string change, string reason)
    {
        using var store = new TestStore(StoreKind.Postgres);
        using var database = new Database(Options.Create(new StorageOptions { Postgres = $"{store.NewOptions().Postgres};Password=top-secret;{change}" }));

        var refused = await Assert.ThrowsAsync<StoreException>(database.OpenAsync);

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.DoesNotContain("top-secret", refused.ToString(), StringComparison.Ordinal);
    }

    /// <summary>SQLite compares bytes; a database's locale would put other letters elsewhere.</summary>
    [Fact]
    public async Task Names_are_in_the_order_of_their_bytes_whatever_the_locale_of_the_database_is()
    {
        using var store = new TestStore(StoreKind.Postgres);
        using var database = store.Open();
        await using var connection = await database.OpenAsync();

        var columns = await connection.QueryAsync<string>(
            """
            SELECT table_name || '.' || column_name FROM information_schema.columns
            WHERE table_schema = 'public' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'
            """);

        Assert.Empty(columns);
    }

    /// <summary>A writer that was frozen in the middle does not keep all others from writing.</summary>
    [Fact]
    public async Task A_writer_that_hangs_loses_its_transaction_and_the_others_go_on()
    {
        using var store = new TestStore(StoreKind.Postgres);
        using var hanging = new Database(Options.Create(new StorageOptions { Postgres = $"{store.NewOptions().Postgres};Command Timeout=1" }));
        using var other = store.Open();
        await using var connection = await hanging.OpenAsync();
        await using var transaction = await hanging.BeginAsync(connection);
        await connection.ExecuteAsync("INSERT INTO retired_handles (handle) VALUES ('half')", transaction: transaction);

        await new RobotDirectory(other, new Changes(TimeProvider.System), Options.Create(new ClusterOptions()), TimeProvider.System).AddAsync("Rover", "alice");

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => transaction.CommitAsync());
        await using var reader = await other.OpenAsync();
        Assert.Empty(await reader.QueryAsync<string>("SELECT handle FROM retired_handles"));
    }
}
