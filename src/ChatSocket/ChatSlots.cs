using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Robots;

using SocketIO;

namespace LiveRobot.ChatSocket;

/// <summary>
/// Robots and those who talk to one meet at the node that has the robot's slot. The user socket hears all robots, at
/// whichever node: the server's adapter takes lines there.
/// </summary>
public sealed class ChatSlots(SlotLeases leases, ChatRooms rooms)
{
    /// <summary>Tells whether what a robot says elsewhere is this node's to store and tell.</summary>
    public bool IsServed(Robot robot) => leases.Serves(Slot.Chat, robot.Slot);

    /// <summary>Takes a socket that is the robot or has chosen it; false when it is closed, to come again at another node.</summary>
    public bool Admit(Socket socket, Robot robot) => rooms.IsOnUserPort(socket) || leases.Admit(socket, Slot.Chat, robot.Slot);
}
