using System.Diagnostics.Metrics;

using SocketIO.EngineIO;

namespace SocketIO;

/// <summary>What all servers of the process count, under the meter <c>SocketIO</c>.</summary>
internal static class SocketIOMetrics
{
    private static readonly Meter Meter = new("SocketIO");

    private static readonly UpDownCounter<long> Connections = Meter.CreateUpDownCounter<long>(
        "socketio.connections", "{connection}", "Connections that are open, by version of Engine.IO.");

    private static readonly Counter<long> Ends = Meter.CreateCounter<long>(
        "socketio.connections.ended", "{connection}", "Connections that have ended, by reason: client_disconnected, server_disconnected, transport_closed, heartbeat_timeout, protocol_error, limit_exceeded.");

    private static readonly Counter<long> Refusals = Meter.CreateCounter<long>(
        "socketio.requests.refused", "{request}", "Requests of Engine.IO that were refused, by reason: transport_unknown, session_id_unknown, bad_handshake_method, bad_request, forbidden (too many connections), unsupported_version, too_large.");

    private static readonly Counter<long> NotAdmitted = Meter.CreateCounter<long>(
        "socketio.sockets.refused", "{socket}", "Sockets that were not let into a namespace, by reason: invalid_namespace, too_many_namespaces, forbidden, later (what must be asked is away).");

    private static readonly Counter<long> Events = Meter.CreateCounter<long>(
        "socketio.events.received", "{event}", "Events and acknowledgements received.");

    public static void Opened(int version) => Connections.Add(1, new KeyValuePair<string, object?>("version", version));

    public static void Ended(int version, DisconnectReason reason)
    {
        Connections.Add(-1, new KeyValuePair<string, object?>("version", version));
        Ends.Add(1, Reason(reason switch
        {
            DisconnectReason.ClientDisconnected => "client_disconnected",
            DisconnectReason.ServerDisconnected => "server_disconnected",
            DisconnectReason.TransportClosed => "transport_closed",
            DisconnectReason.HeartbeatTimeout => "heartbeat_timeout",
            DisconnectReason.ProtocolError => "protocol_error",
            _ => "limit_exceeded",
        }));
    }

    public static void Refused(EngineIOError error) => Refusals.Add(1, Reason(error switch
    {
        EngineIOError.TransportUnknown => "transport_unknown",
        EngineIOError.SessionIdUnknown => "session_id_unknown",
        EngineIOError.BadHandshakeMethod => "bad_handshake_method",
        EngineIOError.Forbidden => "forbidden",
        EngineIOError.UnsupportedVersion => "unsupported_version",
        _ => "bad_request",
    }));

    /// <summary>A post was longer than the server takes.</summary>
    public static void RefusedAsTooLarge() => Refusals.Add(1, Reason("too_large"));

    /// <param name="reason">In snake case: <c>invalid_namespace</c>, <c>too_many_namespaces</c>, <c>forbidden</c> by the application, or <c>later</c>.</param>
    public static void SocketRefused(string reason) => NotAdmitted.Add(1, Reason(reason));

    public static void Received() => Events.Add(1);

    private static KeyValuePair<string, object?> Reason(string reason) => new("reason", reason);
}
