using System.Text.Json;

using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Sockets;

using SocketIO;

namespace LiveRobot.ChatSocket;

/// <summary>What robots do in chat: one of a robot's sockets is the robot, and hears what is said to it.</summary>
public sealed partial class ChatRobots(RobotAccess access, RobotSockets robotSockets, ChatSlots slots, ILogger<ChatRobots> logger)
{
    private const string ServiceName = Slot.Chat;

    /// <summary>A robot says its private id. False when it may be a handle: then the socket is a viewer's.</summary>
    internal async ValueTask<bool> IdentifyAsync(Socket socket, ChatClient client, SocketEvent received)
    {
        var name = received[0].ValueKind == JsonValueKind.String ? received[0].GetString()! : "";
        var identity = await access.IdentifyAsync(name, client.Visitor);
        if (identity.Refusal is { } refusal)
        {
            socket.RefuseRobot(received, refusal);
            return true;
        }

        if (identity.Robot is not { } robot)
        {
            return false;
        }

        if (!slots.Admit(socket, robot))
        {
            return true;
        }

        if (client.RobotHandle != robot.Handle)
        {
            await TakeAsync(socket, client, robot);
        }

        received.Acknowledge(new { ok = true });
        return true;
    }

    /// <summary>The socket is no robot any more: it has ended, is another, or a newer one is the robot.</summary>
    internal void Resign(Socket socket, ChatClient client)
    {
        if (Interlocked.Exchange(ref client.RobotHandle, null) is { } former)
        {
            client.RobotId = null;
            socket.Leave(ChatRooms.OfRobot(former));
            robotSockets.Leave(ServiceName, former, socket);
        }
    }

    private async Task TakeAsync(Socket socket, ChatClient client, Robot robot)
    {
        Resign(socket, client);
        (client.RobotHandle, client.RobotId) = (robot.Handle, robot.RobotId);
        socket.Join(ChatRooms.OfRobot(robot.Handle));
        Log.RobotConnected(logger, robot.Handle);
        await robotSockets.TakeAsync(ServiceName, robot.Handle, socket, () => Resign(socket, client));
        if (!socket.IsConnected)
        {
            Resign(socket, client);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Robot {Handle} has opened its chat socket.", EventName = "RobotConnected")]
        public static partial void RobotConnected(ILogger logger, string handle);
    }
}
