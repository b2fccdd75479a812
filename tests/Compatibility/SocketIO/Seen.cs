using System.Text.Json;

namespace LiveRobot.Compatibility.SocketIO;

/// <summary>Something a foreign client has seen: <c>connect</c>, <c>disconnect</c>, an event's name, <c>ack</c>.</summary>
/// <param name="What">What it was.</param>
/// <param name="Args">Its arguments, a JSON array. <c>connect</c> has the socket's id and the transport's name.</param>
public sealed record Seen(string What, JsonElement Args)
{
    public override string ToString() => $"{What} {Args.GetRawText()}";
}
