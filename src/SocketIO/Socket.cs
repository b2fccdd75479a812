using SocketIO.Packets;
using SocketIO.Recovery;

using WebSockets;

namespace SocketIO;

/// <summary>
/// One client in one namespace. Every member may be called from any thread. Handlers of one socket run one after
/// the other, in the order in which the events arrived.
/// </summary>
public sealed class Socket
{
    /// <summary>How long an event that was sent first of all follows the connect packet: enough for the client to read them one by one.</summary>
    private static readonly TimeSpan GreetingDelay = TimeSpan.FromMilliseconds(5);

    private readonly SocketIOConnection _connection;
    private readonly SocketInbox _inbox;
    private readonly Lock _gate = new();
    private readonly int _version;
    private HashSet<string>? _rooms;
    private Dictionary<long, PendingAck>? _acks;
    private List<WebSocketFrame>? _early = [];
    private bool _isConnectSent;
    private Dictionary<object, object?>? _items;
    private long _lastAckId = -1;
    private volatile bool _isAnnounced;
    private volatile bool _isEnded;
    private volatile bool _isDisconnecting;

    internal Socket(SocketIOConnection connection, Namespace @namespace, string id, Handshake handshake, RecoverableSession? recoverable)
    {
        _connection = connection;
        _version = handshake.EngineIOVersion;
        _inbox = new SocketInbox(this, connection.Server);
        Namespace = @namespace;
        Id = id;
        Handshake = handshake;
        Recoverable = recoverable;
    }

    /// <summary>Gets the id of this socket, unique and unguessable; also the name of its own room.</summary>
    public string Id { get; }

    /// <summary>Gets what the client sent when it connected.</summary>
    public Handshake Handshake { get; }

    /// <summary>Gets the namespace this socket is in.</summary>
    public Namespace Namespace { get; }

    /// <summary>Gets a place for what the application keeps with the socket. Not safe for several threads at once.</summary>
    public IDictionary<object, object?> Items => _items ??= [];

    /// <summary>Gets whether the socket can still send and receive.</summary>
    public bool IsConnected => !_isEnded;

    /// <summary>
    /// Gets whether the client has come back after its connection was lost (<see cref="SocketIOOptions.RecoveryTime"/>):
    /// the id, the rooms and the items are those of before, and it is sent what it missed. Known from <see cref="Namespace.OnConnection"/> on.
    /// </summary>
    public bool IsRecovered { get; private set; }

    /// <summary>Gets what the client can come back to; null when it cannot.</summary>
    internal RecoverableSession? Recoverable { get; }

    /// <summary>Gets the number of bytes accepted by <c>Emit</c> and not yet handed to the operating system.</summary>
    public long BufferedBytes => _connection.Session.BufferedBytes;

    /// <summary>Gets the number the log knows the connection by.</summary>
    internal long ConnectionNumber => _connection.Number;

    /// <summary>Gets how the client is connected now: <c>polling</c> or <c>websocket</c>.</summary>
    public string Transport => _connection.Session.IsOnWebSocket ? "websocket" : "polling";

    /// <summary>Gets the rooms the socket is in, but for its own.</summary>
    public IReadOnlyCollection<string> Rooms
    {
        get
        {
            lock (_gate)
            {
                return _rooms is null ? [] : [.. _rooms];
            }
        }
    }

    /// <summary>
    /// Registers the handler of an event. An event without a handler is dropped silently, unless <see cref="OnUnknown"/>
    /// has one. A handler that throws is logged and does not end the connection; <see cref="OnFailed"/> may tell the client.
    /// </summary>
    public void On(string eventName, Func<SocketEvent, ValueTask> handler) => _inbox.On(eventName, handler);

    /// <inheritdoc cref="On(string, Func{SocketEvent, ValueTask})"/>
    public void On(string eventName, Action<SocketEvent> handler) => _inbox.On(eventName, handler);

