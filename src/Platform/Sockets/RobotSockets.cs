using System.Diagnostics.Metrics;
using System.Net;

using LiveRobot.Platform.Limits;
using LiveRobot.Platform.Presence;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

using SocketIO;

namespace LiveRobot.Platform.Sockets;

/// <summary>
/// Of the sockets that say to be one robot at one service, the newest is; the older is told and closed, so that nobody
/// listens silently. Two addresses that take the robot from each other are shown to its owner.
/// </summary>
/// <remarks>
/// <para>An older socket is told <c>robot_taken_over</c>, disconnected by a packet, and its connection closed. The
/// packet keeps the libraries from coming back by themselves; without it two live clients would throw each other out
/// every second.</para>
/// <para>The LetsRobot era's Python library is the exception. The packet would leave it deaf for good, and at a closed
/// connection it spins or comes back at once. Yet it makes several sessions when it reconnects and uses only one, not
/// always the newest; by that one it identifies again every 60 seconds. So its older socket stays open and is merely no
/// robot any more, until it identifies again.</para>
/// <para>It knows the sockets of this process. A robot is told one address for each service, so it need not know others.</para>
/// </remarks>
public sealed partial class RobotSockets(RobotPresence presence, IOptions<PresenceOptions> options, TimeProvider clock, IMeterFactory meters, ILogger<RobotSockets> logger)
{
    private readonly Counter<long> _replaced = meters.Create("LiveRobot.Sockets").CreateCounter<long>(
        "liverobot.sockets.robots.replaced", "{socket}", "Sockets of robots that gave way to a newer one of the same robot, by socket.");

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Service, string Handle), Holder> _holders = [];

    /// <summary>Where each robot was last, also of those that are not there now: two addresses may take turns without meeting.</summary>
    private readonly Dictionary<(string Service, string Handle), Taken> _taken = [];

    /// <summary>A socket is the robot from now on.</summary>
    /// <param name="service">The service, e.g. <c>control</c>.</param>
    /// <param name="handle">The robot.</param>
    /// <param name="socket">The socket. When it ends or is another robot, <see cref="Leave"/> follows.</param>
    /// <param name="resign">Makes it no robot any more, when a newer one comes.</param>
    public async Task TakeAsync(string service, string handle, Socket socket, Action resign)
    {
        Holder? former;
        Taken? last;
        var now = clock.GetTimestamp();
        var address = socket.Handshake.RemoteAddress;
        lock (_gate)
        {
            if (_holders.TryGetValue((service, handle), out former) && former.Socket == socket)
            {
                return;
            }

            _holders[(service, handle)] = new Holder(socket, resign);
            last = _taken.GetValueOrDefault((service, handle));
            if (last is null || !AreOne(address, last.Address))
            {
                _taken[(service, handle)] = new Taken(address, last?.Address, now);
            }
        }

        if (former is not null)
        {
            _replaced.Add(1, new KeyValuePair<string, object?>("socket", service));
            former.Resign();
            Close(former.Socket);
        }

        if (last is null || AreOne(address, last.Address))
        {
            return;
        }

        if (former is not null)
        {
            Log.TakenOver(logger, handle, service, last.Address, address);
        }

        if (AreOne(address, last.From) && clock.GetElapsedTime(last.Since, now) <= options.Value.AlternatingWithin)
        {
            await presence.AddressesAlternateAsync(handle, new AlternatingAddresses(service, $"{last.Address}", $"{address}", clock.GetUtcNow()));
        }
    }

    /// <summary>A socket is no longer the robot.</summary>
    public void Leave(string service, string handle, Socket socket)
    {
        lock (_gate)
        {
            if (_holders.TryGetValue((service, handle), out var holder) && holder.Socket == socket)
            {
                _holders.Remove((service, handle));
            }
        }
    }

    /// <summary>Tells at which services a robot has a socket now, in the order of their names.</summary>
    public IReadOnlyList<string> ServicesOf(string handle)
    {
        lock (_gate)
        {
            return [.. _holders.Keys.Where(held => held.Handle == handle).Select(held => held.Service).Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Counts the robots that have a socket at a service now.</summary>
    public int CountOf(string service)
    {
        lock (_gate)
        {
            return _holders.Keys.Count(held => held.Service == service);
        }
    }

    private static void Close(Socket socket)
    {
        socket.Emit(EventMessage.Create("robot_taken_over", new { error = "Another connection is this robot now.", code = "taken_over" }));
        if (!IsOldPython(socket.Handshake))
        {
            socket.Disconnect();
        }
    }

    private static bool IsOldPython(Handshake handshake) =>
        handshake.EngineIOVersion == 3
        && handshake.Headers.TryGetValue(HeaderNames.UserAgent, out var agent)
        && agent.ToString().StartsWith("python-requests/", StringComparison.Ordinal);

    private static bool AreOne(IPAddress? one, IPAddress? other) =>
        one is not null && other is not null && AddressRange.Of(one).Equals(AddressRange.Of(other));

    /// <summary>The socket that is a robot.</summary>
    /// <param name="Socket">The socket.</param>
    /// <param name="Resign">Makes it no robot any more.</param>
    private sealed record Holder(Socket Socket, Action Resign);

    /// <summary>Where a robot was last.</summary>
    /// <param name="Address">The address.</param>
    /// <param name="From">The one that it came after; null for the first.</param>
    /// <param name="Since">When it came.</param>
    private sealed record Taken(IPAddress? Address, IPAddress? From, long Since);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Robot {Handle}: its {Service} socket at {Former} has given way to a newer one at {Address}.", EventName = "TakenOver")]
        public static partial void TakenOver(ILogger logger, string handle, string service, IPAddress? former, IPAddress? address);
    }
}
