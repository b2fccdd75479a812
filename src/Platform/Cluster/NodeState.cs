namespace LiveRobot.Platform.Cluster;

/// <summary>What a node says of itself.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Where other nodes reach it over HTTP.</param>
/// <param name="Since">When it started.</param>
/// <param name="IsDraining">Whether it ends and takes nobody.</param>
/// <param name="Services">What it runs.</param>
public sealed record NodeState(string Name, Uri Address, DateTimeOffset Since, bool IsDraining, IReadOnlyList<NodeServiceState> Services)
{
    /// <summary>Gets a service of the node; null when it does not run it.</summary>
    public NodeServiceState? Find(string service) => Services.FirstOrDefault(found => found.Name == service);
}

/// <summary>A service of a node.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Where other nodes reach it over HTTP.</param>
/// <param name="Slots">The slots that it has, in the order of their numbers.</param>
/// <param name="Robots">How many robots are connected to it.</param>
/// <param name="Viewers">How many people are.</param>
public sealed record NodeServiceState(string Name, Uri Address, IReadOnlyList<int> Slots, int Robots, int Viewers);
