namespace SocketIO.Adapters;

/// <summary>
/// Reaches the sockets that a broadcast is addressed to, wherever they are: in this process with
/// <see cref="InMemoryAdapter"/>, on several nodes with a <see cref="ClusterAdapter"/>. It serves all namespaces of one
/// server. Every member may be called from any thread.
/// </summary>
/// <remarks>
/// Who is in which room is known by the node that a socket is connected to; an adapter never needs it of others. What
/// has no answer returns when the sockets of this node have it and the rest is on its way, in the order of the calls; a
/// failure of the network is for the adapter to log. What has an answer is a task.
/// </remarks>
public interface IAdapter : IAsyncDisposable
{
    /// <summary>Begins to serve a server. Called once, before its first client, when the application starts.</summary>
    Task StartAsync(SocketIOServer server, CancellationToken cancellationToken);

    /// <summary>Sends an event to every socket of the audience, once to each. The message is encoded at most once on each node.</summary>
    /// <param name="namespace">The namespace whose sockets are meant.</param>
    /// <param name="audience">Which of its sockets.</param>
    /// <param name="message">The event.</param>
    /// <param name="isVolatile">Whether sockets to which it cannot go out at once go without.</param>
    void Broadcast(Namespace @namespace, in Audience audience, EventMessage message, bool isVolatile);

    /// <summary>Sends an event to every socket of the audience; completes with the acknowledgements, by socket id, of those that answered in time.</summary>
    Task<IReadOnlyDictionary<string, Acknowledgement>> AskAsync(Namespace @namespace, Audience audience, EventMessage message, TimeSpan timeout);

    /// <summary>Lists the sockets of the audience.</summary>
    /// <exception cref="TimeoutException">A node did not answer.</exception>
    Task<IReadOnlyList<SocketInfo>> FetchSocketsAsync(Namespace @namespace, Audience audience);

    /// <summary>Adds every socket of the audience to a room.</summary>
    void Join(Namespace @namespace, in Audience audience, string room);

    /// <summary>Removes every socket of the audience from a room.</summary>
    void Leave(Namespace @namespace, in Audience audience, string room);

    /// <summary>Ends every socket of the audience; see <see cref="Socket.Disconnect"/>.</summary>
    void Disconnect(Namespace @namespace, in Audience audience, bool closeConnection);

    /// <summary>Counts the nodes that the audience may be on, this one included.</summary>
    Task<int> CountNodesAsync();
}
