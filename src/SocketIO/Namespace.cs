using SocketIO.Adapters;
using SocketIO.Recovery;

namespace SocketIO;

/// <summary>A named set of sockets that share handlers and rooms.</summary>
public sealed class Namespace
{
    private readonly SocketIOServer _server;
    private readonly Lock _gate = new();
    private readonly Action<Namespace>? _abandoned;
    private Action<Socket>[] _connectionHandlers = [];
    private Func<Socket, ValueTask<ConnectRefusal?>>[] _middleware = [];
    private int _visitors;

    internal Namespace(string name, SocketIOServer server, Action<Namespace>? abandoned = null)
    {
        Name = name;
        _server = server;
        _abandoned = abandoned;
    }

    /// <summary>Gets the name, beginning with a slash.</summary>
    public string Name { get; }

    /// <summary>Gets the sockets of this node that are connected now.</summary>
    public IReadOnlyCollection<Socket> Sockets => Rooms.Sockets;

    /// <summary>Gets whether clients made it, so that it goes with the last of them.</summary>
    internal bool IsDynamic => _abandoned is not null;

    internal RoomDirectory Rooms { get; } = new();

    internal IAdapter Adapter => _server.Adapter;

    internal RecoveryLog? Recovery => _server.Recovery;

    /// <summary>
    /// Adds a handler that runs for each new socket before any of its events is dispatched, and before the client
    /// is told that it is connected, so that handlers registered in it miss nothing.
    /// </summary>
    public void OnConnection(Action<Socket> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        lock (_gate)
        {
            _connectionHandlers = [.. _connectionHandlers, handler];
        }
    }

    /// <summary>
    /// Adds middleware that decides, before <see cref="OnConnection"/>, whether a client may join: null lets it go on
    /// to the next, a refusal is sent to the client as <c>connect_error</c>. What the client sends meanwhile waits.
    /// Middleware that throws refuses with a message that tells nothing.
    /// </summary>
    public void Use(Func<Socket, ValueTask<ConnectRefusal?>> middleware)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        lock (_gate)
        {
            _middleware = [.. _middleware, middleware];
        }
    }

    /// <summary>Addresses the sockets of a room; see <see cref="Broadcast"/>.</summary>
    public Broadcast To(string room) => new Broadcast(this).To(room);

    /// <summary>Addresses all sockets but those of a room; see <see cref="Broadcast"/>.</summary>
    public Broadcast Except(string room) => new Broadcast(this).Except(room);

    /// <summary>Addresses all sockets; see <see cref="Broadcast"/>.</summary>
    public Broadcast ToAll() => new(this);

    /// <summary>Sends an event to every socket of the namespace.</summary>
    public void Emit(EventMessage message) => new Broadcast(this).Emit(message);

    /// <summary>Counts a client that is about to join; the last that leaves a namespace made for clients takes it along.</summary>
    internal void Enter() => _visitors++;

    internal void Leave() => _abandoned?.Invoke(this);

    /// <summary>Counts a client out; true when it was the last. The caller holds the lock of all such namespaces.</summary>
    internal bool IsEmptyAfterLeaving() => --_visitors == 0;

    /// <summary>Asks the middleware; null means that the client may join.</summary>
    internal async ValueTask<ConnectRefusal?> AdmitAsync(Socket socket)
    {
        try
        {
            foreach (var middleware in _middleware)
            {
                if (await middleware(socket).ConfigureAwait(false) is { } refusal)
                {
                    return refusal;
                }
            }

            return null;
        }
#pragma warning disable CA1031 // Whatever fails there, the client is not let in, and is not told why.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _server.Log.HandlerFailed("middleware", socket.ConnectionNumber, Name, e);
            return new ConnectRefusal("Internal error");
        }
    }

    internal void RunConnectionHandlers(Socket socket)
    {
        foreach (var handler in _connectionHandlers)
        {
            try
            {
                handler(socket);
            }
#pragma warning disable CA1031 // A handler's failure is its own; the other handlers still run.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _server.Log.HandlerFailed("connection", socket.ConnectionNumber, Name, e);
            }
        }
    }
}
