using System.Data.Common;

using Dapper;

using LiveRobot.Platform.Storage;

namespace LiveRobot.Platform.Robots;

/// <summary>The stored robots. Every look-up reads the database, so that a robot added by another process is found at once.</summary>
public sealed class RobotDirectory(Database database, TimeProvider clock)
{
    private const string Columns =
        "robot_id, handle, name, owner, description, xres, yres, mic_enabled, release_rule, non_global_chat, button_panels";

    /// <summary>Finds a robot by its private robot-id.</summary>
    public async Task<Robot?> FindByRobotIdAsync(string robotId) =>
        (await QueryAsync("WHERE robot_id = @robotId", new { robotId })).SingleOrDefault();

    /// <summary>Finds a robot by its public handle.</summary>
    public async Task<Robot?> FindByHandleAsync(string handle) =>
        (await QueryAsync("WHERE handle = @handle", new { handle })).SingleOrDefault();

    /// <summary>Finds a robot by either of its names. A handle begins with a letter and a robot-id with a digit, so none is both.</summary>
    public async Task<Robot?> FindAsync(string robotIdOrHandle) =>
        (await QueryAsync("WHERE robot_id = @name OR handle = @name", new { name = robotIdOrHandle })).SingleOrDefault();

    /// <summary>Finds a camera by its number.</summary>
    public async Task<Camera?> FindCameraAsync(int cameraId) =>
        (await QueryCamerasAsync("WHERE camera_id = @cameraId", new { cameraId })).SingleOrDefault();

    /// <summary>Finds a camera by its secret stream key.</summary>
    public async Task<Camera?> FindCameraByStreamKeyAsync(string streamKey) =>
        (await QueryCamerasAsync("WHERE stream_key = @streamKey", new { streamKey })).SingleOrDefault();

    /// <summary>Lists all robots by name.</summary>
    public async Task<IReadOnlyList<Robot>> ListAsync() => await QueryAsync("ORDER BY name, handle", null);

    /// <summary>Finds the owner of that name, as it is spelt; null when nobody of that name owns a robot. Case does not count.</summary>
    public async Task<string?> FindOwnerAsync(string name)
    {
        await using var connection = await database.OpenAsync();
        return await connection.QueryFirstOrDefaultAsync<string>(
            "SELECT owner FROM robots WHERE lower(owner) = lower(@name) ORDER BY id LIMIT 1", new { name });
    }

    /// <summary>Stores a new robot with one camera; its robot-id, handle, camera-id and stream key are generated.</summary>
    /// <exception cref="ArgumentException">The name or the owner's name is empty, too long or has control characters.</exception>
    public async Task<Robot> AddAsync(string name, string owner)
    {
        RobotNames.CheckName(name, nameof(name));
        RobotNames.CheckOwner(owner, nameof(owner));

        await using var connection = await database.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var handle = await FreeHandleAsync(connection, transaction, name);
        var robotId = await connection.ExecuteScalarAsync<long>(
            """
            INSERT INTO robots (robot_id, handle, name, owner, created_at) VALUES (@robotId, @handle, @name, @owner, @createdAt)
            RETURNING id
            """,
            new { robotId = RobotNames.NewRobotId(), handle, name, owner, createdAt = clock.GetUtcNow().ToUnixTimeMilliseconds() },
            transaction);
        await connection.ExecuteAsync(
            "INSERT INTO cameras (robot, stream_key) VALUES (@robotId, @streamKey)",
            new { robotId, streamKey = RobotNames.NewStreamKey() },
            transaction);
        await transaction.CommitAsync();

        return await FindByHandleAsync(handle) ?? throw new InvalidOperationException("A robot that was just stored is missing.");
    }

    private static async Task<string> FreeHandleAsync(DbConnection connection, DbTransaction transaction, string name)
    {
        var wanted = RobotNames.HandleFor(name);
        for (var number = 1; ; number++)
        {
            var handle = number == 1 ? wanted : $"{wanted}-{number}";
            var taken = await connection.ExecuteScalarAsync<long>(
                "SELECT count(*) FROM robots WHERE handle = @handle", new { handle }, transaction);
            if (taken == 0)
            {
                return handle;
            }
        }
    }

    private async Task<IReadOnlyList<Robot>> QueryAsync(string clause, object? parameters)
    {
        await using var connection = await database.OpenAsync();
        var rows = (await connection.QueryAsync<RobotRow>($"SELECT id, {Columns} FROM robots {clause}", parameters)).AsList();
        if (rows.Count == 0)
        {
            return [];
        }

        var cameras = await connection.QueryAsync<CameraRow>(
            "SELECT camera_id, robot, stream_key FROM cameras WHERE robot IN @ids ORDER BY camera_id",
            new { ids = rows.Select(row => row.Id) });
        var camerasByRobot = cameras.ToLookup(camera => camera.Robot);
        return [.. rows.Select(row => row.ToRobot(camerasByRobot[row.Id]))];
    }

    private async Task<IReadOnlyList<Camera>> QueryCamerasAsync(string clause, object parameters)
    {
        await using var connection = await database.OpenAsync();
        var rows = await connection.QueryAsync<(long CameraId, string Handle, string StreamKey)>(
            $"SELECT camera_id, handle, stream_key FROM cameras JOIN robots ON robots.id = cameras.robot {clause}", parameters);
        return [.. rows.Select(row => new Camera((int)row.CameraId, row.Handle, row.StreamKey))];
    }

    private sealed class CameraRow
    {
        public long CameraId { get; init; }

        public long Robot { get; init; }

        public required string StreamKey { get; init; }
    }

    private sealed class RobotRow
    {
        public long Id { get; init; }

        public required string RobotId { get; init; }

        public required string Handle { get; init; }

        public required string Name { get; init; }

        public required string Owner { get; init; }

        public required string Description { get; init; }

        public long Xres { get; init; }

        public long Yres { get; init; }

        public long MicEnabled { get; init; }

        public required string ReleaseRule { get; init; }

        public long NonGlobalChat { get; init; }

        public string? ButtonPanels { get; init; }

        public Robot ToRobot(IEnumerable<CameraRow> cameras) => new(
            RobotId,
            Handle,
            Name,
            Owner,
            Description,
            (int)Xres,
            (int)Yres,
            MicEnabled != 0,
            Enum.Parse<ReleaseRule>(ReleaseRule, ignoreCase: true),
            NonGlobalChat != 0,
            ButtonPanels,
            [.. cameras.Select(camera => new Camera((int)camera.CameraId, Handle, camera.StreamKey))]);
    }
}
