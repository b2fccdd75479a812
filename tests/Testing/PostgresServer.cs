using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

using LiveRobot.Platform.Storage;

using Microsoft.Extensions.Options;

using Npgsql;

namespace LiveRobot.Testing;

/// <summary>A PostgreSQL of the tests' own, in a temporary folder, that can be killed, frozen and started again with what it had.</summary>
/// <remarks>Tests that do none of that share one (<see cref="Shared"/>), with a database for each.</remarks>
public sealed class PostgresServer : IDisposable
{
    /// <summary>
    /// Runs the server until the standard input ends, which it does however the test's process ends. It refuses to be root.
    /// It listens on a socket in the folder, and at an address where a test's networks lead to it.
    /// </summary>
    private const string Script =
        """
        set -e
        folder=$1 programs=$2 address=$3 port=$4 as=
        if [ "$(id -u)" = 0 ]; then
          chown nobody "$folder"
          as="setpriv --reuid=nobody --regid=nogroup --clear-groups"
        fi
        [ -e "$folder/data" ] || $as "$programs/initdb" -D "$folder/data" -U liverobot -A trust -E UTF8 --locale=C --no-sync >"$folder/log" 2>&1
        [ -z "$address" ] || echo 'host all all 198.18.0.0/15 trust' >>"$folder/data/pg_hba.conf"
        $as "$programs/postgres" -D "$folder/data" -k "$folder" -c listen_addresses="$address" -c port="$port" -c max_connections=300 \
          -c fsync=off -c full_page_writes=off -c shared_buffers=32MB -c log_min_messages=panic >>"$folder/log" 2>&1 &
        cat >/dev/null
        kill -QUIT $!
        wait
        """;

    private const int UsualPort = 5432;

    private static readonly Lazy<PostgresServer> OfThisProcess = new(StartShared);

    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentBag<string> _emptied = [];
    private readonly string? _address;
    private readonly int _port;
    private int _databases;
    private Process? _process;

    private PostgresServer(string? address)
    {
        // Nobody else has the folder's socket, whatever its number is.
        (_address, _port) = (address, address is null ? UsualPort : FreePorts.Take());
        StartAgain();
    }

    /// <summary>Gets the server that all tests of this process share, and that ends with it.</summary>
    public static PostgresServer Shared => OfThisProcess.Value;

    /// <summary>Starts one of a test's own.</summary>
    /// <param name="address">Of this machine, for clients that come over a network of the tests; without, they use a socket in the file system.</param>
    public static PostgresServer Start(string? address = null) => new(address);

    /// <summary>Starts it again after <see cref="Kill"/>, with what was committed.</summary>
    public void StartAgain()
    {
        var programs = Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(folder => folder, StringComparer.Ordinal).First();
        _process = Process.Start(new ProcessStartInfo("sh", ["-c", Script, "sh", _folder.Path, Path.Combine(programs, "bin"), _address ?? "", _port.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
        })!;
        for (var patience = Stopwatch.StartNew(); !Answers(); Thread.Sleep(20))
        {
            if (_process.HasExited || patience.Elapsed > TimeSpan.FromMinutes(1))
            {
                throw new InvalidOperationException($"PostgreSQL did not start: {File.ReadAllText(_folder.File("log"))}");
            }
        }
    }

    /// <summary>Makes a database without tables; gives what stands in <c>Storage:Postgres</c>.</summary>
    public string CreateDatabase()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref _databases)}");
        Execute("postgres", $"CREATE DATABASE {name} TEMPLATE template0");
        return ConnectionStringOf(name, _address);
    }

    /// <summary>Gives a database with the tables of today and nothing in them: one that <see cref="GiveBack"/> has emptied, or a new one.</summary>
    public string TakeDatabase()
    {
        if (_emptied.TryTake(out var emptied))
        {
            return emptied;
        }

        var connectionString = CreateDatabase();
        using var database = new Database(Options.Create(new StorageOptions { Postgres = connectionString }));
        database.MasterKeyAsync().GetAwaiter().GetResult();
        return connectionString;
    }

    /// <summary>Cuts off all who are connected to a database, and empties it but for its master key: that is far quicker than to make one.</summary>
    public void GiveBack(string connectionString)
    {
        Execute(
            new NpgsqlConnectionStringBuilder(connectionString).Database!,
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
            DO $$
            DECLARE of_today text;
            BEGIN
                FOR of_today IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('schema_version', 'secrets') LOOP
                    EXECUTE 'DELETE FROM ' || of_today;
                END LOOP;
                DELETE FROM secrets WHERE name NOT LIKE 'master-key%';
                PERFORM setval(oid, 1, false) FROM pg_class WHERE relkind = 'S';
            END $$;
            """);
        _emptied.Add(connectionString);
    }

    /// <summary>Ends it as a crash would. What was committed stays.</summary>
    public void Kill()
    {
        _process!.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Whoever is connected stays so, new connections are taken, and nobody is answered.</summary>
    public void Freeze() => Signal("STOP");

    public void Thaw() => Signal("CONT");

    public void Dispose()
    {
        if (_process is not null)
        {
            Thaw();
            Kill();
        }

        _folder.Dispose();
    }

    private static PostgresServer StartShared()
    {
        var server = Start();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.Dispose();
        return server;
    }

    /// <summary>Much patience: the machine may have other things to do. Few connections, as hundreds of tests' pools share the server.</summary>
    private string ConnectionStringOf(string database, string? address = null) =>
        $"Host={address ?? _folder.Path};Port={_port};Username=liverobot;Database={database};Timeout=60;Command Timeout=60;Maximum Pool Size=10;Connection Idle Lifetime=5;Connection Pruning Interval=1";

    /// <summary>The server is a family: each connection is a process of its own.</summary>
    private void Signal(string name)
    {
        var server = File.ReadLines(_folder.File("data/postmaster.pid")).First();
        using var kill = Process.Start("sh", ["-c", $"kill -{name} {server} $(pgrep -P {server})"]);
        kill.WaitForExit();
    }

    private bool Answers()
    {
        try
        {
            Execute("postgres", "SELECT 1");
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private void Execute(string database, string statements)
    {
        using var connection = new NpgsqlConnection($"{ConnectionStringOf(database)};Pooling=False");
        connection.Open();
        using var command = new NpgsqlCommand(statements, connection);
        command.ExecuteNonQuery();
    }
}
