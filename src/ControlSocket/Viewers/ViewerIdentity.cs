using LiveRobot.ControlSocket.Commands;

using SocketIO;

namespace LiveRobot.ControlSocket.Viewers;

/// <summary>The one place that says who a viewer is. There are no accounts yet, so all are anonymous.</summary>
internal static class ViewerIdentity
{
    /// <summary>Tells who presses keys on this socket. To be asked at each press: people sign in while they are connected.</summary>
    public static Person Of(Socket socket)
    {
        _ = socket;
        return Person.Anonymous;
    }
}
