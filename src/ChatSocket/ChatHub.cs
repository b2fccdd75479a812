using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Moderation;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Sockets;

using Microsoft.Extensions.Options;

using SocketIO;

namespace LiveRobot.ChatSocket;

/// <summary>
/// Who connects to chat, and what they watch. What robots do is in <see cref="ChatRobots"/>, what they say in
/// <see cref="RobotLines"/>, what viewers say in <see cref="ChatLines"/>, and what is done against people and lines in
/// <see cref="ModerationEvents"/> and <see cref="ChatNews"/>.
/// </summary>
public sealed class ChatHub(
    RobotAccess access,
    Visitors visitors,
    BanDirectory bans,
    Callers callers,
    EventRefusals refusals,
    UserSocket userSocket,
    ChatRooms rooms,
    ChatSlots slots,
    ChatTurn turn,
    ChatRobots robots,
    ChatLines lines,
    RobotLines robotLines,
    ModerationEvents moderation,
    Moderators moderators,
    ChannelUsers channelUsers,
    ChatRulesStore rules,
    ChatLog log,
    IOptions<ChatOptions> options,
    TimeProvider clock)
{
    /// <summary>Registers the handlers on a server.</summary>
    public void Attach(SocketIOServer server)
    {
        server.Root.RefuseBanned(bans, callers);
        server.Root.OnConnection(Connected);
        rooms.Serve(server);
        robotLines.Serve();
        userSocket.Serve(server);
    }

    private void Connected(Socket socket)
    {
        var visitor = visitors.Open(socket.Handshake.OpeningRequest());
        var client = new ChatClient(visitor, refusals.Watch(socket, "chat"), new MessageRate(options.Value.Burst, options.Value.MessageInterval, clock));
        visitor.OnReview(() => ReviewAsync(socket, client));
        socket.OnDisconnect(_ =>
        {
            visitor.Dispose();
            rooms.Leave(socket);
            channelUsers.Leave(socket);
            robots.Resign(socket, client);
        });
        rooms.Enter(socket);
        channelUsers.Enter(socket, visitor, isUser: rooms.IsOnUserPort(socket) && !socket.IsBannedFromSite());
        socket.On("identify_robot_id", received => IdentifyAsync(socket, client, received));
        socket.On("robot_id", received => IdentifyAsync(socket, client, received));
        socket.On("select_robot", received => SelectAsync(socket, client, received));
        socket.On("chat_message", received => lines.SayAsync(socket, client, received));
        moderation.Attach(socket, client);
        if (rooms.IsOnUserPort(socket))
        {
            userSocket.Connected(socket);
        }
    }

    /// <summary>A robot says its private id; by a handle the socket becomes a viewer's.</summary>
    private async ValueTask IdentifyAsync(Socket socket, ChatClient client, SocketEvent received)
    {
        if (!await robots.IdentifyAsync(socket, client, received))
        {
            await SelectAsync(socket, client, received);
        }
    }

    /// <summary>Takes <c>{"robot_id": handle}</c> or the bare handle; answers with <c>chat_history</c>.</summary>
    private async ValueTask SelectAsync(Socket socket, ChatClient client, SocketEvent received)
    {
        var found = ChatClient.NameIn(received[0]) is null ? RobotIdentity.Unknown : await client.FindRobotAsync(access, received[0]);
        if (found.Robot is not { } robot)
        {
            client.Refuse(received, Refusal.Of(found.Refusal));
            return;
        }

        if (!slots.Admit(socket, robot))
        {
            return;
        }

        // In turn, so that no line is missing between the history and what is heard from now on, and none comes twice.
        await turn.TakeAsync(async () =>
        {
            var history = await log.LastAsync(robot.Handle);
            var named = await moderators.NamesAsync(robot);
            socket.Emit(EventMessage.Create("chat_history", history.Select(message => message.ForViewers(robot, named))));
            rooms.Choose(socket, client.Selected, robot);
            channelUsers.Choose(socket, robot);
            client.Selected = robot;
            return true;
        });
        var mayModerate = await moderators.MayModerateAsync(robot, await client.Visitor.CallerAsync(), client.Visitor.Approach.Address);
        var laidDown = await rules.FindAsync(robot.Handle);
        received.Acknowledge(new { ok = true, may_moderate = mayModerate, slow_mode_seconds = laidDown.SlowModeSeconds, links = laidDown.Links });
    }

    /// <summary>The robot-id may have been replaced or restricted, the right to watch withdrawn, or somebody banned: then the socket is cut off.</summary>
    private async Task ReviewAsync(Socket socket, ChatClient client)
    {
        rooms.Review(socket, await client.Visitor.CallerAsync());
        if (client.RobotId is { } robotId && !await access.IsStillAsync(robotId, client.Visitor))
        {
            socket.CutOff(null);
        }
        else if (client.Selected is { } selected && await access.FindForViewerAsync(selected.Handle, client.Visitor) is { Robot: null } found)
        {
            socket.CutOff(found.Refusal);
        }
        else if (client.RobotHandle is null && await access.RefusesAsync(client.Visitor) is { } refusal)
        {
            socket.CutOff(refusal);
        }
    }
}
