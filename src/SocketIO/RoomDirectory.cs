using System.Collections.Concurrent;
using System.Collections.Immutable;

using SocketIO.Adapters;

namespace SocketIO;

/// <summary>The sockets of one namespace on this node, and which of them are in which room. A room exists while somebody is in it.</summary>
internal sealed class RoomDirectory
{
    private readonly ConcurrentDictionary<string, Socket> _sockets = new();
    private readonly Room _everyone = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Room> _rooms = [];

    public IReadOnlyCollection<Socket> Sockets => (IReadOnlyCollection<Socket>)_sockets.Values;

    /// <summary>Gets the number of rooms, but for those that are sockets' own.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _rooms.Count;
            }
        }
    }

    public void Add(Socket socket)
    {
        _sockets[socket.Id] = socket;
        lock (_gate)
        {
            _everyone.Add(socket);
        }
    }

    public void Remove(Socket socket)
    {
        _sockets.TryRemove(new KeyValuePair<string, Socket>(socket.Id, socket));
        lock (_gate)
        {
            _everyone.Remove(socket);
        }
    }

    public void Join(Socket socket, string name)
    {
        lock (_gate)
        {
            if (!_rooms.TryGetValue(name, out var room))
            {
                _rooms.Add(name, room = new Room());
            }

            room.Add(socket);
        }
    }

    public void Leave(Socket socket, string name)
    {
        lock (_gate)
        {
            if (_rooms.TryGetValue(name, out var room))
            {
                room.Remove(socket);
                if (room.Count == 0)
                {
                    _rooms.Remove(name);
                }
            }
        }
    }

    /// <summary>Gets the sockets of an audience as they are now, each once. The array may be shared and must not be changed.</summary>
    public Socket[] GetSockets(in Audience audience)
    {
        var rooms = audience.Rooms;
        // One room and nobody left out: no set is needed.
        if (rooms.Length <= 1 && audience.Except.IsEmpty)
        {
            return GetMembers(rooms);
        }

        var except = new HashSet<Socket>();
        foreach (var name in audience.Except)
        {
            except.UnionWith(GetMembers(name));
        }

        if (rooms.Length <= 1)
        {
            return [.. GetMembers(rooms).Where(socket => !except.Contains(socket))];
        }

        var chosen = new HashSet<Socket>();
        foreach (var name in rooms)
        {
            chosen.UnionWith(GetMembers(name));
        }

        chosen.ExceptWith(except);
        return [.. chosen];
    }

    private Socket[] GetMembers(ImmutableArray<string> noneOrOne)
    {
        if (noneOrOne is [var name])
        {
            return GetMembers(name);
        }

        lock (_gate)
        {
            return _everyone.GetSnapshot();
        }
    }

    /// <summary>Gets the members of a room. The array may be shared and must not be changed.</summary>
    private Socket[] GetMembers(string name)
    {
        Socket[] members;
        lock (_gate)
        {
            members = _rooms.TryGetValue(name, out var room) ? room.GetSnapshot() : [];
        }

        return _sockets.TryGetValue(name, out var socket) ? [socket, .. members] : members;
    }

    private sealed class Room
    {
        private readonly HashSet<Socket> _members = [];
        private Socket[]? _snapshot;

        public int Count => _members.Count;

        public void Add(Socket socket)
        {
            _members.Add(socket);
            _snapshot = null;
        }

        public void Remove(Socket socket)
        {
            _members.Remove(socket);
            _snapshot = null;
        }

        /// <summary>Gets the members as an array, which is made when somebody asks after a change.</summary>
        public Socket[] GetSnapshot() => _snapshot ??= [.. _members];
    }
}