    /// <summary>Gets the names of the events that handlers have been registered for.</summary>
    public IReadOnlyCollection<string> EventNames => _inbox.EventNames;

    /// <summary>Registers a handler of every event, in turn with the handlers by name.</summary>
    public void OnAny(Func<SocketEvent, ValueTask> handler) => _inbox.On(null, handler);

    /// <inheritdoc cref="OnAny(Func{SocketEvent, ValueTask})"/>
    public void OnAny(Action<SocketEvent> handler) => _inbox.On(null, handler);

    /// <summary>Registers a handler of the events that none has been registered for by name.</summary>
    public void OnUnknown(Action<SocketEvent> handler) => _inbox.OnUnknown(handler);

    /// <summary>
    /// Registers what is told when a handler of an event has thrown, so that the client can be answered.
    /// True: it has dealt with that; else the failure is logged.
    /// </summary>
    public void OnFailed(Func<SocketEvent, Exception, bool> handler) => _inbox.OnFailed(handler);

    /// <summary>
    /// Registers a handler that runs once, when the socket has ended, for whatever reason: after the handlers of the
    /// events that arrived before. On a socket that has ended already it runs at once.
    /// </summary>
    public void OnDisconnect(Action<DisconnectReason> handler) => _inbox.OnDisconnect(handler);

    /// <summary>Queues an event for the client and returns at once; false when the socket has ended.</summary>
    public bool Emit(EventMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Recoverable is null ? SendEvent(message, isVolatile: false) : _connection.Server.Recovery!.Emit(this, message, isVolatile: false);
    }

    /// <summary>Sends an event only if it can go out at once: nothing waits before it and, while polling, a poll hangs. False when it was dropped.</summary>
    public bool EmitVolatile(EventMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Recoverable is null ? SendEvent(message, isVolatile: true) : _connection.Server.Recovery!.Emit(this, message, isVolatile: true);
    }

    /// <summary>Sends an event as it is; false when the socket has ended or, if it is volatile, when it was dropped.</summary>
    internal bool SendEvent(EventMessage message, bool isVolatile)
    {
        if (_isEnded)
        {
            return false;
        }

        var frames = message.GetFrames(Namespace.Name, _version);
        return isVolatile ? IsAnnounced() && _connection.Session.SendVolatile(frames) : Send(frames);
    }

    /// <summary>
    /// Sends an event and completes with the client's acknowledgement arguments (a JSON array, UTF-8).
    /// </summary>
    /// <exception cref="TimeoutException">No acknowledgement came in time.</exception>
    /// <exception cref="InvalidOperationException">The socket ended first.</exception>
    public async Task<ReadOnlyMemory<byte>> EmitWithAckAsync(EventMessage message, TimeSpan timeout) =>
        (await AskAsync(message, timeout).ConfigureAwait(false)).Json;

