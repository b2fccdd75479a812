using System.Collections.Concurrent;

using Dapper;

using LiveRobot.Platform.Storage;

namespace LiveRobot.ControlSocket;

/// <summary>
/// Robots that may be moving, as noted in the store: a service that was killed while somebody held a key stops the robot
/// first when it is back. A note is written at once, and taken back some time after the robot has proven to stand still.
/// </summary>
internal sealed partial class MovingRobots(Database database, TimeProvider clock, ILogger<MovingRobots> logger) : BackgroundService
{
    /// <summary>Whoever drives presses again and again; a note for each would wear the disk.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <summary>Robots with a note, and since when they stand still; null: they may be moving.</summary>
    private readonly ConcurrentDictionary<string, long?> _noted = new(StringComparer.Ordinal);

    /// <summary>A robot may be moving now, or no longer is. Returns at once.</summary>
    public void Changed(string handle, bool mayBeMoving)
    {
        if (!mayBeMoving)
        {
            _noted.TryUpdate(handle, clock.GetTimestamp(), null);
        }
        else if (_noted.TryAdd(handle, null))
        {
            _ = WriteAsync(handle, "INSERT INTO moving_robots (robot) SELECT id FROM robots WHERE handle = @handle ON CONFLICT (robot) DO NOTHING");
        }
        else
        {
            _noted[handle] = null;
        }
    }

    /// <summary>Tells whether a former life of this service noted that a robot may be moving.</summary>
    public async Task<bool> MayBeMovingAsync(string handle)
    {
        await using var connection = await database.OpenAsync();
        return await connection.ExecuteScalarAsync<long>(
            "SELECT count(*) FROM moving_robots JOIN robots ON robots.id = moving_robots.robot WHERE handle = @handle", new { handle }) > 0;
    }

    /// <summary>Whether a robot may be moving is another's to say since this service last knew.</summary>
    public void Forget(string handle) => _noted.TryRemove(handle, out _);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var noted in _noted)
            {
                if (noted.Value is { } since && clock.GetElapsedTime(since) >= KeptFor && _noted.TryRemove(noted))
                {
                    await WriteAsync(noted.Key, "DELETE FROM moving_robots WHERE robot IN (SELECT id FROM robots WHERE handle = @handle)");
                    if (_noted.ContainsKey(noted.Key))
                    {
                        // It began to move again meanwhile, and its new note may have come before the old one went.
                        await WriteAsync(noted.Key, "INSERT INTO moving_robots (robot) SELECT id FROM robots WHERE handle = @handle ON CONFLICT (robot) DO NOTHING");
                    }
                }
            }
        }
    }

    private async Task WriteAsync(string handle, string statement)
    {
        try
        {
            await using var connection = await database.OpenAsync();
            await connection.ExecuteAsync(statement, new { handle });
        }
#pragma warning disable CA1031 // The robot is driven all the same; without a note, a killed service's robot waits for its own time-out.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.NotNoted(logger, exception, handle);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Whether robot {Handle} may be moving could not be noted.", EventName = "NotNoted")]
        public static partial void NotNoted(ILogger logger, Exception exception, string handle);
    }
}
