using System.Security.Cryptography;

using Dapper;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Storage;
using LiveRobot.Testing;

using Microsoft.AspNetCore.Identity;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Tests;

/// <summary>A store that goes to a file and comes back.</summary>
public sealed class StoreBackupTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<Database> _open = [];

    private string File1 => _folder.File("backup.db");

    private string Data => _folder.File("data");

    public void Dispose()
    {
        Close();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_is_backed_up_while_others_write_is_all_that_was_acknowledged_before()
    {
        var robots = Robots();
        await robots.AddAsync("First", "alice");
        using var end = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                await robots.AddAsync("Later", "alice");
            }
        });
        await Eventually.TrueAsync(async () => (await robots.ListAsync()).Count >= 3);

        var before = (await robots.ListAsync()).Select(robot => robot.Handle).ToArray();
        await StoreBackup.BackUpAsync(Data, File1);
        var after = (await robots.ListAsync()).Select(robot => robot.Handle).ToArray();
        await end.CancelAsync();
        await writing;

        await RestoreAsync();
        var restored = (await Robots().ListAsync()).Select(robot => robot.Handle).ToArray();
        Assert.Subset(restored.ToHashSet(), before.ToHashSet());
        Assert.Subset(after.ToHashSet(), restored.ToHashSet());
    }

    [Fact]
    public async Task Restored_robots_keep_their_secrets_and_restored_people_sign_in_anew()
    {
        var (robots, accounts, sessions) = (Robots(), Accounts(), Sessions());
        var alice = (await accounts.CreateAsync("alice", "correct horse"))!;
        var session = await sessions.BeginAsync(alice);
        var robot = await robots.AddAsync("Rover", "alice");
        var streamKey = await robots.StreamKeyAsync(robot.Cameras[0].CameraId);
        await StoreBackup.BackUpAsync(Data, File1);
        await robots.ReplaceRobotIdAsync(robot.Handle);
        await sessions.EndAsync(alice, session);

        await RestoreAsync();

        Assert.Equal(robot.Handle, (await Robots().FindByRobotIdAsync(robot.RobotId))?.Handle);
        Assert.Equal(robot.Cameras[0], await Robots().FindCameraByStreamKeyAsync(streamKey));
        Assert.NotNull(await Accounts().VerifyAsync("alice", "correct horse"));
        Assert.Null(await Sessions().FindAsync(session));
    }

    [Fact]
    public async Task The_store_that_was_there_is_kept_aside_with_all_that_it_had()
    {
        await Robots().AddAsync("Old", "alice");
        await StoreBackup.BackUpAsync(Data, File1);
        await Robots().AddAsync("New", "alice");

        var kept = await RestoreAsync();

        Assert.Equal(["old"], (await Robots().ListAsync()).Select(robot => robot.Handle));
        Close();
        Directory.CreateDirectory(_folder.File("kept"));
        foreach (var file in Directory.GetFiles(Data, $"{Path.GetFileName(kept)}*"))
        {
            File.Move(file, file.Replace(kept!, _folder.File("kept/liverobot.db"), StringComparison.Ordinal));
        }

        Assert.Equal(["new", "old"], (await Robots(data: _folder.File("kept")).ListAsync()).Select(robot => robot.Handle).Order());
    }

    [Fact]
    public async Task Into_an_empty_folder_a_backup_comes_as_it_is()
    {
        await Robots().AddAsync("Rover", "alice");
        await StoreBackup.BackUpAsync(Data, File1);

        Assert.Null(await RestoreAsync(data: _folder.File("elsewhere")));

        Assert.Single(await Robots(data: _folder.File("elsewhere")).ListAsync());
    }

    [Fact]
    public async Task A_store_in_use_is_not_replaced()
    {
        var robots = Robots();
        await robots.AddAsync("Rover", "alice");
        await StoreBackup.BackUpAsync(Data, File1);
        await robots.AddAsync("Late", "alice");

        var refused = await Assert.ThrowsAsync<StoreException>(() => StoreBackup.RestoreAsync(Options(), File1, TimeProvider.System));

        Assert.Contains("Stop it first", refused.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await robots.ListAsync()).Count);
    }

    [Fact]
    public async Task A_store_that_is_being_replaced_is_not_opened()
    {
        Directory.CreateDirectory(Data);
        using (await StoreLock.TakeAloneAsync(Data))
        {
            await Assert.ThrowsAsync<StoreException>(() => Robots().ListAsync());
        }

        Assert.Empty(await Robots().ListAsync());
    }

    [Fact]
    public async Task A_backup_is_read_by_nobody_else_and_overwrites_nothing()
    {
        await Robots().AddAsync("Rover", "alice");
        await StoreBackup.BackUpAsync(Data, File1);
        var written = await File.ReadAllBytesAsync(File1);

        await Assert.ThrowsAsync<StoreException>(() => StoreBackup.BackUpAsync(Data, File1));

        Assert.Equal(written, await File.ReadAllBytesAsync(File1));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(File1));
        }
    }

    [Fact]
    public async Task Where_there_is_no_store_there_is_nothing_to_back_up()
    {
        Directory.CreateDirectory(Data);

        await Assert.ThrowsAsync<StoreException>(() => StoreBackup.BackUpAsync(Data, File1));

        Assert.False(File.Exists(File1));
    }

    [Theory]
    [InlineData("PRAGMA user_version = 1000", "knows versions up to")]
    [InlineData("PRAGMA user_version = 0", "no backup of LiveRobot")]
    [InlineData("DROP TABLE secrets", "no backup of LiveRobot")]
    public async Task Only_a_store_that_this_program_can_read_is_restored(string change, string reason)
    {
        await Robots().AddAsync("Rover", "alice");
        await StoreBackup.BackUpAsync(Data, File1);
        await using (var connection = new SqliteConnection($"Data Source={File1};Pooling=False"))
        {
            await connection.ExecuteAsync(change);
        }

        await RefusedAsync(reason);
    }

    [Fact]
    public async Task A_file_that_is_cut_or_something_else_is_not_restored()
    {
        await Robots().AddAsync("Rover", "alice");
        await StoreBackup.BackUpAsync(Data, File1);
        var whole = await File.ReadAllBytesAsync(File1);

        await File.WriteAllBytesAsync(File1, whole[..(whole.Length / 2)]);
        await RefusedAsync("damaged");
        await File.WriteAllTextAsync(File1, "not a store");
        await RefusedAsync("no backup of LiveRobot");
        File.Delete(File1);
        await RefusedAsync("There is no file");
    }

    /// <summary>Whoever kept the key out of the store must have it: without it, what comes back could not be read.</summary>
    [Fact]
    public async Task A_backup_wants_the_master_key_that_it_was_made_with()
    {
        var masterKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        var robot = await Robots(masterKey).AddAsync("Rover", "alice");
        await StoreBackup.BackUpAsync(Data, File1);

        await Assert.ThrowsAsync<OptionsValidationException>(() => RestoreAsync());
        Assert.Single(await Robots(masterKey).ListAsync());

        await RestoreAsync(masterKey);
        Assert.NotNull(await Robots(masterKey).FindByRobotIdAsync(robot.RobotId));
    }

    [Fact]
    public async Task A_store_of_a_later_version_is_left_alone()
    {
        await Robots().AddAsync("Rover", "alice");
        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(Data, "liverobot.db")};Pooling=False"))
        {
            await connection.ExecuteAsync("PRAGMA user_version = 1000");
        }

        var refused = await Assert.ThrowsAsync<StoreException>(() => Robots().ListAsync());

        Assert.Contains("version 1000", refused.Message, StringComparison.Ordinal);
    }

    private async Task RefusedAsync(string reason)
    {
        Close();
        var refused = await Assert.ThrowsAsync<StoreException>(() => RestoreAsync());
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Single(await Robots().ListAsync());
        Assert.Empty(Directory.GetFiles(Data, "*restor*"));
    }

    /// <summary>As after the end of every process that used the store.</summary>
    private void Close()
    {
        SqliteConnection.ClearAllPools();
        _open.ForEach(database => database.Dispose());
        _open.Clear();
    }

    private Task<string?> RestoreAsync(string? masterKey = null, string? data = null)
    {
        Close();
        return StoreBackup.RestoreAsync(Options(masterKey, data), File1, TimeProvider.System);
    }

    private StorageOptions Options(string? masterKey = null, string? data = null) => new() { Directory = data ?? Data, MasterKey = masterKey };

    private Database Open(string? masterKey = null, string? data = null)
    {
        var database = new Database(Microsoft.Extensions.Options.Options.Create(Options(masterKey, data)));
        _open.Add(database);
        return database;
    }

    private RobotDirectory Robots(string? masterKey = null, string? data = null) =>
        new(Open(masterKey, data), new Changes(TimeProvider.System), Microsoft.Extensions.Options.Options.Create(new ClusterOptions()), TimeProvider.System);

    private AccountDirectory Accounts() => new(
        Open(), new PasswordHasher<Account>(), Microsoft.Extensions.Options.Options.Create(new AccountOptions()), new Changes(TimeProvider.System), TimeProvider.System);

    private Sessions Sessions() => new(
        Open(), Microsoft.Extensions.Options.Options.Create(new AccountOptions()), new Changes(TimeProvider.System), TimeProvider.System);
}
