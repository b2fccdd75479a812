using System.Text.Json.Serialization;

using LiveRobot.Platform.Cluster;

namespace LiveRobot.Api.Admin;

/// <summary>The nodes of the installation and their load, for administrators.</summary>
internal static class NodesEndpoint
{
    public static async Task<NodeList> ListAsync(IClusterStore store, ThisNode here, SlotLeases leases, Draining draining, HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";

        // This one as it is now; a process that is alone tells the store nothing.
        var own = here.Read(draining.HasBegun, leases.Held);
        var nodes = (await store.NodesAsync()).Where(node => node.Name != own.Name).Append(own).OrderBy(node => node.Name, StringComparer.Ordinal);
        return new([.. nodes.Select(node => new NodeView(
            node.Name,
            node.Since,
            node.IsDraining,
            [.. node.Services.Select(service => new ServiceView(service.Name, service.Slots, service.Robots, service.Viewers))]))]);
    }

    internal sealed record NodeList([property: JsonPropertyName("nodes")] IReadOnlyList<NodeView> Nodes);

    /// <summary>A process.</summary>
    /// <param name="Since">When it started.</param>
    /// <param name="IsDraining">Whether it ends and takes nobody.</param>
    internal sealed record NodeView(
        [property: JsonPropertyName("name")] string Name,
        [property: JsonPropertyName("since")] DateTimeOffset Since,
        [property: JsonPropertyName("draining")] bool IsDraining,
        [property: JsonPropertyName("services")] IReadOnlyList<ServiceView> Services);

    /// <summary>A service of it: the slots that it has, and how many robots and people are connected.</summary>
    internal sealed record ServiceView(
        [property: JsonPropertyName("name")] string Name,
        [property: JsonPropertyName("slots")] IReadOnlyList<int> Slots,
        [property: JsonPropertyName("robots")] int Robots,
        [property: JsonPropertyName("viewers")] int Viewers);
}
