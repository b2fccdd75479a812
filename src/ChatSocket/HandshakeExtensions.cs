using SocketIO;

namespace LiveRobot.ChatSocket;

internal static class HandshakeExtensions
{
    public static string UserAgent(this Handshake handshake) =>
        handshake.Headers.TryGetValue("User-Agent", out var agent) ? agent.ToString() : "";
}
