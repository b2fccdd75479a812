using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Control;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Storage;
using LiveRobot.Testing;

using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Tests;

/// <summary>Four processes, as it were, that write to one store at once: what one has read stays true until it has written.</summary>
public abstract class ConcurrentWritersTests : IDisposable
{
    private readonly TestStore _store;
    private readonly Database[] _processes;

    protected ConcurrentWritersTests(StoreKind kind)
    {
        _store = new TestStore(kind);
        _processes = [.. Enumerable.Range(0, 4).Select(_ => _store.Open())];
    }

    public void Dispose()
    {
        Array.ForEach(_processes, process => process.Dispose());
        _store.Dispose();
    }

    [Fact]
    public async Task An_owner_has_as_many_robots_as_they_may_and_each_has_a_handle_of_its_own()
    {
        const int Limit = 5;

        var added = await AtOnceAsync(database => Robots(database).AddWithinAsync("Rover", "alice", Visibility.Public, Limit));

        var handles = added.OfType<Robot>().Select(robot => robot.Handle).Order().ToArray();
        Assert.Equal(["rover", "rover-2", "rover-3", "rover-4", "rover-5"], handles);
    }

    [Fact]
    public async Task A_name_is_had_once()
    {
        var made = await AtOnceAsync(database => Accounts(database).CreateAsync("alice", password: null));

        Assert.Single(made, account => account is not null);
    }

    [Fact]
    public async Task One_administrator_stays()
    {
        var administrators = new List<Account>();
        foreach (var name in new[] { "anna", "bert", "cleo" })
        {
            administrators.Add((await Accounts(_processes[0]).CreateAsync(name, password: null, isAdministrator: true))!);
        }

        var tasks = administrators.Select((account, index) => Task.Run(() => Accounts(_processes[index]).SetAdministratorAsync(account, isAdministrator: false)));
        var done = await Task.WhenAll(tasks);

        Assert.Equal(2, done.Count(isDone => isDone));
        Assert.Single(await Accounts(_processes[0]).ListAsync(), account => account.IsAdministrator);
    }

    [Fact]
    public async Task No_change_of_settings_is_lost()
    {
        await Robots(_processes[0]).AddAsync("Rover", "alice");

        await AtOnceAsync(database => Robots(database).ChangeAsync("rover", robot => robot with { XRes = robot.XRes + 1 }));

        Assert.Equal(640 + Writers, (await Robots(_processes[0]).FindByHandleAsync("rover"))!.XRes);
    }

    [Fact]
    public async Task Rules_of_control_have_a_version_for_each_change()
    {
        await Robots(_processes[0]).AddAsync("Rover", "alice");

        var changed = await AtOnceAsync(database => Rules(database).ChangeAsync("rover", rules => rules));

        Assert.Equal(Enumerable.Range(1, Writers).Select(version => (long)version), changed.Select(rules => rules!.Version).Order());
    }

    /// <summary>A feed goes on from the last change that it saw: one that became visible behind that would never be told.</summary>
    [Fact]
    public async Task A_feed_sees_every_change_in_the_order_of_their_numbers()
    {
        await Robots(_processes[0]).AddAsync("Rover", "alice");
        var (bus, changes) = (new MemoryBus(NullLogger<MemoryBus>.Instance), new Changes(TimeProvider.System));
        var seen = 0;
        using var subscription = bus.Subscribe<ControlRulesChanged>(_ => Interlocked.Increment(ref seen));
        using var feed = new ChangeFeed(changes, _processes[0], bus, TimeProvider.System, NullLogger<ChangeFeed>.Instance);
        await feed.StartAsync(CancellationToken.None);
        using var end = new CancellationTokenSource();
        var looking = Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                changes.Announce();
                await Task.Yield();
            }
        });

        await AtOnceAsync(database => Rules(database).ChangeAsync("rover", rules => rules));
        await Eventually.TrueAsync(() => seen >= Writers);

        await end.CancelAsync();
        await looking;
        await feed.StopAsync(CancellationToken.None);
        Assert.Equal(Writers, seen);
    }

    private const int Writers = 24;

    /// <summary>Has all processes write at once, several times each.</summary>
    private async Task<IReadOnlyList<T>> AtOnceAsync<T>(Func<Database, Task<T>> write) =>
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(number => Task.Run(() => write(_processes[number % _processes.Length]))));

    private static RobotDirectory Robots(Database database) => new(database, new Changes(TimeProvider.System), Options.Create(new ClusterOptions()), TimeProvider.System);

    private static ControlRulesStore Rules(Database database) =>
        new(database, new Changes(TimeProvider.System), new MemoryBus(NullLogger<MemoryBus>.Instance), TimeProvider.System);

    private static AccountDirectory Accounts(Database database) => new(
        database, new PasswordHasher<Account>(), Options.Create(new AccountOptions()), new Changes(TimeProvider.System), TimeProvider.System);
}

public sealed class ConcurrentWritersOnSqliteTests() : ConcurrentWritersTests(StoreKind.Sqlite);

public sealed class ConcurrentWritersOnPostgresTests() : ConcurrentWritersTests(StoreKind.Postgres);
