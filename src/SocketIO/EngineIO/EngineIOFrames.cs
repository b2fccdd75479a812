using WebSockets;

namespace SocketIO.EngineIO;

/// <summary>Packets that are always the same.</summary>
internal static class EngineIOFrames
{
    public static readonly WebSocketFrame Close = WebSocketFrame.Text("1");
    public static readonly WebSocketFrame Ping = WebSocketFrame.Text("2");
    public static readonly WebSocketFrame Pong = WebSocketFrame.Text("3");
    public static readonly WebSocketFrame ProbePong = WebSocketFrame.Text("3probe");
    public static readonly WebSocketFrame Noop = WebSocketFrame.Text("6");
}
