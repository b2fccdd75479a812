namespace LiveRobot.Platform.Presence;

/// <summary>
/// Keys with a time to live: the semantics of Redis <c>SET … PX</c>, <c>GET</c>, <c>PEXPIRE</c> and <c>DEL</c>.
/// What is here is true now and is lost with the store. Writes to a store that is away are lost; who reads is told.
/// </summary>
public interface IPresenceStore
{
    /// <summary>Sets a key for a time. A key that exists is replaced, and its time begins anew.</summary>
    ValueTask SetAsync(string key, string value, TimeSpan timeToLive);

    /// <summary>Gets the value of a key, or null when it is not there or has lapsed.</summary>
    /// <exception cref="PresenceAwayException">The store does not answer.</exception>
    ValueTask<string?> GetAsync(string key);

    /// <summary>Gets the values of several keys at one moment, in their order; null for each that is not there or has lapsed.</summary>
    /// <exception cref="PresenceAwayException">The store does not answer.</exception>
    ValueTask<IReadOnlyList<string?>> GetManyAsync(IReadOnlyList<string> keys);

    /// <summary>Gives an existing key a new time to live; false when it is not there.</summary>
    ValueTask<bool> ExpireAsync(string key, TimeSpan timeToLive);

    /// <summary>Removes a key; false when it was not there.</summary>
    ValueTask<bool> RemoveAsync(string key);

    /// <summary>Removes a key that has this value; false when it was not there, or has another.</summary>
    ValueTask<bool> RemoveAsync(string key, string value);
}
