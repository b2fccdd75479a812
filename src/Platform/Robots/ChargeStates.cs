using Dapper;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Limits;
using LiveRobot.Platform.Storage;

namespace LiveRobot.Platform.Robots;

/// <summary>Keeps what robots say of their charging. Existing ones repeat it every 5 to 30 seconds; only changes are written.</summary>
public sealed class ChargeStates(Database database, IBus bus, TimeProvider clock)
{
    /// <summary>How many changes a robot may tell at once.</summary>
    public const int Burst = 5;

    /// <summary>The time after which it may tell one more.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly KeyedRate _changes = new(Burst, Interval, clock);

    /// <summary>A robot has said whether it charges. False when it changes its word too often.</summary>
    public async Task<bool> SetAsync(string handle, bool isCharging)
    {
        await using var connection = await database.OpenAsync();
        var parameters = new { handle, charging = isCharging ? 1 : 0, now = clock.GetUtcNow().ToUnixTimeMilliseconds() };
        if (await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM robots WHERE handle = @handle AND charging = @charging", parameters) > 0)
        {
            return true;
        }

        if (_changes.Take(handle) is not null)
        {
            return false;
        }

        await connection.ExecuteAsync("UPDATE robots SET charging = @charging, charging_since = @now WHERE handle = @handle", parameters);
        bus.Publish(new RobotStateChanged(handle));
        return true;
    }
}
