namespace LiveRobot.Platform.Storage;

/// <summary>The store cannot be used as it is. The message is for the person at the command line.</summary>
public sealed class StoreException(string message, Exception? inner = null) : Exception(message, inner);
