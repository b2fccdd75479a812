namespace LiveRobot.Platform.Cluster;

/// <summary>The cluster of a single process, which loses nothing while it runs.</summary>
public sealed class MemoryClusterStore(TimeProvider clock) : IClusterStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Slot, (string Node, long Lapses)> _leases = [];
    private readonly SortedDictionary<string, (NodeState State, long Lapses)> _nodes = new(StringComparer.Ordinal);

    public Task<bool> TakeAsync(Slot slot, string node, TimeSpan lifetime, bool isHeld)
    {
        lock (_gate)
        {
            var isFree = HolderOf(slot) is not { } holder || holder == node;
            if (isFree)
            {
                _leases[slot] = (node, LapseAfter(lifetime));
            }

            return Task.FromResult(isFree);
        }
    }

    public Task ReleaseAsync(Slot slot, string node)
    {
        lock (_gate)
        {
            if (HolderOf(slot) == node)
            {
                _leases.Remove(slot);
            }
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<string?>> HoldersAsync(IReadOnlyList<Slot> slots)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<string?>>([.. slots.Select(HolderOf)]);
        }
    }

    public Task RegisterAsync(NodeState node, TimeSpan lifetime)
    {
        lock (_gate)
        {
            _nodes[node.Name] = (node, LapseAfter(lifetime));
        }

        return Task.CompletedTask;
    }

    public Task RemoveAsync(string node)
    {
        lock (_gate)
        {
            _nodes.Remove(node);
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<NodeState>> NodesAsync()
    {
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            foreach (var lapsed in _nodes.Where(node => node.Value.Lapses <= now).Select(node => node.Key).ToArray())
            {
                _nodes.Remove(lapsed);
            }

            return Task.FromResult<IReadOnlyList<NodeState>>([.. _nodes.Values.Select(node => node.State)]);
        }
    }

    private string? HolderOf(Slot slot) => _leases.TryGetValue(slot, out var lease) && lease.Lapses > clock.GetTimestamp() ? lease.Node : null;

    private long LapseAfter(TimeSpan lifetime) => clock.GetTimestamp() + (long)(lifetime.TotalSeconds * clock.TimestampFrequency);
}
