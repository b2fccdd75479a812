using Microsoft.Extensions.Logging;

namespace SocketIO;

/// <summary>
/// The log of a <see cref="SocketIOServer"/>. Connections go by a number: the ids of sessions and sockets open doors
/// while they live.
/// </summary>
internal sealed partial class SocketIOLog(ILogger logger)
{
    [LoggerMessage(1, LogLevel.Error, "A handler of '{EventName}' failed for connection {Connection} in {Namespace}.", EventName = "HandlerFailed")]
    public partial void HandlerFailed(string eventName, long connection, string @namespace, Exception exception);

    [LoggerMessage(2, LogLevel.Information, "Connection {Connection} opened by {Address} with Engine.IO {Version} on {Transport}.", EventName = "Opened")]
    public partial void Opened(long connection, System.Net.IPAddress address, int version, string transport);

    [LoggerMessage(3, LogLevel.Information, "Connection {Connection} ended: {Reason}.", EventName = "Ended")]
    public partial void Ended(long connection, DisconnectReason reason);

    [LoggerMessage(4, LogLevel.Debug, "Connection {Connection} may not join {Namespace}: {Refusal}.", EventName = "Refused")]
    public partial void Refused(long connection, string @namespace, string refusal);

    [LoggerMessage(5, LogLevel.Error, "A message of another node could not be handled.", EventName = "NodeMessageFailed")]
    public partial void NodeMessageFailed(Exception exception);
}
