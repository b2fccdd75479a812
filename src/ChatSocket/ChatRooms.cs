using System.Collections.Concurrent;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Hosting;
using LiveRobot.Platform.Robots;

using Microsoft.Extensions.Options;

using SocketIO;

namespace LiveRobot.ChatSocket;

/// <summary>
/// Who hears what is said to a robot: the robot, and everybody who has chosen it. If it is public, those on the user
/// socket who have chosen another robot of the same owner hear it too (the room of the owner), and unless its chat is
/// <c>non_global</c> all who are there (the global room). Who is banned from a robot hears it in none of them.
/// </summary>
public sealed class ChatRooms(BanDirectory bans, IOptions<PortOptions> ports)
{
    /// <summary>The room of those who hear every robot whose chat is global.</summary>
    private const string Global = "global";

    private readonly ConcurrentDictionary<Socket, Visitor> _users = new();
    private Namespace? _sockets;

    /// <summary>The room of the sockets that are a robot.</summary>
    public static string OfRobot(string handle) => $"robot:{handle}";

    private Namespace Sockets => _sockets ?? throw new InvalidOperationException("The rooms are on no server yet.");

    /// <summary>Says on which server the rooms are.</summary>
    public void Serve(SocketIOServer server) => _sockets = server.Root;

    /// <summary>Tells whether a socket is one of the user port, on which existing viewer apps do everything.</summary>
    public bool IsOnUserPort(Socket socket) => socket.Handshake.LocalPort == ports.Value.User;

    /// <summary>Takes in a socket that has connected.</summary>
    public void Enter(Socket socket, Visitor visitor)
    {
        if (IsOnUserPort(socket) && !socket.IsBannedFromSite())
        {
            _users[socket] = visitor;
            socket.Join(Global);
        }
    }

    /// <summary>The socket has ended.</summary>
    public void Leave(Socket socket) => _users.TryRemove(socket, out _);

    /// <summary>A socket has chosen a robot in place of the one that it had chosen before.</summary>
    public void Choose(Socket socket, Robot? former, Robot robot)
    {
        if (former is not null && former.Handle != robot.Handle)
        {
            socket.Leave(OfViewers(former.Handle));
        }

        if (former is not null && former.Owner != robot.Owner)
        {
            socket.Leave(OfOwner(former.Owner));
        }

        socket.Join(OfViewers(robot.Handle));
        if (_users.ContainsKey(socket))
        {
            socket.Join(OfOwner(robot.Owner));
        }
    }

    /// <summary>Tells the robot.</summary>
    public void TellRobot(Robot robot, EventMessage message) => Sockets.To(OfRobot(robot.Handle)).Emit(message);

    /// <summary>Tells those who have chosen a robot.</summary>
    public void TellViewers(Robot robot, EventMessage message) => Sockets.To(OfViewers(robot.Handle)).Emit(message);

    /// <summary>Tells all who hear what is said to a robot, but for the robot itself.</summary>
    public async Task TellListenersAsync(Robot robot, EventMessage message) => (await ListenersAsync(Sockets, robot)).Emit(message);

    /// <summary>Tells all who hear what is said to a robot, and the robot.</summary>
    public async Task TellAllAsync(Robot robot, EventMessage message)
    {
        TellRobot(robot, message);
        await TellListenersAsync(robot, message);
    }

    private static string OfViewers(string handle) => $"viewers:{handle}";

    private static string OfOwner(string name) => $"owner:{name}";

    private async Task<Broadcast> ListenersAsync(Namespace sockets, Robot robot)
    {
        var listeners = sockets.To(OfViewers(robot.Handle));
        if (robot.Visibility != Visibility.Public)
        {
            return listeners.Except(OfRobot(robot.Handle));
        }

        var others = robot.NonGlobalChat ? OfOwner(robot.Owner) : Global;
        listeners = listeners.To(others).Except(OfRobot(robot.Handle));
        var away = await bans.FindKeptAwayAsync(robot);
        if (away.IsEmpty)
        {
            return listeners;
        }

        foreach (var socket in sockets.To(others).GetSockets())
        {
            if (_users.TryGetValue(socket, out var visitor) && away.Has(await visitor.CallerAsync(), visitor.Approach.Address))
            {
                listeners = listeners.Except(socket.Id);
            }
        }

        return listeners;
    }
}
