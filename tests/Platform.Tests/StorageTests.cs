using System.Security.Cryptography;

using Dapper;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Storage;
using LiveRobot.Testing;

using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Tests;

/// <summary>How secrets lie in the store, and what becomes of stores of earlier versions.</summary>
public sealed class StorageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    [Fact]
    public async Task Stream_keys_and_robot_ids_are_found_again_and_stand_nowhere_in_the_files()
    {
        var robots = Open();
        var robot = await robots.AddAsync("Rover", "alice");
        var streamKey = await robots.StreamKeyAsync(robot.Cameras[0].CameraId);

        Assert.Equal(robot.Cameras[0], await Open().FindCameraByStreamKeyAsync(streamKey));
        Assert.Equal(robot.RobotId, (await Open().FindByRobotIdAsync(robot.RobotId))?.RobotId);
        Assert.DoesNotContain(streamKey, StoredText(), StringComparison.Ordinal);
        Assert.DoesNotContain(robot.RobotId, StoredText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accounts_that_turn_out_to_look_alike_go_on_and_nobody_else_gets_a_name_like_theirs()
    {
        await using (var connection = new SqliteConnection($"Data Source={_folder.File("liverobot.db")};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            var before = Schema.Migrations.TakeWhile(migration => migration.Method.Name != "MakeSkeletonsCanonicalAsync").ToArray();
            foreach (var migration in before)
            {
                await migration(connection, transaction, new StorageOptions());
            }

            await connection.ExecuteAsync(
                $"""
                PRAGMA user_version = {before.Length};
                INSERT INTO accounts (name, skeleton, created_at) VALUES ('vvvolf', 'wvolf', 0), ('vwolf', 'vwolf', 0), ('bob', 'bob', 0);
                INSERT INTO retired_names (skeleton) VALUES ('wv-gone'), ('dora');
                """,
                transaction: transaction);
            await transaction.CommitAsync();
        }

        using var database = new Database(Options.Create(new StorageOptions { Directory = _folder.Path }));
        await using var migrated = await database.OpenAsync();

        Assert.Equal(["vvvolf", "#2", "bob"], await migrated.QueryAsync<string>("SELECT skeleton FROM accounts ORDER BY id"));
        Assert.Equal(["vvvolf", "vwolf", "bob"], await migrated.QueryAsync<string>("SELECT name FROM accounts ORDER BY id"));
        Assert.Equal(["clora", "vvvgone"], await migrated.QueryAsync<string>("SELECT skeleton FROM retired_names ORDER BY 1"));
    }

    [Fact]
    public async Task A_store_of_the_first_version_keeps_its_cameras_and_their_keys_and_loses_their_plain_form()
    {
        const string StreamKey = "hellohellohellohello";
        await using (var connection = new SqliteConnection($"Data Source={_folder.File("liverobot.db")};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await Schema.Migrations[0](connection, transaction, new StorageOptions());
            await connection.ExecuteAsync(
                $"""
                PRAGMA user_version = 1;
                INSERT INTO robots (id, robot_id, handle, name, owner, created_at) VALUES (3, '12345678901234567890', 'rover', 'Rover', 'alice', 0);
                INSERT INTO cameras (camera_id, robot, stream_key) VALUES (7, 3, '{StreamKey}');
                """,
                transaction: transaction);
            await transaction.CommitAsync();
        }

        var robots = Open();

        Assert.Equal(new Camera(7, "rover"), await robots.FindCameraByStreamKeyAsync(StreamKey));
        Assert.Equal(StreamKey, await robots.StreamKeyAsync(7));
        Assert.Equal("rover", (await robots.FindByRobotIdAsync("12345678901234567890"))?.Handle);
        Assert.Equal(Visibility.Public, (await robots.FindByHandleAsync("rover"))?.Visibility);
        Assert.Equal(8, (await robots.AddAsync("Other", "Alice")).Cameras[0].CameraId);
        Assert.Equal(["alice", "alice"], (await robots.ListAsync()).Select(robot => robot.Owner));
        Assert.DoesNotContain(StreamKey, StoredText(), StringComparison.Ordinal);
        Assert.DoesNotContain("12345678901234567890", StoredText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_master_key_of_the_options_is_in_no_store_and_the_store_wants_it_again()
    {
        var masterKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        var robot = await Open(masterKey).AddAsync("Rover", "alice");
        await Open(masterKey).StreamKeyAsync(robot.Cameras[0].CameraId);

        foreach (var wrong in new[] { null, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) })
        {
            var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => Open(wrong).ListAsync());
            Assert.Contains("Storage:MasterKey", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_file_is_readable_by_its_user_alone()
    {
        await Open().AddAsync("Rover", "alice");

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder.File("liverobot.db")));
    }

    [Theory]
    [InlineData(31, false)]
    [InlineData(32, true)]
    public void A_master_key_has_at_least_32_bytes(int length, bool valid)
    {
        var options = new StorageOptions { MasterKey = Convert.ToBase64String(new byte[length]) };

        Assert.Equal(valid, !options.Validate(new(options)).Any());
    }

    [Fact]
    public void A_master_key_that_is_not_base64_is_refused_by_name()
    {
        var options = new StorageOptions { MasterKey = "not base64!" };

        Assert.Contains("Storage:MasterKey", Assert.Single(options.Validate(new(options))).ErrorMessage!, StringComparison.Ordinal);
    }

    private RobotDirectory Open(string? masterKey = null) => new(
        new Database(Options.Create(new StorageOptions { Directory = _folder.Path, MasterKey = masterKey })), new Changes(TimeProvider.System), Options.Create(new ClusterOptions()), TimeProvider.System);

    /// <summary>All bytes of the store, its log included, as text.</summary>
    private string StoredText()
    {
        SqliteConnection.ClearAllPools();
        return string.Concat(Directory.GetFiles(_folder.Path).Select(file => System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file))));
    }
}
