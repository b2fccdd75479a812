using System.Text.Json;

using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Robots;

using SocketIO;

namespace LiveRobot.ChatSocket;

/// <summary>The events by which the existing viewer app moderates; what comes of them is told to all who hear the robots concerned.</summary>
public sealed class ModerationEvents(RobotAccess access, ChatModeration moderation, ChatRooms rooms, ChatTurn turn)
{
    /// <summary>Registers the handlers on a socket.</summary>
    internal void Attach(Socket socket, ChatClient client)
    {
        socket.On("timeoutUser", received => BanFromRobotAsync(client, received, isTimeOut: true));
        socket.On("blockUserForRobocaster", received => BanFromRobotAsync(client, received, isTimeOut: false));
        socket.On("blockUser", received => BanByNameAsync(client, received, isOfSite: false));
        socket.On("globalBlockUser", received => BanByNameAsync(client, received, isOfSite: true));
    }

    /// <summary>
    /// Takes <c>{"username", "robot_id"?}</c>: a time-out from the robot, or a ban from all robots of its owner.
    /// </summary>
    private async ValueTask BanFromRobotAsync(ChatClient client, SocketEvent received, bool isTimeOut)
    {
        if (received[0].ValueKind != JsonValueKind.Object || !received[0].TryGetProperty("username", out var name) || name.ValueKind != JsonValueKind.String)
        {
            client.Refuse(received, Refusal.BadRequest);
            return;
        }

        var found = await client.FindRobotAsync(access, received[0]);
        if (found.Robot is not { } robot)
        {
            client.Refuse(received, Refusal.Of(found.Refusal));
            return;
        }

        var scope = isTimeOut ? BanScope.OfRobot(robot.Handle) : BanScope.OfOwner(robot.Owner);
        await BanAsync(client, received, scope, robot.Owner, name.GetString()!, isTimeOut);
    }

    /// <summary>Takes a name: a ban from all of one's own robots or, by an administrator, from the site.</summary>
    private async ValueTask BanByNameAsync(ChatClient client, SocketEvent received, bool isOfSite)
    {
        if (received[0].ValueKind != JsonValueKind.String)
        {
            client.Refuse(received, Refusal.BadRequest);
            return;
        }

        var own = (await client.Visitor.CallerAsync()).Account?.Name ?? "";
        await BanAsync(client, received, isOfSite ? BanScope.Site : BanScope.OfOwner(own), isOfSite ? "" : own, received[0].GetString()!, isTimeOut: false);
    }

    private async Task BanAsync(ChatClient client, SocketEvent received, BanScope scope, string owner, string username, bool isTimeOut)
    {
        if (client.Visitor.IsSpectator)
        {
            client.Refuse(received, Refusal.Spectator);
            return;
        }

        var caller = await client.Visitor.CallerAsync();
        var (news, refusal) = await turn.TakeAsync(() => moderation.BanAsync(caller, scope, owner, username, isTimeOut));
        if (news is null)
        {
            client.Refuse(received, refusal!);
            return;
        }

        foreach (var robot in news.Robots)
        {
            foreach (var messageId in news.Removed[robot.Handle])
            {
                await rooms.TellAllAsync(robot, EventMessage.Create("message_removed", new { message_id = messageId }));
            }

            var told = new { room = robot.Owner, username = news.Username };
            await rooms.TellAllAsync(robot, isTimeOut ? EventMessage.Create("user_timeout", told) : EventMessage.Create("user_blocked", told));
        }

        received.Acknowledge(new { ok = true });
    }
}
