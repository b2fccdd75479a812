namespace LiveRobot.RobotClient.Server;

/// <summary>The server did not tell what was asked. The message names the look-up and the reason, never an id.</summary>
internal sealed class LookupException(string message, Exception? inner = null) : Exception(message, inner);
