using System.Data.Common;
using System.Text.Json;

using Dapper;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Storage;

using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Robots;

/// <summary>The stored robots. Every look-up reads the database, so that what another process changed is found at once.</summary>
public sealed class RobotDirectory(Database database, Changes changes, IOptions<ClusterOptions> cluster, TimeProvider clock)
{
    /// <summary>The most cameras of a robot.</summary>
    public const int MaxCameras = 8;

    private const string Columns =
        """
        id, sealed_robot_id, handle, name, owner, description, xres, yres, mic_enabled, release_rule, non_global_chat, button_panels,
        visibility, drive_rule, drivers, anonymous_control, dev_mode, profanity_filter, no_exclusive_control_button,
        mute_text_to_speech, custom_panels, bare_ids, bare_id_networks, robot_token_digest, charging, charging_since, slot
        """;

    private SealedCredentials? _robotIds;
    private SealedCredentials? _streamKeys;

    /// <summary>Finds a robot by its private robot-id.</summary>
    public async Task<Robot?> FindByRobotIdAsync(string robotId)
    {
        var digest = (await RobotIdsAsync()).TextDigest(robotId);
        return (await QueryAsync("WHERE robot_id_digest = @digest", new { digest })).SingleOrDefault();
    }

    /// <summary>Finds a robot by its public handle.</summary>
    public async Task<Robot?> FindByHandleAsync(string handle) =>
        (await QueryAsync("WHERE handle = @handle", new { handle })).SingleOrDefault();

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

    /// <summary>Finds robots with a text in their name, their handle or their owner's name, those that were made last first.</summary>
    /// <param name="sought">The text; null or empty: all.</param>
    /// <param name="before">Where the part before has ended; null: begin.</param>
    public async Task<Page<Robot>> SearchAsync(string? sought, long? before)
    {
        await using var connection = await database.OpenAsync();
        var found = await connection.QueryAsync<long>(
            """
            SELECT id FROM robots
            WHERE (lower(name) LIKE @pattern ESCAPE '\' OR handle LIKE @pattern ESCAPE '\' OR lower(owner) LIKE @pattern ESCAPE '\')
                AND (@before IS NULL OR id < @before)
            ORDER BY id DESC LIMIT @limit
            """,
            new { pattern = Page.Pattern(sought), before, limit = Page.Size + 1 });
        var page = Page.Of(found.AsList(), id => id);
        return new(await QueryAsync(connection, null, $"WHERE {database.In("id", "@ids")} ORDER BY id DESC", new { ids = page.Items.ToArray() }), page.Next);
    }

    /// <summary>
    /// Stores a new robot with one camera, in the slot with the fewest; its robot-id, handle, camera-id and stream key are generated. The handle of
    /// one that is not public ends in chance, because it cannot be told from the name then.
    /// </summary>
    /// <exception cref="ArgumentException">The name or the owner's name breaks a rule; the message is for people.</exception>
    public async Task<Robot> AddAsync(string name, string owner, Visibility visibility = Visibility.Public) =>
        (await AddWithinAsync(name, owner, visibility, limit: int.MaxValue))!;

    /// <summary>The same for an owner who may have so many robots; null when there are as many.</summary>
    /// <inheritdoc cref="AddAsync" path="/exception"/>
    public async Task<Robot?> AddWithinAsync(string name, string owner, Visibility visibility, int limit)
    {
        RobotNames.CheckName(name, nameof(name));

        var robotIds = await RobotIdsAsync();
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        var account = await AccountDirectory.OwnerAsync(connection, transaction, owner, clock.GetUtcNow());
        var count = await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM robots WHERE owner = @Name", account, transaction);
        if (count >= limit)
        {
            return null;
        }

        var handle = await FreeHandleAsync(
            connection,
            transaction,
            visibility == Visibility.Public ? RobotNames.HandleFor(name) : RobotNames.SecretHandleFor(name));
        var robotId = RobotNames.NewRobotId();
        var id = await connection.ExecuteScalarAsync<long>(
            """
            INSERT INTO robots (robot_id_digest, sealed_robot_id, handle, name, owner, visibility, created_at, slot)
            VALUES (@digest, @box, @handle, @name, @owner, @visibility, @createdAt, @slot)
            RETURNING id
            """,
            new
            {
                digest = robotIds.TextDigest(robotId),
                box = robotIds.Seal(robotId),
                handle,
                name,
                owner = account.Name,
                visibility = visibility.ToWire(),
                createdAt = clock.GetUtcNow().ToUnixTimeMilliseconds(),
                slot = await EmptiestSlotAsync(connection, transaction),
            },
            transaction);
        await AddCameraAsync(connection, transaction, id);
        var robot = (await QueryAsync(connection, transaction, "WHERE id = @id", new { id })).Single();
        await transaction.CommitAsync();
        return robot;
    }

