using System.Text.Json;

namespace SocketIO.Adapters;

/// <summary>What one node tells another of a socket. Its <paramref name="Id"/> is a room, so it can be emitted to, moved and disconnected from anywhere.</summary>
/// <param name="Id">The socket's id.</param>
/// <param name="Rooms">The rooms it is in, but for its own.</param>
/// <param name="RemoteAddress">The IP address the client connected from.</param>
/// <param name="EngineIOVersion">The Engine.IO protocol it speaks: 3 or 4.</param>
/// <param name="Auth">The auth object of its connect packet, null without one.</param>
public sealed record SocketInfo(string Id, IReadOnlyCollection<string> Rooms, string RemoteAddress, int EngineIOVersion, JsonElement? Auth)
{
    internal static SocketInfo Of(Socket socket) => new(
        socket.Id,
        socket.Rooms,
        socket.Handshake.RemoteAddress.ToString(),
        socket.Handshake.EngineIOVersion,
        socket.Handshake.Auth.ValueKind == JsonValueKind.Undefined ? null : socket.Handshake.Auth);
}
