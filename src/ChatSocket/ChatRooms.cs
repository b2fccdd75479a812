using System.Collections.Concurrent;
using System.Globalization;

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
/// <remarks>
/// Where several processes serve chat, people in the global room and in those of owners are on all of them. What is said is
/// told on all, with one message between them; what each process learns by itself (from the store, say) it tells its own.
/// So that whoever tells need not know those on other processes, people on the user socket are in a room by which they are
/// left out: of their account or, where they have not signed in, of their address.
/// </remarks>
public sealed class ChatRooms(BanDirectory bans, IOptions<PortOptions> ports)
{
    /// <summary>The room of those who hear every robot whose chat is global.</summary>
    private const string Global = "global";

    /// <summary>Those on the user socket, with the room by which each is left out.</summary>
    private readonly ConcurrentDictionary<Socket, string> _users = new();
    private Namespace? _sockets;

    /// <summary>The room of the sockets that are a robot.</summary>
    public static string OfRobot(string handle) => $"robot:{handle}";

    private Namespace Sockets => _sockets ?? throw new InvalidOperationException("The rooms are on no server yet.");

    /// <summary>Says on which server the rooms are.</summary>
    public void Serve(SocketIOServer server) => _sockets = server.Root;

    /// <summary>Tells whether a socket is one of the user port, on which existing viewer apps do everything.</summary>
    public bool IsOnUserPort(Socket socket) => socket.Handshake.LocalPort == ports.Value.User;

    /// <summary>Takes in a socket that has connected.</summary>
    public void Enter(Socket socket)
    {
        if (IsOnUserPort(socket) && !socket.IsBannedFromSite())
        {
            var room = OfPerson(socket, socket.CallerAtOpening());
            _users[socket] = room;
            socket.Join(room);
            socket.Join(Global);
        }
    }

    /// <summary>In whose name a socket speaks may have changed.</summary>
    public void Review(Socket socket, Caller caller)
    {
        var room = OfPerson(socket, caller);
        if (_users.TryGetValue(socket, out var former) && former != room && _users.TryUpdate(socket, room, former))
        {
            socket.Join(room);
            socket.Leave(former);
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

    /// <summary>Tells the robot, which may be connected to another process.</summary>
    public void TellRobot(Robot robot, EventMessage message)
    {
        var there = Sockets.To(OfRobot(robot.Handle));
        (there.GetSockets().Count > 0 ? there.Local() : there).Emit(message);
    }

    /// <summary>Tells those of this process who have chosen a robot.</summary>
    public void TellViewersHere(Robot robot, EventMessage message) => Sockets.To(OfViewers(robot.Handle)).Local().Emit(message);

    /// <summary>Tells all who hear what is said to a robot, but for the robot itself.</summary>
    public async Task TellListenersAsync(Robot robot, EventMessage message) => (await ListenersAsync(robot)).Emit(message);

    /// <summary>Tells all who hear what is said to a robot, and the robot.</summary>
    public async Task TellAllAsync(Robot robot, EventMessage message)
    {
        TellRobot(robot, message);
        await TellListenersAsync(robot, message);
    }

    /// <summary>Tells those of this process who hear what is said to a robot, and the robot if it is here.</summary>
    public async Task TellAllHereAsync(Robot robot, EventMessage message)
    {
        Sockets.To(OfRobot(robot.Handle)).Local().Emit(message);
        (await ListenersAsync(robot)).Local().Emit(message);
    }

    private static string OfViewers(string handle) => $"viewers:{handle}";

    private static string OfOwner(string name) => $"owner:{name}";

    private static string OfAccount(long id) => string.Create(CultureInfo.InvariantCulture, $"account:{id}");

    private static string OfAddress(string range) => $"address:{range}";

    private static string OfPerson(Socket socket, Caller caller) =>
        caller.Account is { } account ? OfAccount(account.Id) : OfAddress(BanTarget.RangeOf(socket.Handshake.RemoteAddress));

    private async Task<Broadcast> ListenersAsync(Robot robot)
    {
        var listeners = Sockets.To(OfViewers(robot.Handle)).Except(OfRobot(robot.Handle));
        if (robot.Visibility != Visibility.Public)
        {
            return listeners;
        }

        var away = await bans.FindKeptAwayAsync(robot);
        return listeners
            .To(robot.NonGlobalChat ? OfOwner(robot.Owner) : Global)
            .Except(away.Accounts.Select(OfAccount))
            .Except(away.Addresses.Select(OfAddress));
    }
}
