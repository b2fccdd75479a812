using SocketIO.Adapters;

namespace SocketIO;

/// <summary>
/// An address: the sockets of some rooms, less those of others, on every node that the server's adapter reaches.
/// Immutable; each step returns a new address.
/// </summary>
public sealed class Broadcast
{
    private readonly Namespace _namespace;
    private readonly IAdapter _adapter;
    private readonly Audience _audience;

    internal Broadcast(Namespace @namespace)
        : this(@namespace, @namespace.Adapter, Audience.Everyone)
    {
    }

    private Broadcast(Namespace @namespace, IAdapter adapter, in Audience audience)
    {
        _namespace = @namespace;
        _adapter = adapter;
        _audience = audience;
    }

    /// <summary>Adds a room. A socket that is in several of the rooms still gets one copy.</summary>
    public Broadcast To(string room)
    {
        ArgumentNullException.ThrowIfNull(room);
        return new Broadcast(_namespace, _adapter, _audience with { Rooms = _audience.Rooms.Add(room) });
    }

    /// <summary>Leaves out the sockets of a room; a socket's own id is a room of its own.</summary>
    public Broadcast Except(string room)
    {
        ArgumentNullException.ThrowIfNull(room);
        return new Broadcast(_namespace, _adapter, _audience with { Except = _audience.Except.Add(room) });
    }

    /// <summary>Leaves out the sockets of several rooms.</summary>
    public Broadcast Except(IEnumerable<string> rooms)
    {
        ArgumentNullException.ThrowIfNull(rooms);
        return new Broadcast(_namespace, _adapter, _audience with { Except = _audience.Except.AddRange(rooms) });
    }

    /// <summary>Addresses only sockets of this node.</summary>
    public Broadcast Local() => new(_namespace, InMemoryAdapter.Instance, _audience);

    /// <summary>Sends an event to every addressed socket. The event is encoded and framed once for all of them.</summary>
    public void Emit(EventMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        _adapter.Broadcast(_namespace, _audience, message, isVolatile: false);
    }

    /// <summary>As <see cref="Emit"/>, but only to sockets it can go out to at once; see <see cref="Socket.EmitVolatile"/>.</summary>
    public void EmitVolatile(EventMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        _adapter.Broadcast(_namespace, _audience, message, isVolatile: true);
    }

    /// <summary>Sends an event to every addressed socket and completes with the answers, by socket id, of those that answered in time.</summary>
    public Task<IReadOnlyDictionary<string, Acknowledgement>> AskAsync(EventMessage message, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(message);
        return _adapter.AskAsync(_namespace, _audience, message, timeout);
    }

    /// <summary>Gets the addressed sockets of this node.</summary>
    public IReadOnlyCollection<Socket> GetSockets() => [.. _namespace.Rooms.GetSockets(_audience)];

    /// <summary>Lists the addressed sockets of all nodes.</summary>
    /// <exception cref="TimeoutException">A node did not answer.</exception>
    public Task<IReadOnlyList<SocketInfo>> FetchSocketsAsync() => _adapter.FetchSocketsAsync(_namespace, _audience);

    /// <summary>Adds every addressed socket to a room.</summary>
    public void Join(string room)
    {
        ArgumentNullException.ThrowIfNull(room);
        _adapter.Join(_namespace, _audience, room);
    }

    /// <summary>Removes every addressed socket from a room.</summary>
    public void Leave(string room)
    {
        ArgumentNullException.ThrowIfNull(room);
        _adapter.Leave(_namespace, _audience, room);
    }

    /// <summary>Ends every addressed socket; see <see cref="Socket.Disconnect"/>.</summary>
    public void Disconnect(bool closeConnection = true) => _adapter.Disconnect(_namespace, _audience, closeConnection);
}
