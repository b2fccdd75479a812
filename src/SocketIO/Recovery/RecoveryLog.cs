using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

using SocketIO.Adapters;

namespace SocketIO.Recovery;

/// <summary>
/// Connection state recovery: keeps the last events and the sessions of lost connections for a while, so that a client
/// of protocol revision 5 that comes back in time gets its id, its rooms and what it missed, in order and once.
/// </summary>
/// <remarks>
/// Every event carries its offset as one more argument; the client sends the last it got, with the private session id
/// (<c>pid</c>), when it connects again. An event is numbered, kept and handed to its sockets under one lock, so that
/// each socket gets them in the order of their numbers.
/// </remarks>
internal sealed class RecoveryLog : IDisposable
{
    /// <summary>What a kept event costs beside its bytes, roughly.</summary>
    private const int OverheadBytes = 256;

    /// <summary>Far longer than a socket takes to end.</summary>
    private static readonly TimeSpan EndingTime = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly SocketIOOptions _options;
    private readonly TimeProvider _time;
    private readonly TimeSpan _duration;
    private readonly ITimer _timer;

    /// <summary>Begins every offset, so that no other text is taken for one.</summary>
    private readonly string _mark = Sid.Create()[..8] + ".";

    private readonly Queue<KeptEvent> _events = new();
    private readonly Dictionary<string, RecoverableSession> _sessions = [];
    private readonly LinkedList<RecoverableSession> _lost = new();
    private long _bytes;
    private long _last;
    private long _lastDropped;
    private bool _isTimerArmed;

