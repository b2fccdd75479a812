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

    /// <summary>Gets how many messages were sent, but for heartbeats.</summary>
    public int Sent { get; private set; }

    /// <summary>Sends bytes to every node, as if one of them had; gives how many there are.</summary>
    public int Send(byte[] message)
    {
        lock (_nodes)
        {
            Sent += message.AsSpan().IndexOf("eartbeat"u8) < 0 ? 1 : 0;
            _nodes.ForEach(node => node.Deliver(message));
            return _nodes.Count;
        }
    }

    /// <summary>Ends a node as a crash would: the others hear nothing of it any more.</summary>
    public void Kill(ClusterAdapter node)
    {
        lock (_nodes)
        {
            _nodes.Remove((Node)node);
        }
    }

    private sealed class Node(LoopbackCluster cluster) : ClusterAdapter
    {
        private readonly Channel<byte[]> _messages = Channel.CreateUnbounded<byte[]>();
        private Task _receiving = Task.CompletedTask;

        public void Deliver(byte[] message) => _messages.Writer.TryWrite(message);

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

        protected override Task<int> PublishAsync(byte[] message, string? node)
        {
            lock (cluster._nodes)
            {
                return Task.FromResult(cluster.IsCut || !cluster._nodes.Contains(this) ? 0 : cluster.Send(message));
            }
        }

        protected override async ValueTask CloseAsync()
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
