using System.Text.Json;

using LiveRobot.Platform.Cluster;

using StackExchange.Redis;

namespace LiveRobot.Platform.Redis;

/// <summary>
/// The cluster of all processes on one Redis, in the <see cref="SharedKeys"/> of slots, nodes and the cluster itself.
/// </summary>
internal sealed class RedisClusterStore(RedisConnection redis) : IClusterStore
{
    /// <summary>KEYS: the slot, <c>cluster</c>, <c>cluster:new</c>. ARGV: node, lifetime in milliseconds, whether it is held.</summary>
    private const string Take =
        """
        if redis.call('SETNX', KEYS[2], '1') == 1 then
            redis.call('SET', KEYS[3], '1', 'PX', ARGV[2])
        end
        local holder = redis.call('GET', KEYS[1])
        if holder == ARGV[1] or (not holder and (ARGV[3] == '1' or redis.call('EXISTS', KEYS[3]) == 0)) then
            redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
            return 1
        end
        return 0
        """;

    private const string Release = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end return 0";

    public async Task<bool> TakeAsync(Slot slot, string node, TimeSpan lifetime, bool isHeld)
    {
        RedisKey[] keys = [KeyOf(slot), redis.Name(SharedKeys.Cluster), redis.Name(SharedKeys.NewCluster)];
        RedisValue[] values = [node, (long)lifetime.TotalMilliseconds, isHeld ? "1" : "0"];
        return (bool)await redis.AskAsync(database => database.ScriptEvaluateAsync(Take, keys, values));
    }

    public Task ReleaseAsync(Slot slot, string node) => redis.AskAsync(database => database.ScriptEvaluateAsync(Release, [KeyOf(slot)], [node]));

    public async Task<IReadOnlyList<string?>> HoldersAsync(IReadOnlyList<Slot> slots)
    {
        var keys = slots.Select(KeyOf).ToArray();
        return keys.Length == 0 ? [] : [.. (await redis.AskAsync(database => database.StringGetAsync(keys))).Select(holder => (string?)holder)];
    }

    public async Task RegisterAsync(NodeState node, TimeSpan lifetime)
    {
        await redis.AskAsync(database => database.StringSetAsync(KeyOf(node.Name), JsonSerializer.Serialize(node), lifetime));
        await redis.AskAsync(database => database.SetAddAsync(redis.Name(SharedKeys.Nodes), node.Name));
    }

    public async Task RemoveAsync(string node)
    {
        await redis.AskAsync(database => database.KeyDeleteAsync(KeyOf(node)));
        await redis.AskAsync(database => database.SetRemoveAsync(redis.Name(SharedKeys.Nodes), node));
    }

    public async Task<IReadOnlyList<NodeState>> NodesAsync()
    {
        var names = (await redis.AskAsync(database => database.SetMembersAsync(redis.Name(SharedKeys.Nodes)))).Select(name => (string)name!).Order(StringComparer.Ordinal).ToArray();
        if (names.Length == 0)
        {
            return [];
        }

        var found = await redis.AskAsync(database => database.StringGetAsync([.. names.Select(KeyOf)]));
        var lapsed = names.Where((_, index) => found[index].IsNull).Select(name => (RedisValue)name).ToArray();
        if (lapsed.Length > 0)
        {
            await redis.AskAsync(database => database.SetRemoveAsync(redis.Name(SharedKeys.Nodes), lapsed));
        }

        return [.. found.Where(node => !node.IsNull).Select(node => JsonSerializer.Deserialize<NodeState>((string)node!)!)];
    }

    private RedisKey KeyOf(Slot slot) => redis.Name(SharedKeys.SlotHolder(slot));

    private RedisKey KeyOf(string node) => redis.Name(SharedKeys.Node(node));
}
