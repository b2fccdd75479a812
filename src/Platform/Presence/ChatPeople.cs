using System.Text.Json;
using System.Text.Json.Serialization;

using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Redis;

namespace LiveRobot.Platform.Presence;

/// <summary>Who is in chat. Each process that serves it knows its own people and tells the others, which list them too.</summary>
public sealed class ChatPeople(IPresenceStore store, IClusterStore cluster, ThisNode node)
{
    /// <summary>Says who is in chat at this node. To be repeated within the time to live.</summary>
    public async Task HereAsync(IEnumerable<ChatPerson> people, TimeSpan timeToLive) =>
        await store.SetAsync(SharedKeys.ChatPeople(node.Name), JsonSerializer.Serialize(people), timeToLive);

    /// <summary>Tells who is in chat at all other nodes.</summary>
    /// <exception cref="PresenceAwayException">Nobody knows it now.</exception>
    public async Task<IReadOnlyList<ChatPerson>> ElsewhereAsync()
    {
        var others = (await cluster.NodesAsync()).Where(other => other.Name != node.Name && other.Find(Slot.Chat) is not null);
        string[] keys = [.. others.Select(other => SharedKeys.ChatPeople(other.Name))];
        return keys.Length == 0 ? []
            : [.. (await store.GetManyAsync(keys)).OfType<string>().SelectMany(people => JsonSerializer.Deserialize<ChatPerson[]>(people)!)];
    }
}

/// <summary>Some who are in chat in the same way, by their sockets.</summary>
/// <param name="Name">The name of their account; null for those without one.</param>
/// <param name="IsAdministrator">Whether the account is an administrator's.</param>
/// <param name="IsUser">Whether they are on the user socket.</param>
/// <param name="Handle">The robot that they have chosen; null: none.</param>
/// <param name="Count">How many sockets they are.</param>
public sealed record ChatPerson(
    [property: JsonPropertyName("name")] string? Name,
    [property: JsonPropertyName("administrator")] bool IsAdministrator,
    [property: JsonPropertyName("user")] bool IsUser,
    [property: JsonPropertyName("robot")] string? Handle,
    [property: JsonPropertyName("count")] int Count);
