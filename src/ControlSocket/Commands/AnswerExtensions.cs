using LiveRobot.Platform.Sockets;

using SocketIO;

namespace LiveRobot.ControlSocket.Commands;

/// <summary>Answers what viewers and robots ask for.</summary>
internal static class AnswerExtensions
{
    /// <summary>Acknowledges an event with <c>{"ok":true}</c> (null), or refuses it.</summary>
    public static void Answer(this SocketRefusals refusals, SocketEvent received, Refusal? refusal)
    {
        if (refusal is null)
        {
            received.Acknowledge(Reply.To(null));
        }
        else
        {
            refusals.Refuse(received, refusal.Code, refusal.Error);
        }
    }
}
