using LiveRobot.Platform.Hosting;

using Microsoft.Extensions.DependencyInjection;

namespace LiveRobot.Platform.Cluster;

/// <summary>A service that this process runs.</summary>
/// <param name="Name">Its name: <c>api</c>, <c>status</c>, or one of <see cref="Slot"/>.</param>
/// <param name="HasSlots">Whether it serves robots by slots.</param>
/// <param name="Port">The port at which other nodes reach it.</param>
/// <param name="Load">Counts what it does now.</param>
public sealed record NodeService(string Name, bool HasSlots, Func<PortOptions, int> Port, Func<NodeLoad> Load);

/// <summary>What a service does now.</summary>
/// <param name="Robots">How many robots are connected.</param>
/// <param name="Viewers">How many people are.</param>
public readonly record struct NodeLoad(int Robots, int Viewers);

/// <summary>Says which services this process runs.</summary>
public static class NodeServiceExtensions
{
    /// <summary>This process runs a service whose robots are shared out by slots.</summary>
    public static IServiceCollection AddSlotService(
        this IServiceCollection services, string name, Func<PortOptions, int> port, Func<IServiceProvider, NodeLoad> load) =>
        services.AddSingleton(provider => new NodeService(name, HasSlots: true, port, () => load(provider)));

    /// <summary>This process runs a service that any number of nodes serve alike.</summary>
    public static IServiceCollection AddNodeService(
        this IServiceCollection services, string name, Func<PortOptions, int> port, Func<IServiceProvider, NodeLoad>? load = null) =>
        services.AddSingleton(provider => new NodeService(name, HasSlots: false, port, () => load?.Invoke(provider) ?? default));
}
