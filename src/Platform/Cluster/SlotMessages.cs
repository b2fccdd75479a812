namespace LiveRobot.Platform.Cluster;

/// <summary>A slot is free: another node may take it at once. Told to all nodes.</summary>
public sealed record SlotFreed(string Service, int Number);

/// <summary>This node has a slot from now on. Told in this process alone.</summary>
public sealed record SlotTaken(string Service, int Number);
