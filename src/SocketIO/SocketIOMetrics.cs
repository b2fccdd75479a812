using System.Diagnostics.Metrics;

namespace SocketIO;

/// <summary>What all servers of the process count, under the meter <c>SocketIO</c>.</summary>
internal static class SocketIOMetrics
{
    private static readonly Meter Meter = new("SocketIO");

    private static readonly UpDownCounter<long> Connections = Meter.CreateUpDownCounter<long>(
        "socketio.connections", "{connection}", "Connections that are open, by version of Engine.IO.");

    private static readonly Counter<long> Ends = Meter.CreateCounter<long>(
        "socketio.connections.ended", "{connection}", "Connections that have ended, by reason.");

    private static readonly Counter<long> Events = Meter.CreateCounter<long>(
        "socketio.events.received", "{event}", "Events and acknowledgements received.");

    public static void Opened(int version) => Connections.Add(1, new KeyValuePair<string, object?>("version", version));

    public static void Ended(int version, DisconnectReason reason)
    {
        Connections.Add(-1, new KeyValuePair<string, object?>("version", version));
        Ends.Add(1, new KeyValuePair<string, object?>("reason", reason.ToString()));
    }

    public static void Received() => Events.Add(1);
}
