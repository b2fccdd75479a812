namespace SocketIO.Adapters;

/// <summary>
/// The other nodes that are there. One of which nothing was heard while <see cref="Patience"/> heartbeats of this node
/// came back to it is gone.
/// </summary>
/// <remarks>
/// The time that counts is that of this node's own heartbeats: while nothing gets through, nobody is taken for dead.
/// </remarks>
internal sealed class ClusterNodes
{
    /// <summary>How many heartbeats may be missing.</summary>
    public const int Patience = 3;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _missing = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyCollection<string> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _missing.Keys];
            }
        }
    }

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _missing.Count;
            }
        }
    }

    /// <summary>A node was heard.</summary>
    public void Heard(string node)
    {
        lock (_gate)
        {
            _missing[node] = 0;
            _changed.TrySetResult();
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Remove(string node)
    {
        lock (_gate)
        {
            _missing.Remove(node);
        }
    }

    /// <summary>A heartbeat of this node came back: gives the nodes that are gone by it.</summary>
    public IReadOnlyList<string> Beat()
    {
        lock (_gate)
        {
            foreach (var node in _missing.Keys)
            {
                _missing[node]++;
            }

            var gone = _missing.Where(static node => node.Value > Patience).Select(static node => node.Key).ToArray();
            Array.ForEach(gone, node => _missing.Remove(node));
            return gone;
        }
    }

    /// <summary>Waits until so many nodes are there.</summary>
    public async Task WaitAsync(int count)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_missing.Count >= count)
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.ConfigureAwait(false);
        }
    }
}
