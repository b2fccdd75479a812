using System.Data.Common;

using Dapper;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Storage;

namespace LiveRobot.Platform.Robots;

/// <summary>The stored robots. Every look-up reads the database, so that a robot added by another process is found at once.</summary>
public sealed class RobotDirectory(Database database, TimeProvider clock)
{
    private const string Columns =
        "robot_id, handle, name, owner, description, xres, yres, mic_enabled, release_rule, non_global_chat, button_panels, visibility";

    private StreamKeys? _streamKeys;

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
    public async Task<Camera?> FindCameraByStreamKeyAsync(string streamKey)
    {
        var digest = (await StreamKeysAsync()).Digest(streamKey);
        return (await QueryCamerasAsync("WHERE stream_key_digest = @digest", new { digest })).SingleOrDefault();
    }

    /// <summary>Reads a camera's stream key, for its owner alone.</summary>
    /// <exception cref="InvalidOperationException">There is no such camera.</exception>
    public async Task<string> StreamKeyAsync(int cameraId)
    {
        await using var connection = await database.OpenAsync();
        var box = await connection.QuerySingleAsync<byte[]>(
            "SELECT sealed_stream_key FROM cameras WHERE camera_id = @cameraId", new { cameraId });
        return (await StreamKeysAsync()).Open(box);
    }

    /// <summary>Lists all robots by name.</summary>
    public async Task<IReadOnlyList<Robot>> ListAsync() => await QueryAsync("ORDER BY name, handle", null);

    /// <summary>Lists the robots that everybody may know of, by name.</summary>
    public async Task<IReadOnlyList<Robot>> ListPublicAsync() => await QueryAsync("WHERE visibility = 'public' ORDER BY name, handle", null);

    /// <summary>Lists the robots of an account, by its exact name.</summary>
    public async Task<IReadOnlyList<Robot>> ListOfOwnerAsync(string owner) => await QueryAsync("WHERE owner = @owner ORDER BY name, handle", new { owner });

    /// <summary>
    /// Stores a new robot with one camera; its robot-id, handle, camera-id and stream key are generated. The handle of
    /// one that is not public ends in chance, because it cannot be told from the name then.
    /// </summary>
    /// <exception cref="ArgumentException">The name or the owner's name is empty, too long or has control characters.</exception>
    public async Task<Robot> AddAsync(string name, string owner, Visibility visibility = Visibility.Public)
    {
        RobotNames.CheckName(name, nameof(name));

        await using var connection = await database.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var account = await AccountDirectory.OwnerAsync(connection, transaction, owner, clock.GetUtcNow());
        var handle = await FreeHandleAsync(
            connection,
            transaction,
            visibility == Visibility.Public ? RobotNames.HandleFor(name) : RobotNames.SecretHandleFor(name));
        var robotId = await connection.ExecuteScalarAsync<long>(
            """
            INSERT INTO robots (robot_id, handle, name, owner, visibility, created_at)
            VALUES (@robotId, @handle, @name, @owner, @visibility, @createdAt)
            RETURNING id
            """,
            new
            {
                robotId = RobotNames.NewRobotId(),
                handle,
                name,
                owner = account.Name,
                visibility = visibility.ToWire(),
                createdAt = clock.GetUtcNow().ToUnixTimeMilliseconds(),
            },
            transaction);
        var (streamKey, streamKeys) = (RobotNames.NewStreamKey(), await StreamKeysAsync());
        await connection.ExecuteAsync(
            "INSERT INTO cameras (robot, stream_key_digest, sealed_stream_key) VALUES (@robotId, @digest, @box)",
            new { robotId, digest = streamKeys.Digest(streamKey), box = streamKeys.Seal(streamKey) },
            transaction);
        await transaction.CommitAsync();

        return await FindByHandleAsync(handle) ?? throw new InvalidOperationException("A robot that was just stored is missing.");
    }

    /// <summary>Sets who may watch a robot. False when there is no robot of this handle.</summary>
    public async Task<bool> SetVisibilityAsync(string handle, Visibility visibility)
    {
        await using var connection = await database.OpenAsync();
        return await connection.ExecuteAsync(
            "UPDATE robots SET visibility = @visibility WHERE handle = @handle", new { handle, visibility = visibility.ToWire() }) > 0;
    }

    private async Task<StreamKeys> StreamKeysAsync() => _streamKeys ??= new StreamKeys(await database.MasterKeyAsync());

    private static async Task<string> FreeHandleAsync(DbConnection connection, DbTransaction transaction, string wanted)
    {
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
            "SELECT camera_id, robot FROM cameras WHERE robot IN @ids ORDER BY camera_id",
            new { ids = rows.Select(row => row.Id) });
        var camerasByRobot = cameras.ToLookup(camera => camera.Robot);
        return [.. rows.Select(row => row.ToRobot(camerasByRobot[row.Id]))];
    }

    private async Task<IReadOnlyList<Camera>> QueryCamerasAsync(string clause, object parameters)
    {
        await using var connection = await database.OpenAsync();
        var rows = await connection.QueryAsync<(long CameraId, string Handle)>(
            $"SELECT camera_id, handle FROM cameras JOIN robots ON robots.id = cameras.robot {clause}", parameters);
        return [.. rows.Select(row => new Camera((int)row.CameraId, row.Handle))];
    }

    private sealed class CameraRow
    {
        public long CameraId { get; init; }

        public long Robot { get; init; }
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

        public required string Visibility { get; init; }

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
            Enum.Parse<Visibility>(Visibility, ignoreCase: true),
            [.. cameras.Select(camera => new Camera((int)camera.CameraId, Handle))]);
    }
}
