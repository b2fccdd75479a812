using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Hosting;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Sockets;

using SocketIO;

namespace LiveRobot.Platform.Bans;

/// <summary>What the socket services do alike with people who are banned.</summary>
public static class BannedSockets
{
    private static readonly object IsBannedKey = new();
    private static readonly object CallerKey = new();

    /// <summary>
    /// Refuses who has signed in with an account that is banned from the site. Who has not is let in, because robots
    /// come like that too, but marked (<see cref="IsBannedFromSite"/>): they find no robot.
    /// </summary>
    public static void RefuseBanned(this Namespace sockets, BanDirectory bans, Callers callers) => sockets.Use(async socket =>
    {
        var request = socket.Handshake.OpeningRequest();
        try
        {
            var caller = callers.SessionToken(request.Header, request.Cookies) is { } token ? await callers.FindAsync(token) : Caller.Anonymous;
            socket.Items[CallerKey] = caller;
            if (await bans.FindOfSiteAsync(caller, request.Address) is not { } ban)
            {
                return null;
            }

            socket.Items[IsBannedKey] = ban;
            return caller.Account is null ? null : new ConnectRefusal(ban.Text, new { code = RobotRefusal.BannedCode });
        }
        catch (Exception exception) when (Outage.Is(exception))
        {
            return ConnectRefusal.Later;
        }
    });

    /// <summary>Tells in whose name a socket came. That may have ended since: see <see cref="Visitor.CallerAsync"/>.</summary>
    public static Caller CallerAtOpening(this Socket socket) => socket.Items.TryGetValue(CallerKey, out var caller) ? (Caller)caller! : Caller.Anonymous;

    /// <summary>Tells whether nobody is to be told anything here, unless it turns out to be a robot.</summary>
    public static bool IsBannedFromSite(this Socket socket) => socket.Items.ContainsKey(IsBannedKey);

    /// <summary>
    /// Ends a socket whose right was withdrawn. By the packet the libraries do not come back by themselves. Who is banned
    /// is told by <c>banned</c>: <c>{"robot_id"?, "scope", "reason", "until"?, "error", "code"}</c>.
    /// </summary>
    public static void CutOff(this Socket socket, RobotRefusal? refusal)
    {
        if (refusal?.Ban is { } ban)
        {
            socket.Emit(EventMessage.Create("banned", new
            {
                robot_id = ban.Scope.Kind == BanScopeKind.Robot ? ban.Scope.Subject : null,
                scope = ban.Scope.Kind.ToWire(),
                reason = ban.Reason,
                until = ban.Until,
                error = refusal.Error,
                code = refusal.Code,
            }));
        }

        socket.Disconnect();
    }
}
