using System.Threading.Channels;

using SocketIO.Adapters;

namespace SocketIO.Tests.Adapters;

/// <summary>Nodes of one process that send each other messages as over a network: later, and in order.</summary>
internal sealed class LoopbackCluster
{
    private readonly List<Node> _nodes = [];

    /// <summary>Gets or sets whether messages are lost on the way.</summary>
    public bool IsCut { get; set; }

    public ClusterAdapter CreateNode() => new Node(this);

    /// <summary>Sends bytes to every node, as if one of them had.</summary>
    public void Send(byte[] message)
    {
        lock (_nodes)
        {
            _nodes.ForEach(node => node.Deliver(message));
        }
    }

    private sealed class Node(LoopbackCluster cluster) : ClusterAdapter
    {
        private readonly Channel<byte[]> _messages = Channel.CreateUnbounded<byte[]>();
        private Task _receiving = Task.CompletedTask;

        public void Deliver(byte[] message) => _messages.Writer.TryWrite(message);

        public override Task<int> CountNodesAsync()
        {
            lock (cluster._nodes)
            {
                return Task.FromResult(cluster._nodes.Count);
            }
        }

        protected override Task OpenAsync(CancellationToken cancellationToken)
        {
            lock (cluster._nodes)
            {
                cluster._nodes.Add(this);
            }

            _receiving = Task.Run(
                async () =>
                {
                    await foreach (var message in _messages.Reader.ReadAllAsync(CancellationToken.None))
                    {
                        Receive(message);
                    }
                },
                cancellationToken);
            return Task.CompletedTask;
        }

        protected override void Publish(ReadOnlyMemory<byte> message, string? node)
        {
            if (!cluster.IsCut)
            {
                cluster.Send(message.ToArray());
            }
        }

        public override async ValueTask DisposeAsync()
        {
            lock (cluster._nodes)
            {
                cluster._nodes.Remove(this);
            }

            _messages.Writer.TryComplete();
            await _receiving;
        }
    }
}
