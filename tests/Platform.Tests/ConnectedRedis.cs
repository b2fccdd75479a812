using System.Globalization;

using LiveRobot.Platform.Redis;
using LiveRobot.Testing;

using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Tests;

/// <summary>A Redis of a test's own, and a connection to it that waits as long as a busy machine takes.</summary>
internal sealed class ConnectedRedis : IAsyncDisposable
{
    private ConnectedRedis(RedisServer server) => (Server, Connection) = (
        server,
        new(Options.Create(new RedisOptions { Configuration = server.Configuration, Timeout = TimeSpan.FromMinutes(1) }), TimeProvider.System, TestMeters.Instance, NullLogger<RedisConnection>.Instance));

    public RedisServer Server { get; }

    public RedisConnection Connection { get; }

    public static async Task<ConnectedRedis> StartAsync() => new(await RedisServer.StartAsync());

    /// <summary>Lets time pass: the clock of Redis cannot be moved, so every key is made older.</summary>
    public Task PassAsync(TimeSpan time) => Server.AskAsync(
        "EVAL",
        "for _, key in ipairs(redis.call('KEYS', '*')) do if redis.call('PTTL', key) > 0 then redis.call('PEXPIRE', key, redis.call('PTTL', key) - ARGV[1]) end end",
        "0",
        time.TotalMilliseconds.ToString(CultureInfo.InvariantCulture));

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        await Server.DisposeAsync();
    }
}
