using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Identity;
using LiveRobot.Platform.Robots;

using Microsoft.Net.Http.Headers;

using SocketIO;

namespace LiveRobot.Platform.Sockets;

/// <summary>What the socket services do alike: who is at the other end, and a socket that says to be a robot.</summary>
public static class RobotSocketExtensions
{
    /// <summary>The request that opened a socket's connection, as the platform asks about it.</summary>
    public static OpeningRequest OpeningRequest(this Handshake handshake) => new(
        name => handshake.Headers.GetValueOrDefault(name), handshake.Cookies, handshake.Query, handshake.RemoteAddress, handshake.IsSecure);

    /// <summary>Names somebody who has not signed in, on every socket alike.</summary>
    public static Task<string> NameAsync(this AnonymousNames names, Handshake handshake) =>
        names.NameAsync(handshake.RemoteAddress, handshake.Headers.TryGetValue(HeaderNames.UserAgent, out var agent) ? agent.ToString() : "");

    /// <summary>
    /// Tells a socket why it is not taken for the robot whose robot-id it gave: as an answer, and as the event
    /// <c>robot_refused</c> for those that ask for none. It is no error packet of the protocol: existing robots break on one.
    /// </summary>
    public static void RefuseRobot(this Socket socket, SocketEvent received, RobotRefusal refusal)
    {
        socket.Emit(EventMessage.Create("robot_refused", new { error = refusal.Error, code = refusal.Code }));
        received.Acknowledge(new { ok = false, error = refusal.Error, code = refusal.Code });
    }
}
