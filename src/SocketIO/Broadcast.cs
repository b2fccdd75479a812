using System.Collections.Immutable;

namespace SocketIO;

/// <summary>
/// An address: the sockets of some rooms, less those of others. Immutable; each step returns a new address.
/// </summary>
public sealed class Broadcast
{
    private readonly Namespace _namespace;
    private readonly ImmutableArray<string> _rooms;
    private readonly ImmutableArray<string> _except;

    internal Broadcast(Namespace @namespace)
        : this(@namespace, [], [])
    {
    }

    private Broadcast(Namespace @namespace, ImmutableArray<string> rooms, ImmutableArray<string> except)
    {
        _namespace = @namespace;
        _rooms = rooms;
        _except = except;
    }

    /// <summary>Adds a room. A socket that is in several of the rooms still gets one copy.</summary>
    public Broadcast To(string room)
    {
        ArgumentNullException.ThrowIfNull(room);
        return new Broadcast(_namespace, _rooms.Add(room), _except);
    }

    /// <summary>Leaves out the sockets of a room; a socket's own id is a room of its own.</summary>
    public Broadcast Except(string room)
    {
        ArgumentNullException.ThrowIfNull(room);
        return new Broadcast(_namespace, _rooms, _except.Add(room));
    }

    /// <summary>Sends an event to every addressed socket. The event is encoded and framed once for all of them.</summary>
    public void Emit(EventMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        foreach (var socket in Select())
        {
            socket.Emit(message);
        }
    }

    /// <summary>As <see cref="Emit"/>, but only to sockets it can go out to at once; see <see cref="Socket.EmitVolatile"/>.</summary>
    public void EmitVolatile(EventMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        foreach (var socket in Select())
        {
            socket.EmitVolatile(message);
        }
    }

    /// <summary>Sends an event to every addressed socket and completes with the answers of those that answered in time.</summary>
    public async Task<IReadOnlyDictionary<Socket, Acknowledgement>> AskAsync(EventMessage message, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(message);
        var asked = Select().Select(socket => (Socket: socket, Answer: socket.AskAsync(message, timeout))).ToList();
        var answers = new Dictionary<Socket, Acknowledgement>();
        foreach (var (socket, answer) in asked)
        {
            try
            {
                answers.Add(socket, await answer.ConfigureAwait(false));
            }
            catch (Exception e) when (e is TimeoutException or InvalidOperationException)
            {
                // Not among those that answered.
            }
        }

        return answers;
    }

    /// <summary>Gets the addressed sockets.</summary>
    public IReadOnlyCollection<Socket> GetSockets() => [.. Select()];

    /// <summary>Adds every addressed socket to a room.</summary>
    public void Join(string room)
    {
        foreach (var socket in GetSockets())
        {
            socket.Join(room);
        }
    }

    /// <summary>Removes every addressed socket from a room.</summary>
    public void Leave(string room)
    {
        foreach (var socket in GetSockets())
        {
            socket.Leave(room);
        }
    }

    /// <summary>Ends every addressed socket; see <see cref="Socket.Disconnect"/>.</summary>
    public void Disconnect(bool closeConnection = true)
    {
        foreach (var socket in GetSockets())
        {
            socket.Disconnect(closeConnection);
        }
    }

    private IEnumerable<Socket> Select()
    {
        // One room and nobody left out, or a single one by its id: no set is needed.
        if (_rooms.Length <= 1 && _except.IsEmpty)
        {
            return GetMembers(_rooms is [var room] ? room : RoomDirectory.Everyone);
        }

        var except = new HashSet<Socket>();
        foreach (var name in _except)
        {
            except.UnionWith(GetMembers(name));
        }

        if (_rooms.Length <= 1)
        {
            return GetMembers(_rooms is [var only] ? only : RoomDirectory.Everyone).Where(socket => !except.Contains(socket));
        }

        var chosen = new HashSet<Socket>();
        foreach (var name in _rooms)
        {
            chosen.UnionWith(GetMembers(name));
        }

        chosen.ExceptWith(except);
        return chosen;
    }

    private Socket[] GetMembers(string room) =>
        _namespace.Find(room) is { } socket ? [socket, .. _namespace.Rooms.GetMembers(room)] : _namespace.Rooms.GetMembers(room);
}
