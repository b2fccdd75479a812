namespace LiveRobot.Platform.Cluster;

/// <summary>Which node has which slot now, as all can read it.</summary>
public sealed class SlotDirectory(IClusterStore store)
{
    /// <summary>Tells where other nodes reach the one that has a slot, over HTTP; null when none has it.</summary>
    /// <exception cref="Presence.PresenceAwayException">The store does not answer.</exception>
    public async Task<Uri?> FindAsync(Slot slot)
    {
        var holder = (await store.HoldersAsync([slot]))[0];
        return (await store.NodesAsync()).FirstOrDefault(node => node.Name == holder)?.Find(slot.Service)?.Address;
    }
}
