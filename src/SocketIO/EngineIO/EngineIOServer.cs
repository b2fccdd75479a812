using System.Collections.Concurrent;
using System.Net;
using System.Runtime.InteropServices;

using Microsoft.AspNetCore.Http;

using WebSockets;

namespace SocketIO.EngineIO;

/// <summary>
/// The sessions of one server: Engine.IO 3 and 4 on polling and WebSocket. <see cref="SocketIOServer"/> stands on it;
/// by itself it serves clients that speak bare Engine.IO.
/// </summary>
public sealed class EngineIOServer
{
    private readonly Func<EngineIOSession, Handshake, IEngineIOListener> _makeListener;
    private readonly Dictionary<IPAddress, int> _addresses = [];
    private readonly SocketIOOptions _options;
    private readonly TimeProvider _time;
    private readonly TimingWheel _wheel;
    private readonly EngineIOEndpoint _endpoint;
    private int _connections;
    private volatile bool _isClosing;
    private TaskCompletionSource? _emptied;

    /// <summary>Makes a server of bare Engine.IO; <paramref name="onConnection"/> runs for each client before its first message.</summary>
    public EngineIOServer(SocketIOOptions options, Action<EngineIOConnection> onConnection, TimeProvider? time = null)
        : this(options, time ?? TimeProvider.System, (session, handshake) => new EngineIOConnection(session, handshake, onConnection))
    {
    }

    internal EngineIOServer(SocketIOOptions options, TimeProvider time, Func<EngineIOSession, Handshake, IEngineIOListener> makeListener)
    {
        _options = options;
        _time = time;
        _wheel = new TimingWheel(time);
        _makeListener = makeListener;
        _endpoint = new EngineIOEndpoint(this, options, time);
    }

    internal ConcurrentDictionary<string, EngineIOSession> Sessions { get; } = new();

    /// <summary>Answers one request of a client: handshake, poll, post or WebSocket.</summary>
    public Task HandleAsync(HttpContext context) => _endpoint.HandleAsync(context);

    /// <summary>Ends every session as if its connection were lost, and refuses new ones; completes when all have ended.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        var emptied = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _emptied = emptied;
        _isClosing = true;
        foreach (var session in Sessions.Values)
        {
            session.Close(DisconnectReason.ServerDisconnected, goingAway: true);
        }

        if (!Sessions.IsEmpty)
        {
            await emptied.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Opens a session; null when the server takes none.</summary>
    internal EngineIOSession? Open(HttpContext context, int version, bool usesBase64, WebSocketConnection? webSocket)
    {
        var handshake = Handshake.From(context, version);
        if (!TryReserve(handshake.RemoteAddress))
        {
            return null;
        }

        var session = new EngineIOSession(
            Sid.Create(),
            version,
            usesBase64,
            holdsMessages: version == 3 && webSocket is null,
            _options,
            _time,
            _wheel,
            session => Forget(session, handshake.RemoteAddress));
        session.Listen(_makeListener(session, handshake));
        Sessions[session.Sid] = session;
        session.Start(webSocket);
        if (_isClosing)
        {
            session.Close(DisconnectReason.ServerDisconnected, goingAway: true);
        }

        return session;
    }

    /// <summary>Counts a connection in; false when there are too many, or the server closes.</summary>
    private bool TryReserve(IPAddress address)
    {
        if (_isClosing)
        {
            return false;
        }

        if (Interlocked.Increment(ref _connections) > _options.MaxConnections)
        {
            Interlocked.Decrement(ref _connections);
            return false;
        }

        if (_options.MaxConnectionsPerAddress is not { } limit)
        {
            return true;
        }

        lock (_addresses)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_addresses, address, out _);
            if (count < limit)
            {
                count++;
                return true;
            }
        }

        Interlocked.Decrement(ref _connections);
        return false;
    }

    private void Forget(EngineIOSession session, IPAddress address)
    {
        Sessions.TryRemove(session.Sid, out _);
        Interlocked.Decrement(ref _connections);
        if (_options.MaxConnectionsPerAddress is not null)
        {
            lock (_addresses)
            {
                if (--CollectionsMarshal.GetValueRefOrAddDefault(_addresses, address, out _) == 0)
                {
                    _addresses.Remove(address);
                }
            }
        }

        if (_isClosing && Sessions.IsEmpty)
        {
            _emptied?.TrySetResult();
        }
    }
}
