namespace LiveRobot.Platform.Bus;

/// <summary>What services tell each other without knowing each other. At most once, in order per publisher.</summary>
public interface IBus
{
    /// <summary>Tells every subscriber of this type of message. Returns when all handlers have run; a handler must not block.</summary>
    void Publish<T>(T message)
        where T : notnull;

    /// <summary>Subscribes to a type of message until the result is disposed of.</summary>
    IDisposable Subscribe<T>(Action<T> handler)
        where T : notnull;
}