    /// <summary>
    /// Changes what may change of a robot: everything but its robot-id, handle, owner and cameras. The handle stays as the
    /// first name made it, so that no link breaks when the robot is renamed. Its services and the
    /// robot itself are told. Gives the robot as it is then; null when there is none of this handle.
    /// </summary>
    /// <param name="change">Makes the new robot of the stored one.</param>
    /// <exception cref="ArgumentException">The new name or description breaks a rule; the message is for people.</exception>
    public async Task<Robot?> ChangeAsync(string handle, Func<Robot, Robot> change)
    {
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        if ((await QueryAsync(connection, transaction, "WHERE handle = @handle", new { handle })).SingleOrDefault() is not { } stored)
        {
            return null;
        }

        var robot = change(stored);
        RobotNames.CheckName(robot.Name, nameof(robot.Name));
        RobotNames.CheckDescription(robot.Description, nameof(robot.Description));
        await connection.ExecuteAsync(
            """
            UPDATE robots SET
                name = @Name, description = @Description, xres = @XRes, yres = @YRes, mic_enabled = @micEnabled,
                release_rule = @release, non_global_chat = @nonGlobalChat, button_panels = @ButtonPanels, visibility = @visibility,
                drive_rule = @drive, drivers = @drivers, anonymous_control = @anonymousControl, dev_mode = @devMode,
                profanity_filter = @profanityFilter, no_exclusive_control_button = @noExclusiveControlButton,
                mute_text_to_speech = @muteTextToSpeech, custom_panels = @customPanels,
                bare_ids = @bareIds, bare_id_networks = @bareIdNetworks
            WHERE handle = @handle
            """,
            new
            {
                robot.Name,
                robot.Description,
                robot.XRes,
                robot.YRes,
                micEnabled = robot.MicEnabled ? 1 : 0,
                release = robot.Release.ToWire(),
                nonGlobalChat = robot.NonGlobalChat ? 1 : 0,
                robot.ButtonPanels,
                visibility = robot.Visibility.ToWire(),
                drive = robot.Drive.ToWire(),
                drivers = JsonSerializer.Serialize(robot.Drivers),
                anonymousControl = robot.AnonymousControl ? 1 : 0,
                devMode = robot.DevMode ? 1 : 0,
                profanityFilter = robot.ProfanityFilter ? 1 : 0,
                noExclusiveControlButton = robot.NoExclusiveControlButton ? 1 : 0,
                muteTextToSpeech = robot.MuteTextToSpeech ? 1 : 0,
                customPanels = robot.CustomPanels ? 1 : 0,
                bareIds = robot.BareIds.ToWire(),
                bareIdNetworks = JsonSerializer.Serialize(robot.BareIdNetworks),
                handle,
            },
            transaction);
        await changes.AddAsync(connection, transaction, new RobotSettingsChanged(handle));
        var changed = (await QueryAsync(connection, transaction, "WHERE handle = @handle", new { handle })).Single();
        await transaction.CommitAsync();
        changes.Announce();
        return changed;
    }

    /// <summary>Sets who may watch a robot. False when there is no robot of this handle.</summary>
    public async Task<bool> SetVisibilityAsync(string handle, Visibility visibility) =>
        await ChangeAsync(handle, robot => robot with { Visibility = visibility }) is not null;

    /// <summary>Gives a robot a new robot-id; who is connected by the old one is cut off. Null when there is no such robot.</summary>
    public async Task<string?> ReplaceRobotIdAsync(string handle)
    {
        var (robotId, robotIds) = (RobotNames.NewRobotId(), await RobotIdsAsync());
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        var found = await connection.ExecuteAsync(
            "UPDATE robots SET robot_id_digest = @digest, sealed_robot_id = @box WHERE handle = @handle",
            new { handle, digest = robotIds.TextDigest(robotId), box = robotIds.Seal(robotId) },
            transaction);
        await changes.AddAsync(connection, transaction, new RobotAccessChanged(handle));
        await transaction.CommitAsync();
        changes.Announce();
        return found > 0 ? robotId : null;
    }

    /// <summary>
    /// Gives a robot a new robot token; who is connected by an old one is cut off. It is stored as a digest, so this is
    /// the only time that it can be read. Null when there is no such robot.
    /// </summary>
    public async Task<string?> ReplaceRobotTokenAsync(string handle)
    {
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        var token = await ReplaceRobotTokenAsync(connection, transaction, changes, handle);
        await transaction.CommitAsync();
        changes.Announce();
        return token;
    }

