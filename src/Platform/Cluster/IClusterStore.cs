using LiveRobot.Platform.Presence;

namespace LiveRobot.Platform.Cluster;

/// <summary>
/// Which nodes there are, and which of them has which slot. All of it lapses unless it is said again. Nothing is written
/// under a lease, so it carries no fencing number: the store's own transactions guard what is stored.
/// </summary>
public interface IClusterStore
{
    /// <summary>Takes a slot that nobody has, or renews one that the node has. False when another has it.</summary>
    /// <param name="isHeld">
    /// The node serves the slot already. Only then is a slot given in the first moments of a store that has lost its data:
    /// whoever serves one says so then, and nobody else is to be quicker.
    /// </param>
    /// <exception cref="PresenceAwayException">The store does not answer; the slot may have been taken all the same.</exception>
    Task<bool> TakeAsync(Slot slot, string node, TimeSpan lifetime, bool isHeld);

    /// <summary>Gives a slot back, if the node has it.</summary>
    /// <exception cref="PresenceAwayException">The store does not answer.</exception>
    Task ReleaseAsync(Slot slot, string node);

    /// <summary>Tells which nodes have the slots, in their order; null for each that nobody has.</summary>
    /// <exception cref="PresenceAwayException">The store does not answer.</exception>
    Task<IReadOnlyList<string?>> HoldersAsync(IReadOnlyList<Slot> slots);

    /// <summary>Says that a node is there, and how it is.</summary>
    /// <exception cref="PresenceAwayException">The store does not answer.</exception>
    Task RegisterAsync(NodeState node, TimeSpan lifetime);

    /// <summary>Says that a node has ended.</summary>
    /// <exception cref="PresenceAwayException">The store does not answer.</exception>
    Task RemoveAsync(string node);

    /// <summary>Tells which nodes are there, by name.</summary>
    /// <exception cref="PresenceAwayException">The store does not answer.</exception>
    Task<IReadOnlyList<NodeState>> NodesAsync();
}