    /// <summary>Sends an event and completes with the client's acknowledgement, bytes that came with it included.</summary>
    /// <exception cref="TimeoutException">No acknowledgement came in time.</exception>
    /// <exception cref="InvalidOperationException">The socket ended first.</exception>
    public async Task<Acknowledgement> AskAsync(EventMessage message, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(message);
        var ack = new PendingAck();
        long id;
        lock (_gate)
        {
            if (_isEnded)
            {
                throw Ended();
            }

            id = ++_lastAckId;
            (_acks ??= []).Add(id, ack);
        }

        Send(message.Encode(Namespace.Name, _version, id));
        try
        {
            return await ack.Task.WaitAsync(timeout, _connection.Server.Time).ConfigureAwait(false);
        }
        catch (TimeoutException) when (ack.Task.IsCompleted)
        {
            // It came in time, and the wait for it ended late.
            return await ack.Task.ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _acks.Remove(id);
            }
        }
    }

    /// <summary>
    /// Completes with true once the client has proven to read what was sent before this call: with its pong to a
    /// WebSocket ping (RFC 6455 section 5.5.2), or, while polling, with the poll that follows the answer; with false
    /// when the socket has ended first. A client that is suspended, or busy in a single-threaded reader, does not
    /// answer before it reads again.
    /// </summary>
    public Task<bool> ProbeAsync() => _isEnded ? Task.FromResult(false) : _connection.Session.ProbeAsync();

    /// <summary>Adds the socket to a room. Does nothing once it has ended.</summary>
    public void Join(string room)
    {
        ArgumentNullException.ThrowIfNull(room);
        lock (_gate)
        {
            if (!_isEnded && room != Id && (_rooms ??= []).Add(room))
            {
                Namespace.Rooms.Join(this, room);
            }
        }
    }

    /// <summary>Removes the socket from a room.</summary>
    public void Leave(string room)
    {
        ArgumentNullException.ThrowIfNull(room);
        lock (_gate)
        {
            if (_rooms?.Remove(room) == true)
            {
                Namespace.Rooms.Leave(this, room);
            }
        }
    }

    /// <summary>Addresses the sockets of a room other than this one.</summary>
    public Broadcast To(string room) => Namespace.To(room).Except(Id);

    /// <summary>Addresses all sockets of the namespace other than this one.</summary>
    public Broadcast ToOthers() => Namespace.Except(Id);

    /// <summary>
    /// Closes the connection as if it were lost, with all sockets on it. The client is told nothing, and so comes back,
    /// where after <see cref="Disconnect"/> official clients do not.
    /// </summary>
    public void CloseConnection() => _connection.Session.Close(DisconnectReason.TransportClosed, goingAway: true);

    /// <summary>Ends this socket. <paramref name="closeConnection"/> ends its connection too, without a WebSocket close frame for clients of protocol revision 4 (they break on one).</summary>
    public void Disconnect(bool closeConnection = true)
    {
        if (!_isEnded)
        {
            // A client that is told may be quicker to close than this to go on; the reason is the server's all the same.
            // Or it asks to join again: by then this socket is forgotten.
            _isDisconnecting = true;
            _connection.Remove(this);
            Send([PacketEncoder.Encode(SocketIOPacketType.Disconnect, Namespace.Name, -1, default)]);
            lock (_gate)
            {
                if (_isConnectSent)
                {
                    SendEarly();
                }
            }

            End(DisconnectReason.ServerDisconnected);
        }

        if (closeConnection)
        {
            _connection.Session.Close(DisconnectReason.ServerDisconnected);
        }
    }

    /// <summary>
    /// Tells the client that it is connected, and then what was sent to it meanwhile. On a WebSocket there is a moment
    /// between the two: a client that waits for one message and then for the next, as the protocol's test suite does,
    /// would miss an event that it reads together with the connect packet.
    /// </summary>
    internal void Announce(WebSocketFrame connected)
    {
        lock (_gate)
        {
            _connection.Session.Send([connected]);
            _isConnectSent = true;
            if (_early is null or [] || _version == 3 || !_connection.Session.IsOnWebSocket)
            {
                SendEarly();
                return;
            }
        }

        _ = SendEarlySoonAsync();

        async Task SendEarlySoonAsync()
        {
            await Task.Delay(GreetingDelay).ConfigureAwait(false);
            lock (_gate)
            {
                SendEarly();
            }
        }
    }

    /// <summary>Sends what waited for the connect packet. The caller holds the lock.</summary>
    private void SendEarly()
    {
        if (_early is { } early)
        {
            if (early.Count > 0)
            {
                // In one go: another socket of the connection must not get between a packet and its attachments.
                _connection.Session.Send(early.ToArray());
            }

            _early = null;
            _isAnnounced = true;
        }
    }

    /// <summary>Tells whether the client knows that it is connected; while it is being told, waits for the end of that.</summary>
    private bool IsAnnounced()
    {
        if (_isAnnounced)
        {
            return true;
        }

        lock (_gate)
        {
            return _isAnnounced;
        }
    }

    private bool Send(ReadOnlySpan<WebSocketFrame> frames)
    {
        if (!_isAnnounced)
        {
            lock (_gate)
            {
                if (_early is not null)
                {
                    _early.AddRange(frames);
                    return true;
                }
            }
        }

        return _connection.Session.Send(frames);
    }

    internal void SendAcknowledgement(long id, ReadOnlySpan<byte> arguments, IReadOnlyList<ReadOnlyMemory<byte>> attachments)
    {
        if (!_isEnded)
        {
            var json = _version == 3 ? AsciiJson.Escape(arguments.ToArray()) : arguments;
            Send(PacketEncoder.Encode(SocketIOPacketType.Ack, Namespace.Name, id, json, _version, attachments));
        }
    }

    /// <summary>Makes the socket one of its namespace; false when it has ended already.</summary>
    internal bool TryRegister()
    {
        lock (_gate)
        {
            if (!_isEnded)
            {
                Namespace.Rooms.Add(this);
            }

            return !_isEnded;
        }
    }

    /// <summary>Gives the socket what it had before its connection was lost.</summary>
    internal void Restore(RecoverableSession session)
    {
        IsRecovered = true;
        foreach (var room in session.Rooms)
        {
            Join(room);
        }

        foreach (var (key, value) in session.Items)
        {
            Items[key] = value;
        }
    }

    /// <summary>Ends the connection, which its client has left for another, and this socket, although the connection may be ending already.</summary>
    internal void Lose()
    {
        _connection.Session.Close(DisconnectReason.TransportClosed);
        End(DisconnectReason.TransportClosed);
    }

    /// <summary>Lets the events go that came while the socket was being set up.</summary>
    internal void Start() => _inbox.Start();

    /// <summary>Takes an event of the client; the JSON is valid until the call returns and may be changed. False when it is malformed.</summary>
    internal bool Receive(Memory<byte> json, long id, IReadOnlyList<ReadOnlyMemory<byte>> attachments) => _inbox.Receive(json, id, attachments);

    internal bool ReceiveAcknowledgement(ReadOnlyMemory<byte> json, long id, IReadOnlyList<ReadOnlyMemory<byte>> attachments)
    {
        if (!SocketIOPacket.IsArray(json.Span))
        {
            return false;
        }

        PendingAck? ack;
        lock (_gate)
        {
            if (_acks is null || !_acks.TryGetValue(id, out ack))
            {
                return true; // Too late, or never asked for.
            }
        }

        ack.TrySetResult(new Acknowledgement(json.ToArray(), attachments));
        return true;
    }

    internal void Overflow() => _connection.Session.Close(DisconnectReason.LimitExceeded);

    /// <summary>Ends the socket, once: it leaves its rooms, nothing is awaited any more, and its handlers are told.</summary>
    internal void End(DisconnectReason reason)
    {
        Dictionary<long, PendingAck>? acks;
        HashSet<string>? rooms;
        lock (_gate)
        {
            if (_isEnded)
            {
                return;
            }

            _isEnded = true;
            reason = _isDisconnecting ? DisconnectReason.ServerDisconnected : reason;
            acks = _acks;
            rooms = _rooms;
            _rooms = null;
            foreach (var ack in acks?.Values ?? Enumerable.Empty<PendingAck>())
            {
                ack.TrySetException(Ended());
            }
        }

        foreach (var room in rooms ?? [])
        {
            Namespace.Rooms.Leave(this, room);
        }

        Namespace.Rooms.Remove(this);
        if (Recoverable is { } session)
        {
            _connection.Server.Recovery!.OnEnded(this, session, reason, rooms ?? [], _items ?? []);
        }

        Namespace.Leave();
        _inbox.End(reason);
    }

    private static InvalidOperationException Ended() => new("The socket has ended before the acknowledgement came.");

    private sealed class PendingAck() : TaskCompletionSource<Acknowledgement>(TaskCreationOptions.RunContinuationsAsynchronously);
}
