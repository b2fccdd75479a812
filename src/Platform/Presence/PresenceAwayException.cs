namespace LiveRobot.Platform.Presence;

/// <summary>What is true now cannot be told: the store that knows it does not answer.</summary>
public class PresenceAwayException(string message, Exception? inner = null) : Exception(message, inner);
