using LiveRobot.Platform.Presence;

using StackExchange.Redis;

namespace LiveRobot.Platform.Redis;

/// <summary>Presence that all processes on one Redis share.</summary>
/// <remarks>What is written while Redis is away is lost without a word: whoever writes says it again within a third of its time to live.</remarks>
internal sealed class RedisPresenceStore(RedisConnection redis) : IPresenceStore
{
    private const string RemoveIf = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";

    public async ValueTask SetAsync(string key, string value, TimeSpan timeToLive) =>
        await WriteAsync(database => database.StringSetAsync(redis.Name(key), value, timeToLive));

    public async ValueTask<string?> GetAsync(string key) => await redis.AskAsync(database => database.StringGetAsync(redis.Name(key)));

    public async ValueTask<IReadOnlyList<string?>> GetManyAsync(IReadOnlyList<string> keys)
    {
        var names = keys.Select(key => (RedisKey)redis.Name(key)).ToArray();
        return [.. (await redis.AskAsync(database => database.StringGetAsync(names))).Select(value => (string?)value)];
    }

    public async ValueTask<bool> ExpireAsync(string key, TimeSpan timeToLive) =>
        await WriteAsync(database => database.KeyExpireAsync(redis.Name(key), timeToLive));

    public async ValueTask<bool> RemoveAsync(string key) => await WriteAsync(database => database.KeyDeleteAsync(redis.Name(key)));

    public async ValueTask<bool> RemoveAsync(string key, string value) => await WriteAsync(
        async database => (bool)await database.ScriptEvaluateAsync(RemoveIf, [(RedisKey)redis.Name(key)], [(RedisValue)value]));

    private async Task<bool> WriteAsync(Func<IDatabase, Task<bool>> write)
    {
        try
        {
            return await redis.AskAsync(write);
        }
        catch (RedisAwayException)
        {
            return false;
        }
    }
}
