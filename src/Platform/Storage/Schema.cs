using System.Data.Common;

using Dapper;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Robots;

using Npgsql;

namespace LiveRobot.Platform.Storage;

/// <summary>One step of the tables' history, in the transaction of all that are due.</summary>
internal delegate Task Migration(DbConnection connection, DbTransaction transaction, StorageOptions options);

/// <summary>
/// The tables, as the steps that led to them, the same for each kind of store. They are written in SQLite's words, and
/// <see cref="PostgresSchema"/> has PostgreSQL's for them. A step that was released is never edited; a change is a new step.
/// </summary>
internal static class Schema
{
    public static IReadOnlyList<Migration> Migrations { get; } =
    [
        Sql("""
        CREATE TABLE robots (
            id            INTEGER PRIMARY KEY,
            robot_id      TEXT NOT NULL UNIQUE,
            handle        TEXT NOT NULL UNIQUE,
            name          TEXT NOT NULL,
            owner         TEXT NOT NULL,
            description   TEXT NOT NULL DEFAULT '',
            xres          INTEGER NOT NULL DEFAULT 640,
            yres          INTEGER NOT NULL DEFAULT 480,
            mic_enabled   INTEGER NOT NULL DEFAULT 1,
            release_rule  TEXT NOT NULL DEFAULT 'up' CHECK (release_rule IN ('up', 'stop', 'none')),
            non_global_chat INTEGER NOT NULL DEFAULT 0,
            button_panels TEXT,
            created_at    INTEGER NOT NULL
        );
        CREATE TABLE secrets (
            name  TEXT PRIMARY KEY,
            value BLOB NOT NULL
        );
        CREATE TABLE cameras (
            camera_id  INTEGER PRIMARY KEY AUTOINCREMENT,
            robot      INTEGER NOT NULL REFERENCES robots (id) ON DELETE CASCADE,
            stream_key TEXT NOT NULL UNIQUE
        );
        CREATE INDEX cameras_of_robot ON cameras (robot);
        CREATE TABLE chat_messages (
            id         INTEGER PRIMARY KEY AUTOINCREMENT,
            message_id TEXT NOT NULL UNIQUE,
            handle     TEXT NOT NULL,
            name       TEXT NOT NULL,
            text       TEXT NOT NULL,
            color      TEXT NOT NULL,
            anonymous  INTEGER NOT NULL,
            sent_at    INTEGER NOT NULL
        );
        CREATE INDEX chat_messages_of_robot ON chat_messages (handle, id);
        """),
        HideStreamKeysAsync,
        Sql("""
        ALTER TABLE robots ADD COLUMN visibility TEXT NOT NULL DEFAULT 'public'
            CHECK (visibility IN ('public', 'unlisted', 'private'))
        """),
        Sql("""
        CREATE TABLE accounts (
            id               INTEGER PRIMARY KEY AUTOINCREMENT,
            name             TEXT NOT NULL,
            skeleton         TEXT NOT NULL UNIQUE,
            password_hash    TEXT,
            is_administrator INTEGER NOT NULL DEFAULT 0,
            description      TEXT NOT NULL DEFAULT '',
            created_at       INTEGER NOT NULL
        );
        CREATE UNIQUE INDEX accounts_by_name ON accounts (lower(name));
        CREATE TABLE retired_names (
            skeleton TEXT PRIMARY KEY
        );
        CREATE TABLE sessions (
            id           INTEGER PRIMARY KEY AUTOINCREMENT,
            token_digest BLOB NOT NULL UNIQUE,
            account      INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
            created_at   INTEGER NOT NULL,
            expires_at   INTEGER NOT NULL
        );
        CREATE INDEX sessions_of_account ON sessions (account);
        CREATE TABLE api_keys (
            id           INTEGER PRIMARY KEY AUTOINCREMENT,
            account      INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
            name         TEXT NOT NULL,
            key_digest   BLOB NOT NULL UNIQUE,
            created_at   INTEGER NOT NULL,
            last_used_at INTEGER
        );
        CREATE INDEX api_keys_of_account ON api_keys (account);
        CREATE TABLE changes (
            id         INTEGER PRIMARY KEY AUTOINCREMENT,
            kind       TEXT NOT NULL,
            subject    TEXT NOT NULL,
            changed_at INTEGER NOT NULL
        );
        CREATE INDEX robots_of_owner ON robots (owner);
        """),
        GiveOwnersAccountsAsync,
        SealRobotIdsAsync,
        Sql("""
        ALTER TABLE robots ADD COLUMN drive_rule TEXT NOT NULL DEFAULT 'everyone'
            CHECK (drive_rule IN ('everyone', 'signed_in', 'named', 'owner'));
        ALTER TABLE robots ADD COLUMN drivers TEXT NOT NULL DEFAULT '[]';
        ALTER TABLE robots ADD COLUMN anonymous_control INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE robots ADD COLUMN dev_mode INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE robots ADD COLUMN profanity_filter INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE robots ADD COLUMN no_exclusive_control_button INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE robots ADD COLUMN mute_text_to_speech INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE robots ADD COLUMN custom_panels INTEGER NOT NULL DEFAULT 1;
        """),
        Sql("""
        ALTER TABLE robots ADD COLUMN robot_token_digest BLOB;
        ALTER TABLE robots ADD COLUMN bare_ids TEXT NOT NULL DEFAULT 'everywhere'
            CHECK (bare_ids IN ('everywhere', 'tls', 'networks', 'off'));
        ALTER TABLE robots ADD COLUMN bare_id_networks TEXT NOT NULL DEFAULT '[]';
        CREATE TABLE pairing_codes (
            robot       INTEGER PRIMARY KEY REFERENCES robots (id) ON DELETE CASCADE,
            code_digest BLOB NOT NULL UNIQUE,
            expires_at  INTEGER NOT NULL
        );
        """),
        Sql("""
        ALTER TABLE robots ADD COLUMN viewing_generation INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE retired_handles (
            handle TEXT PRIMARY KEY
        );
        """),
        Sql("""
        CREATE TABLE control_rules (
            robot   INTEGER PRIMARY KEY REFERENCES robots (id) ON DELETE CASCADE,
            version INTEGER NOT NULL,
            rules   TEXT NOT NULL
        );
        CREATE TABLE moving_robots (
            robot INTEGER PRIMARY KEY REFERENCES robots (id) ON DELETE CASCADE
        );
        CREATE TABLE command_log (
            id        INTEGER PRIMARY KEY AUTOINCREMENT,
            robot     INTEGER NOT NULL REFERENCES robots (id) ON DELETE CASCADE,
            at        INTEGER NOT NULL,
            username  TEXT NOT NULL,
            command   TEXT NOT NULL,
            position  TEXT NOT NULL,
            outcome   TEXT NOT NULL
        );
        CREATE INDEX command_log_of_robot ON command_log (robot, id);
        """),
        Sql("""
        ALTER TABLE robots ADD COLUMN charging INTEGER;
        ALTER TABLE robots ADD COLUMN charging_since INTEGER;
        CREATE TABLE wifi_logins (
            robot         INTEGER PRIMARY KEY REFERENCES robots (id) ON DELETE CASCADE,
            secret_digest BLOB NOT NULL UNIQUE,
            sealed_secret BLOB NOT NULL,
            sealed_login  BLOB,
            expires_at    INTEGER
        );
        """),
        Sql("""
        CREATE TABLE subscriptions (
            account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
            robot   INTEGER NOT NULL REFERENCES robots (id) ON DELETE CASCADE,
            PRIMARY KEY (account, robot)
        );
        CREATE INDEX subscriptions_of_robot ON subscriptions (robot);
        CREATE TABLE snapshots (
            id          INTEGER PRIMARY KEY AUTOINCREMENT,
            snapshot_id TEXT NOT NULL UNIQUE,
            robot       INTEGER NOT NULL REFERENCES robots (id) ON DELETE CASCADE,
            account     INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
            caption     TEXT NOT NULL,
            picture     BLOB NOT NULL,
            taken_at    INTEGER NOT NULL
        );
        CREATE INDEX snapshots_of_robot ON snapshots (robot, id);
        CREATE INDEX snapshots_of_account ON snapshots (account);
        """),
        Sql("""
        CREATE TABLE bans (
            id      INTEGER PRIMARY KEY AUTOINCREMENT,
            robot   INTEGER REFERENCES robots (id) ON DELETE CASCADE,
            owner   INTEGER REFERENCES accounts (id) ON DELETE CASCADE,
            account INTEGER REFERENCES accounts (id) ON DELETE CASCADE,
            address TEXT,
            name    TEXT NOT NULL,
            reason  TEXT NOT NULL,
            made_by TEXT NOT NULL,
            made_at INTEGER NOT NULL,
            until   INTEGER
        );
        CREATE INDEX bans_of_account ON bans (account);
        CREATE INDEX bans_of_address ON bans (address);
        ALTER TABLE chat_messages ADD COLUMN address TEXT;
        """),
        Sql("ALTER TABLE chat_messages ADD COLUMN removed_at INTEGER"),
        Sql("""
        CREATE TABLE moderators (
            robot   INTEGER NOT NULL REFERENCES robots (id) ON DELETE CASCADE,
            account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
            since   INTEGER NOT NULL,
            PRIMARY KEY (robot, account)
        );
        CREATE INDEX moderators_of_account ON moderators (account);
        CREATE TABLE moderation_log (
            id      INTEGER PRIMARY KEY AUTOINCREMENT,
            robot   INTEGER REFERENCES robots (id) ON DELETE CASCADE,
            owner   INTEGER REFERENCES accounts (id) ON DELETE CASCADE,
            at      INTEGER NOT NULL,
            made_by TEXT NOT NULL,
            action  TEXT NOT NULL,
            name    TEXT NOT NULL,
            message TEXT NOT NULL,
            reason  TEXT NOT NULL,
            until   INTEGER
        );
        CREATE INDEX moderation_log_of_robot ON moderation_log (robot, id);
        CREATE INDEX moderation_log_of_owner ON moderation_log (owner, id);
        """,
        sqlite: """
        CREATE TRIGGER moderation_log_is_only_appended_to BEFORE UPDATE ON moderation_log
        BEGIN
            SELECT RAISE(ABORT, 'The moderation log is only appended to.');
        END;
        """,
        postgres: """
        CREATE FUNCTION refuse_to_change_moderation_log() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'The moderation log is only appended to.';
        END $$;
        CREATE TRIGGER moderation_log_is_only_appended_to BEFORE UPDATE ON moderation_log
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_moderation_log();
        """),
        Sql("ALTER TABLE chat_messages ADD COLUMN by_robot INTEGER NOT NULL DEFAULT 0"),
        MakeSkeletonsCanonicalAsync,
        Sql("""
        CREATE TABLE chat_rules (
            robot INTEGER PRIMARY KEY REFERENCES robots (id) ON DELETE CASCADE,
            rules TEXT NOT NULL
        );
        """),
        Sql("""
        ALTER TABLE robots ADD COLUMN slot INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX robots_of_slot ON robots (slot);
        """),
    ];

