-- A store as the first version made it, with one robot. What was released once is never edited; nor is this.
PRAGMA journal_mode = WAL;
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
INSERT INTO robots (id, robot_id, handle, name, owner, created_at) VALUES (3, '12345678901234567890', 'rover', 'Rover', 'alice', 0);
INSERT INTO cameras (camera_id, robot, stream_key) VALUES (7, 3, 'hellohellohellohello');
PRAGMA user_version = 1;
