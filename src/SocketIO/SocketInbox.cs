using SocketIO.Packets;

namespace SocketIO;

/// <summary>
/// The events of one socket on their way to its handlers, which run one after the other: at once on the thread that
/// received the event if nothing runs, otherwise in turn. Until <see cref="Start"/> everything waits.
/// </summary>
internal sealed class SocketInbox(Socket socket, SocketIOServer server)
{
    private const int NameChars = 128;

    private readonly Lock _gate = new();
    private Handler[] _handlers = [];
    private Action<SocketEvent>? _unknownHandler;
    private Func<SocketEvent, Exception, bool>? _failedHandler;
    private Action<DisconnectReason>[] _disconnectHandlers = [];
    private Queue<IncomingEvent>? _pending;
    private long _pendingBytes;
    private bool _isRunning = true;
    private bool _isStarted;
    private DisconnectReason? _end;
    private bool _isEnded;

    /// <summary>Gets the names that handlers have been registered for.</summary>
    public IReadOnlyCollection<string> EventNames => _handlers.Select(handler => handler.EventName).OfType<string>().ToHashSet(StringComparer.Ordinal);

    /// <summary>Adds a handler; without a name it gets every event.</summary>
    public void On(string? eventName, Delegate handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        lock (_gate)
        {
            _handlers = [.. _handlers, new Handler(eventName, handler)];
        }
    }

    /// <summary>Adds a handler of the events that none has by name.</summary>
    public void OnUnknown(Action<SocketEvent> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        lock (_gate)
        {
            _unknownHandler += handler;
        }
    }

    /// <summary>Adds what is told of handlers that fail; true: it has dealt with that.</summary>
    public void OnFailed(Func<SocketEvent, Exception, bool> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        lock (_gate)
        {
            _failedHandler += handler;
        }
    }

    public void OnDisconnect(Action<DisconnectReason> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        DisconnectReason? ended;
        lock (_gate)
        {
            ended = _isEnded ? _end : null;
            _disconnectHandlers = [.. _disconnectHandlers, handler];
        }

        if (ended is { } reason)
        {
            Run(handler, reason);
        }
    }

    /// <summary>Lets go what has waited for the socket to be set up.</summary>
    public void Start()
    {
        lock (_gate)
        {
            _isStarted = true;
        }

        _ = RunAsync(null);
    }

    /// <summary>Takes an event; the JSON is valid until the call returns and may be changed. False when it is malformed.</summary>
    public bool Receive(Memory<byte> json, long id, IReadOnlyList<ReadOnlyMemory<byte>> attachments)
    {
        Span<char> nameBuffer = stackalloc char[NameChars];
        if (!SocketIOPacket.TryReadEvent(json, nameBuffer, out var name, out var arguments, out var count))
        {
            return false;
        }

        if (Find(name) is not { } known)
        {
            return true;
        }

        var incoming = IncomingEvent.Create(socket, known, id, arguments.Span, count, attachments);
        bool isFirst;
        lock (_gate)
        {
            if (_end is not null)
            {
                incoming.Release();
                return true;
            }

            if (_isRunning)
            {
                _pendingBytes += incoming.PendingBytes;
                if (_pendingBytes <= server.Options.MaxPendingBytes)
                {
                    (_pending ??= []).Enqueue(incoming);
                    return true;
                }
            }

            isFirst = !_isRunning;
            _isRunning = true;
        }

        if (isFirst)
        {
            _ = RunAsync(incoming);
        }
        else
        {
            incoming.Release();
            socket.Overflow();
        }

        return true;
    }

    /// <summary>Runs the disconnect handlers after what is waiting, and takes no more events.</summary>
    public void End(DisconnectReason reason)
    {
        lock (_gate)
        {
            _end = reason;
            if (_isRunning)
            {
                return;
            }

            _isRunning = true;
        }

        _ = RunAsync(null);
    }

    /// <summary>Finds the registered name, without making a string; null when nobody asked for the event.</summary>
    private string? Find(ReadOnlySpan<char> name)
    {
        // Asked first: an event that meets the socket while it is being set up must not fall between the two.
        var isStarted = Volatile.Read(ref _isStarted);
        foreach (var handler in _handlers)
        {
            if (handler.EventName is null)
            {
                return name.ToString();
            }

            if (name.SequenceEqual(handler.EventName))
            {
                return handler.EventName;
            }
        }

        // Before the start handlers may yet come.
        return isStarted && _unknownHandler is null ? null : name.ToString();
    }

    private async Task RunAsync(IncomingEvent? incoming)
    {
        do
        {
            if (incoming is not null)
            {
                await RunHandlersAsync(incoming).ConfigureAwait(false);
                incoming.Release();
            }
        }
        while (TryTake(out incoming));
    }

    private bool TryTake(out IncomingEvent? incoming)
    {
        incoming = null;
        DisconnectReason reason;
        Action<DisconnectReason>[] handlers;
        lock (_gate)
        {
            if (_pending?.TryDequeue(out incoming) == true)
            {
                _pendingBytes -= incoming.PendingBytes;
                return true;
            }

            _pending = null;
            if (_end is null || _isEnded)
            {
                _isRunning = false;
                return false;
            }

            _isEnded = true;
            reason = _end.Value;
            handlers = _disconnectHandlers;
        }

        foreach (var handler in handlers)
        {
            Run(handler, reason);
        }

        return false;
    }

    private async ValueTask RunHandlersAsync(IncomingEvent incoming)
    {
        var isKnown = false;
        foreach (var handler in _handlers)
        {
            if (handler.EventName is null || handler.EventName == incoming.Name)
            {
                isKnown |= handler.EventName is not null;
                await RunAsync(handler.Run, incoming).ConfigureAwait(false);
            }
        }

        if (!isKnown && _unknownHandler is { } unknownHandler)
        {
            await RunAsync(unknownHandler, incoming).ConfigureAwait(false);
        }
    }

    private async ValueTask RunAsync(Delegate handler, IncomingEvent incoming)
    {
        try
        {
            if (handler is Action<SocketEvent> action)
            {
                action(new SocketEvent(incoming));
            }
            else
            {
                await ((Func<SocketEvent, ValueTask>)handler)(new SocketEvent(incoming)).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // A handler's failure is its own; it must not end the connection.
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (!IsDealtWith(incoming, e))
            {
                server.Log.HandlerFailed(incoming.Name, socket.ConnectionNumber, socket.Namespace.Name, e);
            }
        }
    }

    private bool IsDealtWith(IncomingEvent incoming, Exception failure)
    {
        try
        {
            return _failedHandler?.Invoke(new SocketEvent(incoming), failure) == true;
        }
#pragma warning disable CA1031 // As above.
        catch (Exception e)
#pragma warning restore CA1031
        {
            server.Log.HandlerFailed(incoming.Name, socket.ConnectionNumber, socket.Namespace.Name, e);
            return false;
        }
    }

    private void Run(Action<DisconnectReason> handler, DisconnectReason reason)
    {
        try
        {
            handler(reason);
        }
#pragma warning disable CA1031 // As above.
        catch (Exception e)
#pragma warning restore CA1031
        {
            server.Log.HandlerFailed("disconnect", socket.ConnectionNumber, socket.Namespace.Name, e);
        }
    }

    private readonly record struct Handler(string? EventName, Delegate Run);
}