    /// <summary>Refuses a store whose tables this program does not know.</summary>
    /// <exception cref="StoreException">It was made by a later version.</exception>
    public static void CheckVersion(int version, string place)
    {
        if (version > Migrations.Count)
        {
            throw new StoreException($"The store in {place} has version {version}; this program knows versions up to {Migrations.Count}. Use a later one.");
        }
    }

    /// <summary>A step in SQLite's words, which PostgreSQL gets in its own; with what only one of them is to be told.</summary>
    private static Migration Sql(string statements, string sqlite = "", string postgres = "") => (connection, transaction, _) =>
        ExecuteAsync(connection, transaction, $"{statements};{(connection is NpgsqlConnection ? postgres : sqlite)}");

    private static Task<int> ExecuteAsync(DbConnection connection, DbTransaction transaction, string statements) =>
        connection.ExecuteAsync(connection is NpgsqlConnection ? PostgresSchema.Of(statements) : statements, transaction: transaction);

    /// <summary>Stream keys were stored as they are; now as <see cref="SealedCredentials"/> does.</summary>
    private static async Task HideStreamKeysAsync(DbConnection connection, DbTransaction transaction, StorageOptions options)
    {
        await ExecuteAsync(
            connection,
            transaction,
            """
            CREATE TABLE hidden_cameras (
                camera_id         INTEGER PRIMARY KEY AUTOINCREMENT,
                robot             INTEGER NOT NULL REFERENCES robots (id) ON DELETE CASCADE,
                stream_key_digest BLOB NOT NULL UNIQUE,
                sealed_stream_key BLOB NOT NULL
            )
            """);
        var streamKeys = SealedCredentials.OfStreamKeys(await MasterKey.LoadAsync(connection, transaction, options));
        var cameras = await connection.QueryAsync<(long CameraId, long Robot, string StreamKey)>(
            "SELECT camera_id, robot, stream_key FROM cameras", transaction: transaction);
        foreach (var (cameraId, robot, streamKey) in cameras)
        {
            await connection.ExecuteAsync(
                """
                INSERT INTO hidden_cameras (camera_id, robot, stream_key_digest, sealed_stream_key)
                VALUES (@cameraId, @robot, @digest, @box)
                """,
                new { cameraId, robot, digest = streamKeys.Digest(streamKey), box = streamKeys.Seal(streamKey) },
                transaction);
        }

        // What is deleted is overwritten: the old table had the keys as they are.
        await ExecuteAsync(
            connection,
            transaction,
            """
            PRAGMA secure_delete = ON;
            DROP TABLE cameras;
            ALTER TABLE hidden_cameras RENAME TO cameras;
            CREATE INDEX cameras_of_robot ON cameras (robot);
            """);
    }

