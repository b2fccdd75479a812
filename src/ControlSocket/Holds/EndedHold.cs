using LiveRobot.ControlSocket.Commands;

namespace LiveRobot.ControlSocket.Holds;

/// <summary>A command that nobody holds any longer.</summary>
/// <param name="Command">The command.</param>
/// <param name="By">Who held it last.</param>
/// <param name="NeedsRelease">False for a single pulse of a client that never repeats: it was a tap, and is over.</param>
internal sealed record EndedHold(string Command, Person By, bool NeedsRelease);