    /// <inheritdoc cref="ReplaceRobotTokenAsync(string)"/>
    internal static async Task<string?> ReplaceRobotTokenAsync(DbConnection connection, DbTransaction transaction, Changes changes, string handle)
    {
        var token = SecretTokens.New();
        var found = await connection.ExecuteAsync(
            "UPDATE robots SET robot_token_digest = @digest WHERE handle = @handle", new { handle, digest = SecretTokens.Digest(token) }, transaction);
        await changes.AddAsync(connection, transaction, new RobotAccessChanged(handle));
        return found > 0 ? token : null;
    }

    /// <summary>Tells whether this is the robot token of a robot.</summary>
    public async Task<bool> IsRobotTokenAsync(string handle, string token)
    {
        await using var connection = await database.OpenAsync();
        return await connection.ExecuteScalarAsync<long>(
            "SELECT count(*) FROM robots WHERE handle = @handle AND robot_token_digest = @digest",
            new { handle, digest = SecretTokens.Digest(token) }) > 0;
    }

    /// <summary>Gives a camera a new stream key; who sends with the old one is cut off. Null when there is no such camera.</summary>
    public async Task<string?> ReplaceStreamKeyAsync(int cameraId)
    {
        var (streamKey, streamKeys) = (RobotNames.NewStreamKey(), await StreamKeysAsync());
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        var found = await connection.ExecuteAsync(
            "UPDATE cameras SET stream_key_digest = @digest, sealed_stream_key = @box WHERE camera_id = @cameraId",
            new { cameraId, digest = streamKeys.Digest(streamKey), box = streamKeys.Seal(streamKey) },
            transaction);
        await changes.AddAsync(connection, transaction, new StreamKeyReplaced(cameraId));
        await transaction.CommitAsync();
        changes.Announce();
        return found > 0 ? streamKey : null;
    }

    /// <summary>Gives a robot one more camera. Null when there is no such robot, or it has as many as it may.</summary>
    public async Task<Camera?> AddCameraAsync(string handle)
    {
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        var robot = await connection.QuerySingleOrDefaultAsync<(long Id, long Cameras)?>(
            "SELECT id, (SELECT count(*) FROM cameras WHERE robot = robots.id) FROM robots WHERE handle = @handle", new { handle }, transaction);
        if (robot is not var (id, cameras) || cameras >= MaxCameras)
        {
            return null;
        }

        var cameraId = await AddCameraAsync(connection, transaction, id);
        await changes.AddAsync(connection, transaction, new RobotSettingsChanged(handle));
        await transaction.CommitAsync();
        changes.Announce();
        return await FindCameraAsync(cameraId);
    }

    /// <summary>Takes a camera from a robot; who sends for it is cut off. A robot keeps one: false when it is the last, or not there.</summary>
    public async Task<bool> DeleteCameraAsync(string handle, int cameraId)
    {
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        var deleted = await connection.ExecuteAsync(
            """
            DELETE FROM cameras WHERE camera_id = @cameraId AND robot = (SELECT id FROM robots WHERE handle = @handle)
                AND (SELECT count(*) FROM cameras others WHERE others.robot = cameras.robot) > 1
            """,
            new { cameraId, handle },
            transaction);
        if (deleted == 0)
        {
            return false;
        }

        await changes.AddAsync(connection, transaction, new StreamKeyReplaced(cameraId));
        await changes.AddAsync(connection, transaction, new RobotSettingsChanged(handle));
        await transaction.CommitAsync();
        changes.Announce();
        return true;
    }

    /// <summary>Deletes a robot with its cameras and its chat; all who are connected to it or as it are cut off. False when it is not there.</summary>
    public async Task<bool> DeleteAsync(string handle)
    {
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        var deleted = await DeleteAsync(connection, transaction, changes, handle);
        await transaction.CommitAsync();
        changes.Announce();
        return deleted;
    }

