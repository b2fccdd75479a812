using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

using SocketIO.EngineIO;
using SocketIO.Packets;

namespace SocketIO;

/// <summary>One client: its session and its sockets, one per namespace. Reads Socket.IO packets and hands them on.</summary>
internal sealed class SocketIOConnection : IEngineIOListener
{
    private static long _lastNumber;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Socket> _sockets = [];
    private readonly Handshake _handshake;
    private readonly HashSet<string> _left = [];
    private BinaryPacket? _incomplete;
    private EarlyPackets? _early;
    private bool _isOpened;
    private bool _isClosed;

    public SocketIOConnection(SocketIOServer server, EngineIOSession session, Handshake handshake)
    {
        Server = server;
        Session = session;
        _handshake = handshake;
    }

    public SocketIOServer Server { get; }

    /// <summary>Gets what the log calls the connection.</summary>
    public long Number { get; } = Interlocked.Increment(ref _lastNumber);

    public EngineIOSession Session { get; }

    private bool IsRevision4 => Session.Version == 3;

    public void OnOpened()
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            _isOpened = true;
        }

        SocketIOMetrics.Opened(Session.Version);
        Server.Log.Opened(Number, _handshake.RemoteAddress, Session.Version, Session.IsOnWebSocket ? "websocket" : "polling");
        if (IsRevision4)
        {
            // These clients are in the root namespace without asking.
            Connect(Server.Root, default, []);
        }
    }

    public void OnMessage(ReadOnlyMemory<byte> data, bool isBinary)
    {
        var reason = isBinary ? ReceiveAttachment(data) : ReceiveText(data);
        if (reason is not null)
        {
            Session.Close(reason.Value);
        }
    }

    public void OnClosed(DisconnectReason reason)
    {
        Socket[] sockets;
        bool wasOpened;
        lock (_gate)
        {
            wasOpened = _isOpened;
            _isClosed = true;
            sockets = [.. _sockets.Values];
            _sockets.Clear();
        }

        foreach (var socket in sockets)
        {
            socket.End(reason);
        }

        if (wasOpened)
        {
            SocketIOMetrics.Ended(Session.Version, reason);
            Server.Log.Ended(Number, reason);
        }
    }

    /// <summary>Forgets a socket that the server has ended.</summary>
    public void Remove(Socket socket)
    {
        lock (_gate)
        {
            if (_sockets.TryGetValue(socket.Namespace.Name, out var known) && known == socket)
            {
                _sockets.Remove(socket.Namespace.Name);
                MarkLeft(socket.Namespace.Name);
            }
        }
    }

    /// <summary>Remembers that what comes for a namespace is no mistake of the client's. The caller holds the lock.</summary>
    private void MarkLeft(string name)
    {
        if (_left.Count == Server.Options.MaxNamespacesPerConnection)
        {
            _left.Remove(_left.First());
        }

        _left.Add(name);
    }

    /// <summary>Handles the text of a packet; gives the reason to end the session, if there is one.</summary>
    private DisconnectReason? ReceiveText(ReadOnlyMemory<byte> data)
    {
        if (_incomplete is not null || !SocketIOPacket.TryParse(data, out var packet))
        {
            return DisconnectReason.ProtocolError;
        }

        if (packet.Attachments > Server.Options.MaxAttachments)
        {
            return DisconnectReason.LimitExceeded;
        }

        if (packet.Attachments > 0)
        {
            _incomplete = new BinaryPacket(packet);
            return null;
        }

        return Receive(packet, []);
    }

    private DisconnectReason? ReceiveAttachment(ReadOnlyMemory<byte> data)
    {
        if (_incomplete is not { } packet)
        {
            return DisconnectReason.ProtocolError;
        }

        if (data.Length > Server.Options.MaxAttachmentBytes)
        {
            return DisconnectReason.LimitExceeded;
        }

        packet.Add(data);
        if (packet.Bytes > Server.Options.MaxPendingBytes)
        {
            return DisconnectReason.LimitExceeded;
        }

        if (!packet.IsComplete)
        {
            return null;
        }

        _incomplete = null;
        return Receive(packet.Header, packet.Attachments);
    }

    /// <summary>Handles one packet; gives the reason to end the session, if there is one.</summary>
    private DisconnectReason? Receive(in SocketIOPacket packet, IReadOnlyList<ReadOnlyMemory<byte>> attachments)
    {
        if (packet.Type == SocketIOPacketType.Connect)
        {
            return ReceiveConnect(packet) ? null : DisconnectReason.ProtocolError;
        }

        SocketIOMetrics.Received();
        Socket? socket;
        bool wasLeft;
        lock (_gate)
        {
            _sockets.TryGetValue(packet.Namespace, out socket);
            wasLeft = _left.Contains(packet.Namespace);
        }

        if (socket is not null)
        {
            return Receive(socket, packet, attachments) ? null : DisconnectReason.ProtocolError;
        }

        if (wasLeft || packet.Type == SocketIOPacketType.Disconnect)
        {
            return null; // It was under way when the socket ended, or was refused.
        }

        if (!IsRevision4)
        {
            return DisconnectReason.ProtocolError;
        }

        // Some clients of revision 4 let their user send before they have asked to join.
        _early ??= new EarlyPackets(Server.Options.MaxPendingBytes);
        return packet.Type is not (SocketIOPacketType.Event or SocketIOPacketType.BinaryEvent) || _early.TryAdd(packet, attachments)
            ? null
            : DisconnectReason.LimitExceeded;
    }

    private bool Receive(Socket socket, in SocketIOPacket packet, IReadOnlyList<ReadOnlyMemory<byte>> attachments)
    {
        switch (packet.Type)
        {
            case SocketIOPacketType.Event or SocketIOPacketType.BinaryEvent:
                // The message is a buffer of our own, a poll's body or a WebSocket's.
                return socket.Receive(MemoryMarshal.AsMemory(packet.Json), packet.Id, attachments);
            case SocketIOPacketType.Ack or SocketIOPacketType.BinaryAck:
                return socket.ReceiveAcknowledgement(packet.Json, packet.Id, attachments);
            case SocketIOPacketType.Disconnect:
                Remove(socket);
                socket.End(DisconnectReason.ClientDisconnected);
                return true;
            default:
                return false;
        }
    }

    private bool ReceiveConnect(in SocketIOPacket packet)
    {
        if (!TryReadAuth(packet.Json, out var auth))
        {
            return false;
        }

        int count;
        lock (_gate)
        {
            if (_sockets.ContainsKey(packet.Namespace))
            {
                // Revision 4 is in the root namespace already when some clients ask for it.
                return IsRevision4;
            }

            count = _sockets.Count;
        }

        var early = _early?.Take(packet.Namespace) ?? [];
        if (count >= Server.Options.MaxNamespacesPerConnection)
        {
            Refuse(packet.Namespace, new ConnectRefusal("Too many namespaces"), "too_many_namespaces");
        }
        else if (Server.FindOrCreate(packet.Namespace) is { } found)
        {
            return Connect(found, auth, early);
        }
        else
        {
            Refuse(packet.Namespace, new ConnectRefusal("Invalid namespace"), "invalid_namespace");
        }

        return true;
    }

    private static bool TryReadAuth(ReadOnlyMemory<byte> json, out JsonElement auth)
    {
        auth = default;
        if (json.IsEmpty)
        {
            return true;
        }

        try
        {
            using var document = JsonDocument.Parse(json);
            auth = document.RootElement.Clone();
            return auth.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Joins the client to a namespace and hands the socket what was sent to it before; false when that was malformed.</summary>
    private bool Connect(Namespace @namespace, JsonElement auth, IReadOnlyList<EarlyPacket> early)
    {
        // Clients of revision 4 make their ids from the session's themselves.
        var id = !IsRevision4 ? Sid.Create() : @namespace.Name == "/" ? Session.Sid : $"{@namespace.Name}#{Session.Sid}";
        var recoverable = IsRevision4 ? null : Server.Recovery?.Take(@namespace.Name, id, auth);
        var socket = new Socket(this, @namespace, recoverable?.SocketId ?? id, auth.ValueKind == JsonValueKind.Undefined ? _handshake : _handshake.WithAuth(auth), recoverable);
        bool isClosed;
        lock (_gate)
        {
            isClosed = _isClosed;
            if (!isClosed)
            {
                _sockets.Add(@namespace.Name, socket);
                _left.Remove(@namespace.Name);
            }
        }

        if (isClosed)
        {
            socket.End(DisconnectReason.TransportClosed);
            return true;
        }

        foreach (var packet in early)
        {
            if (!Receive(socket, packet.Header, packet.Attachments))
            {
                return false;
            }
        }

        _ = ConnectAsync(socket);
        return true;
    }

    private async Task ConnectAsync(Socket socket)
    {
        if (await socket.Namespace.AdmitAsync(socket).ConfigureAwait(false) is { } refusal)
        {
            Remove(socket);
            socket.End(DisconnectReason.ServerDisconnected);
            if (refusal == ConnectRefusal.Later)
            {
                SocketIOMetrics.SocketRefused("later");
                Session.Close(DisconnectReason.ServerDisconnected, goingAway: true);
            }
            else
            {
                Refuse(socket.Namespace.Name, refusal, "forbidden");
            }

            return;
        }

        Session.Confirm();
        var recoverable = socket.Recoverable;
        if (recoverable is null ? socket.TryRegister() : Server.Recovery!.TryRegister(socket, recoverable))
        {
            socket.Namespace.RunConnectionHandlers(socket);
            var json = IsRevision4 ? ""
                : recoverable is null ? $"{{\"sid\":\"{socket.Id}\"}}"
                : $"{{\"sid\":\"{socket.Id}\",\"pid\":\"{recoverable.Pid}\"}}";
            socket.Announce(PacketEncoder.Encode(SocketIOPacketType.Connect, socket.Namespace.Name, -1, Encoding.UTF8.GetBytes(json)));
        }

        socket.Start();
    }

    private void Refuse(string name, ConnectRefusal refusal, string reason)
    {
        SocketIOMetrics.SocketRefused(reason);
        Server.Log.Refused(Number, name, refusal.Message);
        lock (_gate)
        {
            MarkLeft(name);
        }

        Session.Send([PacketEncoder.Encode(SocketIOPacketType.ConnectError, name, -1, refusal.ToJson(Session.Version))]);
    }

    /// <summary>A packet whose attachments are still coming.</summary>
    private sealed class BinaryPacket
    {
        private readonly List<ReadOnlyMemory<byte>> _attachments = [];

        public BinaryPacket(SocketIOPacket header)
        {
            Header = header with { Json = header.Json.ToArray() };
            Bytes = header.Json.Length;
        }

        public SocketIOPacket Header { get; }

        public IReadOnlyList<ReadOnlyMemory<byte>> Attachments => _attachments;

        public long Bytes { get; private set; }

        public bool IsComplete => _attachments.Count == Header.Attachments;

        public void Add(ReadOnlyMemory<byte> data)
        {
            _attachments.Add(data.ToArray());
            Bytes += data.Length;
        }
    }
}
