using System.Collections.Concurrent;

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

using SocketIO.Adapters;
using SocketIO.EngineIO;
using SocketIO.Recovery;

namespace SocketIO;

/// <summary>
/// One Socket.IO server: its namespaces, rooms and connections. It is served on any number of paths and ports
/// (<c>MapSocketIO</c>); all of them reach the same namespaces.
/// </summary>
public sealed class SocketIOServer
{
    private readonly ConcurrentDictionary<string, Namespace> _namespaces = new();
    private readonly EngineIOServer _engine;
    private readonly Lock _dynamicGate = new();
    private (Func<string, bool> IsAllowed, Action<Namespace> Configure)[] _dynamic = [];

    /// <summary>Makes a server. An application usually adds it with <c>AddSocketIO</c> instead.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="logger">Where it logs to.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="adapter">What reaches the sockets of other nodes; by default there are none.</param>
    public SocketIOServer(SocketIOOptions? options = null, ILogger<SocketIOServer>? logger = null, TimeProvider? time = null, IAdapter? adapter = null)
    {
        Adapter = adapter ?? InMemoryAdapter.Instance;
        Options = options ?? new SocketIOOptions();
        Time = time ?? TimeProvider.System;
        Log = new SocketIOLog(logger ?? NullLogger<SocketIOServer>.Instance);
        Recovery = Options.RecoveryTime is null ? null : new RecoveryLog(Options, Time);
        Root = Of("/");
        _engine = new EngineIOServer(Options, Time, (session, handshake) => new SocketIOConnection(this, session, handshake));
    }

    /// <summary>Gets the root namespace, <c>/</c>, to which every client of protocol revision 4 is connected unasked.</summary>
    public Namespace Root { get; }

    internal IAdapter Adapter { get; }

    internal SocketIOOptions Options { get; }

    internal TimeProvider Time { get; }

    /// <summary>Gets what clients come back to; null when recovery is off.</summary>
    internal RecoveryLog? Recovery { get; }

    internal SocketIOLog Log { get; }

    internal ConcurrentDictionary<string, EngineIOSession> Sessions => _engine.Sessions;

    /// <summary>Gets the namespace of that name, made on first use. Names begin with a slash.</summary>
    /// <exception cref="ArgumentException">The name does not begin with a slash, or holds a comma or a question mark.</exception>
    public Namespace Of(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name[0] != '/' || name.AsSpan().ContainsAny(',', '?'))
        {
            throw new ArgumentException($"A namespace begins with a slash and holds neither comma nor question mark: '{name}'.", nameof(name));
        }

        return _namespaces.GetOrAdd(name, static (name, server) => new Namespace(name, server), this);
    }

    /// <summary>Answers one request of a client: handshake, poll, post or WebSocket. <c>MapSocketIO</c> puts it on a path.</summary>
    public Task HandleAsync(HttpContext context) => _engine.HandleAsync(context);

    /// <summary>Joins the other nodes. <c>AddSocketIO</c> sees to it; whoever makes a server with an adapter calls it before the first client.</summary>
    public Task StartAsync(CancellationToken cancellationToken = default) => Adapter.StartAsync(this, cancellationToken);

    /// <summary>Disconnects every client and refuses new ones; completes when all connections have ended.</summary>
    /// <remarks>Clients see their connection lost, not a disconnect on purpose, and so try to come back.</remarks>
    public async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        await _engine.CloseAsync(cancellationToken).ConfigureAwait(false);
        await Adapter.DisposeAsync().ConfigureAwait(false);
        Recovery?.Dispose();
    }

    /// <summary>
    /// Lets clients make namespaces: one whose name is asked for and allowed is made and configured (handlers,
    /// middleware) before the client joins, and forgotten when its last client has left.
    /// </summary>
    public void OfDynamic(Func<string, bool> isAllowed, Action<Namespace> configure)
    {
        ArgumentNullException.ThrowIfNull(isAllowed);
        ArgumentNullException.ThrowIfNull(configure);
        lock (_dynamicGate)
        {
            _dynamic = [.. _dynamic, (isAllowed, configure)];
        }
    }

    /// <summary>Finds the namespace that a client asks for, or makes it if clients may; the client is counted in.</summary>
    internal Namespace? FindOrCreate(string name)
    {
        if (_namespaces.TryGetValue(name, out var existing) && !existing.IsDynamic)
        {
            return existing;
        }

        if (_dynamic.FirstOrDefault(dynamic => dynamic.IsAllowed(name)).Configure is not { } configure)
        {
            return null;
        }

        lock (_dynamicGate)
        {
            if (_namespaces.TryGetValue(name, out existing))
            {
                existing.Enter();
                return existing;
            }
        }

        // Handlers are registered outside the lock; if two clients are first at the same time, one of the two is kept.
        var made = new Namespace(name, this, Abandon);
        configure(made);
        lock (_dynamicGate)
        {
            var kept = _namespaces.GetOrAdd(name, made);
            kept.Enter();
            return kept;
        }
    }

    /// <summary>Finds a namespace that is there.</summary>
    internal Namespace? Find(string name) => _namespaces.GetValueOrDefault(name);

    private void Abandon(Namespace left)
    {
        lock (_dynamicGate)
        {
            if (left.IsEmptyAfterLeaving())
            {
                _namespaces.TryRemove(new KeyValuePair<string, Namespace>(left.Name, left));
            }
        }
    }
}