    /// <inheritdoc cref="DeleteAsync(string)"/>
    internal static async Task<bool> DeleteAsync(DbConnection connection, DbTransaction transaction, Changes changes, string handle)
    {
        var cameras = await connection.QueryAsync<long>(
            "SELECT camera_id FROM cameras JOIN robots ON robots.id = cameras.robot WHERE handle = @handle", new { handle }, transaction);
        var deleted = await connection.ExecuteAsync("DELETE FROM robots WHERE handle = @handle", new { handle }, transaction);
        if (deleted > 0)
        {
            // Whoever has a link to this robot is not to find another one behind it.
            await connection.ExecuteAsync("INSERT INTO retired_handles (handle) VALUES (@handle) ON CONFLICT DO NOTHING", new { handle }, transaction);
        }

        await connection.ExecuteAsync("DELETE FROM chat_messages WHERE handle = @handle", new { handle }, transaction);
        foreach (var cameraId in cameras)
        {
            await changes.AddAsync(connection, transaction, new StreamKeyReplaced((int)cameraId));
        }

        await changes.AddAsync(connection, transaction, new RobotAccessChanged(handle));
        await changes.AddAsync(connection, transaction, new RobotSettingsChanged(handle));
        return deleted > 0;
    }

    /// <summary>Lists the slots that any robot is in.</summary>
    internal async Task<IReadOnlyList<int>> UsedSlotsAsync()
    {
        await using var connection = await database.OpenAsync();
        return [.. (await connection.QueryAsync<long>("SELECT DISTINCT slot FROM robots ORDER BY slot")).Select(slot => (int)slot)];
    }

    private async Task<int> EmptiestSlotAsync(DbConnection connection, DbTransaction transaction)
    {
        var robots = (await connection.QueryAsync<(long Slot, long Count)>("SELECT slot, count(*) FROM robots GROUP BY slot", transaction: transaction))
            .ToDictionary(found => (int)found.Slot, found => found.Count);
        return cluster.Value.Slots.Keys.Order().DefaultIfEmpty(0).MinBy(slot => robots.GetValueOrDefault(slot));
    }

    private static async Task<string> FreeHandleAsync(DbConnection connection, DbTransaction transaction, string wanted)
    {
        for (var number = 1; ; number++)
        {
            var handle = number == 1 ? wanted : $"{wanted}-{number}";
            var taken = await connection.ExecuteScalarAsync<long>(
                "SELECT (SELECT count(*) FROM robots WHERE handle = @handle) + (SELECT count(*) FROM retired_handles WHERE handle = @handle)",
                new { handle },
                transaction);
            if (taken == 0)
            {
                return handle;
            }
        }
    }

    private async Task<int> AddCameraAsync(DbConnection connection, DbTransaction transaction, long robot)
    {
        var (streamKey, streamKeys) = (RobotNames.NewStreamKey(), await StreamKeysAsync());
        return (int)await connection.ExecuteScalarAsync<long>(
            "INSERT INTO cameras (robot, stream_key_digest, sealed_stream_key) VALUES (@robot, @digest, @box) RETURNING camera_id",
            new { robot, digest = streamKeys.Digest(streamKey), box = streamKeys.Seal(streamKey) },
            transaction);
    }

    private async Task<SealedCredentials> RobotIdsAsync() => _robotIds ??= SealedCredentials.OfRobotIds(await database.MasterKeyAsync());

    private async Task<SealedCredentials> StreamKeysAsync() => _streamKeys ??= SealedCredentials.OfStreamKeys(await database.MasterKeyAsync());

    private async Task<IReadOnlyList<Robot>> QueryAsync(string clause, object? parameters)
    {
        await using var connection = await database.OpenAsync();
        return await QueryAsync(connection, null, clause, parameters);
    }

    private async Task<IReadOnlyList<Robot>> QueryAsync(DbConnection connection, DbTransaction? transaction, string clause, object? parameters)
    {
        var rows = (await connection.QueryAsync<RobotRow>($"SELECT {Columns} FROM robots {clause}", parameters, transaction)).AsList();
        if (rows.Count == 0)
        {
            return [];
        }

        var cameras = await connection.QueryAsync<(long Id, long Robot)>(
            $"SELECT camera_id, robot FROM cameras WHERE {database.In("robot", "@ids")} ORDER BY camera_id",
            new { ids = rows.Select(row => row.Id).ToArray() },
            transaction);
        var camerasByRobot = cameras.ToLookup(camera => camera.Robot, camera => camera.Id);
        var robotIds = await RobotIdsAsync();
        return [.. rows.Select(row => row.ToRobot(robotIds.Open(row.SealedRobotId), camerasByRobot[row.Id]))];
    }

    private async Task<IReadOnlyList<Camera>> QueryCamerasAsync(string clause, object parameters)
    {
        await using var connection = await database.OpenAsync();
        var rows = await connection.QueryAsync<(long CameraId, string Handle, long Slot)>(
            $"SELECT camera_id, handle, slot FROM cameras JOIN robots ON robots.id = cameras.robot {clause}", parameters);
        return [.. rows.Select(row => new Camera((int)row.CameraId, row.Handle, (int)row.Slot))];
    }
}
