using System.Collections.Immutable;

using SocketIO;

namespace LiveRobot.Platform.Sockets;

/// <summary>
/// The user socket (port 8000): the one connection over which existing viewer apps do everything, from chatting to
/// driving. Chat serves it; the other services of the same process give each of its sockets what is theirs.
/// </summary>
public sealed class UserSocket
{
    private ImmutableList<Action<Socket>> _services = [];
    private Namespace? _sockets;

    /// <summary>Says on which server its sockets are.</summary>
    public void Serve(SocketIOServer server) => _sockets = server.Root;

    /// <summary>Has a service give each socket that connects from now on its handlers.</summary>
    public void OnConnection(Action<Socket> setUp) => ImmutableInterlocked.Update(ref _services, (services, added) => services.Add(added), setUp);

    /// <summary>A socket has connected.</summary>
    public void Connected(Socket socket)
    {
        foreach (var setUp in _services)
        {
            setUp(socket);
        }
    }

    /// <summary>
    /// Emits to the sockets of a room in this process: the services of each tell its own. All services share the server's
    /// rooms, and chat's other sockets are on it too: a service's room has a name that only that service uses.
    /// </summary>
    public void Emit(string room, EventMessage message) => _sockets?.To(room).Local().Emit(message);
}
