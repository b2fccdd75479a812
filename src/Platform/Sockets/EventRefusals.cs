using System.Diagnostics.Metrics;

using LiveRobot.Platform.Hosting;

using SocketIO;

namespace LiveRobot.Platform.Sockets;

/// <summary>
/// What becomes of events that a service does not know, cannot read or fails at, as when the store's disk is full: they are
/// counted (meter <c>LiveRobot.Sockets</c>), and who sent them is told.
/// </summary>
public sealed class EventRefusals
{
    private readonly Counter<long> _refused;

    public EventRefusals(IMeterFactory meters) => _refused = meters.Create("LiveRobot.Sockets").CreateCounter<long>(
        "liverobot.sockets.events.refused", "{event}", "Events that were not taken, by socket and code of the refusal.");

    /// <summary>Refuses what a socket sends and no handler of it has been registered for, or a handler has failed at.</summary>
    /// <param name="service">The socket's name in the metric: <c>control</c>, <c>chat</c> or <c>status</c>.</param>
    public SocketRefusals Watch(Socket socket, string service)
    {
        var refusals = Of(socket, service);
        socket.OnUnknown(received => refusals.Refuse(received, "unknown_event", "There is no such event here."));
        socket.OnFailed((received, exception) =>
        {
            refusals.Refuse(received, "failed", "The server could not do this. Try it again in a moment.");
            return Outage.Is(exception);
        });
        return refusals;
    }

    /// <summary>The same for a service that gives a socket of another service handlers: what is unknown to it may be known there.</summary>
    /// <inheritdoc cref="Watch" path="/param"/>
    public SocketRefusals Of(Socket socket, string service) =>
        new(socket, code => _refused.Add(1, new("socket", service), new("code", code)));
}

/// <summary>Tells the client of one socket which of its events were refused.</summary>
public sealed class SocketRefusals
{
    /// <summary>Who does not read what it is told is told no more.</summary>
    private const long MaxUnreadBytes = 65_536;

    /// <summary>The most of an event's name that is repeated to its sender.</summary>
    private const int MaxNameLength = 100;

    private readonly Socket _socket;
    private readonly Action<string> _count;

    internal SocketRefusals(Socket socket, Action<string> count) => (_socket, _count) = (socket, count);

    /// <summary>
    /// Refuses an event. Its sender is told by the acknowledgement, if it asked for one; else by
    /// <c>event_refused</c>: <c>{"event", "error", "code"}</c>. Clients of Engine.IO 3 are not: existing robots send events
    /// that nobody knows any more, and break on an answer.
    /// </summary>
    /// <param name="code">For programs: stable, snake case.</param>
    /// <param name="error">For people.</param>
    /// <param name="wait">How long until it may be sent again, if time is what is missing: <c>retry_after</c> of the acknowledgement, in seconds.</param>
    public void Refuse(SocketEvent received, string code, string error, TimeSpan? wait = null)
    {
        _count(code);
        if (received.WantsAcknowledgement)
        {
            if (wait is { } time)
            {
                received.Acknowledge(new { ok = false, error, code, retry_after = Math.Ceiling(time.TotalSeconds) });
            }
            else
            {
                received.Acknowledge(new { ok = false, error, code });
            }
        }
        else if (_socket.Handshake.EngineIOVersion != 3 && _socket.BufferedBytes <= MaxUnreadBytes)
        {
            var name = received.Name.Length <= MaxNameLength ? received.Name : received.Name[..MaxNameLength];
            _socket.Emit(EventMessage.Create("event_refused", new { @event = name, error, code }));
        }
    }
}
