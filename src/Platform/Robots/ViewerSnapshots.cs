using System.Security.Cryptography;

using Dapper;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Storage;

namespace LiveRobot.Platform.Robots;

/// <summary>Pictures with a caption that viewers have taken of robots, and that stay.</summary>
public sealed class ViewerSnapshots(Database database, IBus bus, TimeProvider clock)
{
    /// <summary>The longest caption in UTF-16 code units.</summary>
    public const int MaxCaptionLength = 200;

    private const string Select =
        """
        SELECT snapshot_id, robots.handle, robots.name, accounts.name, caption, taken_at
        FROM snapshots JOIN robots ON robots.id = snapshots.robot JOIN accounts ON accounts.id = snapshots.account
        """;

    /// <summary>Keeps a picture; of the robot's, only so many of the newest. Those who look at the robot are told.</summary>
    /// <exception cref="ArgumentException">The caption is too long, or has a control character; the message is for people.</exception>
    public async Task<ViewerSnapshot> AddAsync(Robot robot, Account by, string caption, ReadOnlyMemory<byte> jpeg, int kept)
    {
        if (caption.Length > MaxCaptionLength || caption.Any(char.IsControl))
        {
            throw new ArgumentException($"A caption has at most {MaxCaptionLength} characters and no control characters.", nameof(caption));
        }

        var snapshot = new ViewerSnapshot(
            RandomNumberGenerator.GetHexString(24, lowercase: true), robot.Handle, robot.Name, by.Name, caption, clock.GetUtcNow());
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        await connection.ExecuteAsync(
            """
            INSERT INTO snapshots (snapshot_id, robot, account, caption, picture, taken_at)
            SELECT @SnapshotId, id, @account, @Caption, @picture, @at FROM robots WHERE handle = @Handle;
            DELETE FROM snapshots WHERE robot = (SELECT id FROM robots WHERE handle = @Handle) AND id NOT IN (
                SELECT id FROM snapshots WHERE robot = (SELECT id FROM robots WHERE handle = @Handle) ORDER BY id DESC LIMIT @kept)
            """,
            new { snapshot.SnapshotId, account = by.Id, snapshot.Caption, picture = jpeg.ToArray(), at = snapshot.TakenAt.ToUnixTimeMilliseconds(), snapshot.Handle, kept },
            transaction);
        await transaction.CommitAsync();
        bus.Publish(new SnapshotTaken(snapshot));
        return snapshot;
    }

    /// <summary>Lists a robot's, the newest first.</summary>
    public async Task<IReadOnlyList<ViewerSnapshot>> OfRobotAsync(string handle) =>
        await QueryAsync("WHERE robots.handle = @handle ORDER BY snapshots.id DESC", new { handle });

    /// <summary>Finds one.</summary>
    public async Task<ViewerSnapshot?> FindAsync(string snapshotId) =>
        (await QueryAsync("WHERE snapshot_id = @snapshotId", new { snapshotId })).SingleOrDefault();

    /// <summary>Reads the picture of one: a JPEG; null when it is gone.</summary>
    public async Task<byte[]?> PictureAsync(string snapshotId)
    {
        await using var connection = await database.OpenAsync();
        return await connection.ExecuteScalarAsync<byte[]?>("SELECT picture FROM snapshots WHERE snapshot_id = @snapshotId", new { snapshotId });
    }

    /// <summary>Deletes one.</summary>
    public async Task DeleteAsync(string snapshotId)
    {
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync("DELETE FROM snapshots WHERE snapshot_id = @snapshotId", new { snapshotId });
    }

    private async Task<IReadOnlyList<ViewerSnapshot>> QueryAsync(string clause, object parameters)
    {
        await using var connection = await database.OpenAsync();
        var rows = await connection.QueryAsync<(string Id, string Handle, string Robot, string Account, string Caption, long At)>($"{Select} {clause}", parameters);
        return [.. rows.Select(row => new ViewerSnapshot(row.Id, row.Handle, row.Robot, row.Account, row.Caption, DateTimeOffset.FromUnixTimeMilliseconds(row.At)))];
    }
}

/// <summary>A picture that a viewer has taken.</summary>
/// <param name="SnapshotId">24 hexadecimal digits.</param>
/// <param name="Handle">The robot's handle.</param>
/// <param name="RobotName">The robot's name.</param>
/// <param name="Username">Who took it.</param>
/// <param name="Caption">What they wrote below it; may be empty.</param>
/// <param name="TakenAt">When.</param>
public sealed record ViewerSnapshot(string SnapshotId, string Handle, string RobotName, string Username, string Caption, DateTimeOffset TakenAt);