    /// <summary>Owners were names on robots; now they are accounts. Those that look alike become one, the first of them.</summary>
    private static async Task GiveOwnersAccountsAsync(DbConnection connection, DbTransaction transaction, StorageOptions options)
    {
        var robots = await connection.QueryAsync<(long Id, string Owner, long CreatedAt)>(
            "SELECT id, owner, created_at FROM robots ORDER BY id", transaction: transaction);
        foreach (var (id, owner, createdAt) in robots)
        {
            // Later names were told apart better, see MakeSkeletonsCanonicalAsync.
            var skeleton = AccountNames.Fold(owner).Replace("rn", "m", StringComparison.Ordinal).Replace("vv", "w", StringComparison.Ordinal);
            await connection.ExecuteAsync(
                """
                INSERT INTO accounts (name, skeleton, created_at) VALUES (@owner, @skeleton, @createdAt) ON CONFLICT DO NOTHING;
                UPDATE robots SET owner = (SELECT name FROM accounts WHERE skeleton = @skeleton) WHERE id = @id
                """,
                new { id, owner, skeleton, createdAt },
                transaction);
        }
    }

    /// <summary>
    /// Names that look alike had several skeletons. Of accounts that turn out to look alike all go on; the first has the
    /// skeleton, and the others one that no name has.
    /// </summary>
    private static async Task MakeSkeletonsCanonicalAsync(DbConnection connection, DbTransaction transaction, StorageOptions options)
    {
        var accounts = (await connection.QueryAsync<(long Id, string Name)>("SELECT id, name FROM accounts ORDER BY id", transaction: transaction)).AsList();
        await connection.ExecuteAsync("UPDATE accounts SET skeleton = '#' || id", transaction: transaction);
        foreach (var (id, name) in accounts)
        {
            await connection.ExecuteAsync(
                "UPDATE accounts SET skeleton = @skeleton WHERE id = @id AND NOT EXISTS (SELECT 1 FROM accounts WHERE skeleton = @skeleton)",
                new { id, skeleton = AccountNames.Skeleton(name) },
                transaction);
        }

        foreach (var skeleton in (await connection.QueryAsync<string>("SELECT skeleton FROM retired_names", transaction: transaction)).AsList())
        {
            await connection.ExecuteAsync(
                "DELETE FROM retired_names WHERE skeleton = @skeleton; INSERT INTO retired_names (skeleton) VALUES (@canonical) ON CONFLICT (skeleton) DO NOTHING",
                new { skeleton, canonical = AccountNames.Skeleton(skeleton) },
                transaction);
        }
    }

    /// <summary>Robot-ids were stored as they are; now as <see cref="SealedCredentials"/> does.</summary>
    private static async Task SealRobotIdsAsync(DbConnection connection, DbTransaction transaction, StorageOptions options)
    {
        // What is written over must not stay readable in the file.
        await ExecuteAsync(
            connection,
            transaction,
            """
            PRAGMA secure_delete = ON;
            ALTER TABLE robots ADD COLUMN sealed_robot_id BLOB;
            ALTER TABLE robots RENAME COLUMN robot_id TO robot_id_digest
            """);
        var robotIds = SealedCredentials.OfRobotIds(await MasterKey.LoadAsync(connection, transaction, options));
        var robots = await connection.QueryAsync<(long Id, string RobotId)>("SELECT id, robot_id_digest FROM robots", transaction: transaction);
        foreach (var (id, robotId) in robots)
        {
            await connection.ExecuteAsync(
                "UPDATE robots SET robot_id_digest = @digest, sealed_robot_id = @box WHERE id = @id",
                new { id, digest = robotIds.TextDigest(robotId), box = robotIds.Seal(robotId) },
                transaction);
        }
    }
}
