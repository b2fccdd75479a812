namespace SocketIO;

/// <summary>Who is in which room of one namespace. A room exists while somebody is in it.</summary>
internal sealed class RoomDirectory
{
    /// <summary>The room of all sockets; no client or caller can name it.</summary>
    public const string Everyone = "\0everyone";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Room> _rooms = [];

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

    public void Add(Socket socket, string name)
    {
        lock (_gate)
        {
            if (!_rooms.TryGetValue(name, out var room))
            {
                _rooms.Add(name, room = new Room());
            }

            room.Members.Add(socket);
            room.Snapshot = null;
        }
    }

    public void Remove(Socket socket, string name)
    {
        lock (_gate)
        {
            if (_rooms.TryGetValue(name, out var room) && room.Members.Remove(socket))
            {
                room.Snapshot = null;
                if (room.Members.Count == 0)
                {
                    _rooms.Remove(name);
                }
            }
        }
    }

    /// <summary>Gets the members as they are now. The array is shared and must not be changed.</summary>
    public Socket[] GetMembers(string name)
    {
        lock (_gate)
        {
            return _rooms.TryGetValue(name, out var room) ? room.Snapshot ??= [.. room.Members] : [];
        }
    }

    private sealed class Room
    {
        public HashSet<Socket> Members { get; } = [];

        /// <summary>Gets or sets the members as an array, made when somebody asks after a change.</summary>
        public Socket[]? Snapshot { get; set; }
    }
}
