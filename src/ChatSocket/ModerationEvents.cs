using System.Text.Json;

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

    /// <summary>Takes <c>{"username", "robot_id"?}</c>.</summary>
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

        var caller = await client.Visitor.CallerAsync();
        await TellAsync(client, received, () => moderation.BanFromRobotAsync(caller, client.Visitor.Approach.Address, robot, name.GetString()!, isTimeOut));
    }

    /// <summary>Takes a name.</summary>
    private async ValueTask BanByNameAsync(ChatClient client, SocketEvent received, bool isOfSite)
    {
        if (received[0].ValueKind != JsonValueKind.String)
        {
            client.Refuse(received, Refusal.BadRequest);
            return;
        }

        var caller = await client.Visitor.CallerAsync();
        await TellAsync(client, received, () => moderation.BanByNameAsync(caller, received[0].GetString()!, isOfSite));
    }

    private async Task TellAsync(ChatClient client, SocketEvent received, Func<Task<(ModerationNews? News, Refusal? Refusal)>> ban)
    {
        if (client.Visitor.IsSpectator)
        {
            client.Refuse(received, Refusal.Spectator);
            return;
        }

        var (news, refusal) = await turn.TakeAsync(ban);
        if (news is null)
        {
            client.Refuse(received, refusal!);
            return;
        }

        foreach (var robot in news.Robots)
        {
            var told = new { room = robot.Owner, username = news.Username };
            await rooms.TellAllAsync(robot, news.IsTimeOut ? EventMessage.Create("user_timeout", told) : EventMessage.Create("user_blocked", told));
        }

        received.Acknowledge(new { ok = true });
    }
}
