namespace SocketIO.Adapters;

/// <summary>Reaches the sockets of this process: all there are, unless the server was given another adapter. It keeps nothing itself, so one serves any number of servers.</summary>
public sealed class InMemoryAdapter : IAdapter
{
    /// <summary>Gets the adapter.</summary>
    public static InMemoryAdapter Instance { get; } = new();

    /// <inheritdoc/>
    public Task StartAsync(SocketIOServer server, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Broadcast(Namespace @namespace, in Audience audience, EventMessage message, bool isVolatile)
    {
        ArgumentNullException.ThrowIfNull(@namespace);
        ArgumentNullException.ThrowIfNull(message);
        if (@namespace.Recovery is { } recovery)
        {
            recovery.Broadcast(@namespace, audience, message, isVolatile);
            return;
        }

        foreach (var socket in @namespace.Rooms.GetSockets(audience))
        {
            socket.SendEvent(message, isVolatile);
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, Acknowledgement>> AskAsync(Namespace @namespace, Audience audience, EventMessage message, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(@namespace);
        var asked = @namespace.Rooms.GetSockets(audience).Select(socket => (socket.Id, Answer: socket.AskAsync(message, timeout))).ToList();
        var answers = new Dictionary<string, Acknowledgement>();
        foreach (var (id, answer) in asked)
        {
            try
            {
                answers.Add(id, await answer.ConfigureAwait(false));
            }
            catch (Exception e) when (e is TimeoutException or InvalidOperationException)
            {
                // Not among those that answered.
            }
        }

        return answers;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<SocketInfo>> FetchSocketsAsync(Namespace @namespace, Audience audience)
    {
        ArgumentNullException.ThrowIfNull(@namespace);
        return Task.FromResult<IReadOnlyList<SocketInfo>>([.. @namespace.Rooms.GetSockets(audience).Select(SocketInfo.Of)]);
    }

    /// <inheritdoc/>
    public void Join(Namespace @namespace, in Audience audience, string room)
    {
        ArgumentNullException.ThrowIfNull(@namespace);
        foreach (var socket in @namespace.Rooms.GetSockets(audience))
        {
            socket.Join(room);
        }
    }

    /// <inheritdoc/>
    public void Leave(Namespace @namespace, in Audience audience, string room)
    {
        ArgumentNullException.ThrowIfNull(@namespace);
        foreach (var socket in @namespace.Rooms.GetSockets(audience))
        {
            socket.Leave(room);
        }
    }

    /// <inheritdoc/>
    public void Disconnect(Namespace @namespace, in Audience audience, bool closeConnection)
    {
        ArgumentNullException.ThrowIfNull(@namespace);
        foreach (var socket in @namespace.Rooms.GetSockets(audience))
        {
            socket.Disconnect(closeConnection);
        }
    }

    /// <inheritdoc/>
    public Task<int> CountNodesAsync() => Task.FromResult(1);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