    public RecoveryLog(SocketIOOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _duration = options.RecoveryTime ?? throw new ArgumentException("Recovery is off.", nameof(options));
        _timer = time.CreateTimer(static log => ((RecoveryLog)log!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Gets how many events are kept.</summary>
    public int Events
    {
        get
        {
            lock (_gate)
            {
                return _events.Count;
            }
        }
    }

    /// <summary>Gets how many lost connections are kept.</summary>
    public int LostSessions
    {
        get
        {
            lock (_gate)
            {
                return _lost.Count;
            }
        }
    }

    /// <summary>Keeps an event and sends it to this node's sockets of an audience.</summary>
    public void Broadcast(Namespace @namespace, in Audience audience, EventMessage message, bool isVolatile)
    {
        lock (_gate)
        {
            var numbered = Number(@namespace, audience, message, isVolatile);
            foreach (var socket in @namespace.Rooms.GetSockets(audience))
            {
                socket.SendEvent(socket.Recoverable is null ? message : numbered, isVolatile);
            }
        }
    }

    /// <summary>Keeps an event and sends it to one socket; false when the socket has ended or did not take it.</summary>
    public bool Emit(Socket socket, EventMessage message, bool isVolatile)
    {
        lock (_gate)
        {
            return socket.SendEvent(Number(socket.Namespace, new Audience([socket.Id], []), message, isVolatile), isVolatile);
        }
    }

    /// <summary>
    /// Gives the session for a new socket: the lost one that the client asks for, or a new one. A connection that the
    /// client has left behind, but the server not yet seen lost, is ended.
    /// </summary>
    public RecoverableSession Take(string @namespace, string freshSocketId, JsonElement auth)
    {
        if (ReadText(auth, "pid") is { } pid)
        {
            Socket? live;
            lock (_gate)
            {
                live = Find(pid, @namespace)?.Socket;
            }

            live?.Lose();

            // Who ends it may be another, and a few steps before that is known here.
            SpinWait.SpinUntil(() => !IsHeldBy(live, pid, @namespace), EndingTime);
            lock (_gate)
            {
                DropExpired();
                if (Find(pid, @namespace) is { Socket: null } session && TryReadOffset(auth, session))
                {
                    _sessions.Remove(pid);
                    _lost.Remove(session);
                    session.IsReturning = true;
                    return session;
                }
            }
        }

        return new RecoverableSession(@namespace, freshSocketId);
    }

    /// <summary>
    /// Makes a socket one of its namespace; false when it has ended already. One that comes back is in its rooms again
    /// and is sent what it missed, if that is all still there; otherwise it is as new.
    /// </summary>
    public bool TryRegister(Socket socket, RecoverableSession session)
    {
        lock (_gate)
        {
            if (!socket.TryRegister())
            {
                return false;
            }

            if (session.IsReturning && session.Position >= _lastDropped && session.Position <= _last)
            {
                socket.Restore(session);
                foreach (var kept in _events)
                {
                    if (kept.Number > session.Position && kept.IsFor(session))
                    {
                        socket.SendEvent(kept.Message, isVolatile: false);
                    }
                }
            }
            else
            {
                session.Pid = session.IsReturning ? Sid.Create() : session.Pid;
                session.Position = _last;
            }

            session.IsReturning = false;
            session.Socket = socket;
            _sessions.Add(session.Pid, session);
            return true;
        }
    }

    /// <summary>Keeps the session of a socket that has ended for a reason after which clients come back; forgets it otherwise.</summary>
    public void OnEnded(Socket socket, RecoverableSession session, DisconnectReason reason, IReadOnlyCollection<string> rooms, IReadOnlyCollection<KeyValuePair<object, object?>> items)
    {
        lock (_gate)
        {
            if (session.Socket == socket)
            {
                session.Socket = null;
                session.Rooms = rooms;
                session.Items = items;
            }
            else if (!session.IsReturning)
            {
                return; // It never was one of its namespace.
            }

            if (reason is not (DisconnectReason.TransportClosed or DisconnectReason.HeartbeatTimeout))
            {
                _sessions.Remove(session.Pid);
                return;
            }

            // One that was lost again on its way back is as it was.
            _sessions[session.Pid] = session;
            session.LostAt = _time.GetTimestamp();
            _lost.AddLast(session);
            while (_lost.Count > _options.RecoveryMaxSessions)
            {
                DropSession();
            }

            ArmTimer();
        }
    }

    public void Dispose() => _timer.Dispose();

    private static string? ReadText(JsonElement auth, string name) =>
        auth.ValueKind == JsonValueKind.Object && auth.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private bool IsHeldBy(Socket? socket, string pid, string @namespace)
    {
        lock (_gate)
        {
            return socket is not null && Find(pid, @namespace)?.Socket == socket;
        }
    }

    private RecoverableSession? Find(string pid, string @namespace) =>
        _sessions.TryGetValue(pid, out var session) && session.Namespace == @namespace ? session : null;

    /// <summary>Moves a session to the client's offset; false when that is none of ours. A client without one has had no event yet.</summary>
    private bool TryReadOffset(JsonElement auth, RecoverableSession session)
    {
        if (ReadText(auth, "offset") is not { } offset)
        {
            return true;
        }

        if (!offset.StartsWith(_mark, StringComparison.Ordinal)
            || !long.TryParse(offset.AsSpan(_mark.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        session.Position = number;
        return true;
    }

    /// <summary>Gives an event its offset, and keeps it. A volatile one is not kept and has the offset of the last that was.</summary>
    private EventMessage Number(Namespace @namespace, in Audience audience, EventMessage message, bool isVolatile)
    {
        var number = isVolatile ? _last : ++_last;
        var numbered = message.WithArgument(string.Create(CultureInfo.InvariantCulture, $"{_mark}{number}"));
        if (!isVolatile)
        {
            var kept = new KeptEvent(number, @namespace.Name, audience.Rooms, audience.Except, numbered, _time.GetTimestamp());
            _events.Enqueue(kept);
            _bytes += kept.Bytes;
            while (_events.Count > _options.RecoveryMaxEvents || _bytes > _options.RecoveryMaxBytes)
            {
                DropEvent();
            }

            ArmTimer();
        }

        return numbered;
    }

    private void DropEvent()
    {
        var dropped = _events.Dequeue();
        _bytes -= dropped.Bytes;
        _lastDropped = dropped.Number;
    }

    private void DropSession()
    {
        _sessions.Remove(_lost.First!.Value.Pid);
        _lost.RemoveFirst();
    }

    private void DropExpired()
    {
        while (_events.TryPeek(out var oldest) && _time.GetElapsedTime(oldest.Time) >= _duration)
        {
            DropEvent();
        }

        while (_lost.First is { Value: var session } && _time.GetElapsedTime(session.LostAt) >= _duration)
        {
            DropSession();
        }
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            _isTimerArmed = false;
            DropExpired();
            ArmTimer();
        }
    }

    /// <summary>Sees to it that what is kept goes even when nothing else happens.</summary>
    private void ArmTimer()
    {
        if (!_isTimerArmed && (_events.Count > 0 || _lost.Count > 0))
        {
            _isTimerArmed = true;
            _timer.Change(_duration, Timeout.InfiniteTimeSpan);
        }
    }

    private sealed record KeptEvent(
        long Number, string Namespace, ImmutableArray<string> Rooms, ImmutableArray<string> Except, EventMessage Message, long Time)
    {
        /// <summary>Gets what the event takes: its JSON and attachments, and the frames made of them.</summary>
        public long Bytes { get; } = OverheadBytes + (2 * (Message.Json.Length + Message.Attachments.Sum(static attachment => (long)attachment.Length)));

        public bool IsFor(RecoverableSession session) =>
            Namespace == session.Namespace
            && (Rooms.IsEmpty || Rooms.Any(room => IsIn(session, room)))
            && !Except.Any(room => IsIn(session, room));

        private static bool IsIn(RecoverableSession session, string room) => room == session.SocketId || session.Rooms.Contains(room);
    }
}
