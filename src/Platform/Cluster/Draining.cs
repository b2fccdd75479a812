namespace LiveRobot.Platform.Cluster;

/// <summary>Whether this process ends. It takes nobody then, and closes what is connected once another node can have it.</summary>
public sealed class Draining : IDisposable
{
    private readonly CancellationTokenSource _closing = new();

    /// <summary>Gets whether the process has been told to end.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Gets what is cancelled when connections are to be closed.</summary>
    public CancellationToken Closing => _closing.Token;

    public void Dispose() => _closing.Dispose();

    internal void Begin() => HasBegun = true;

    internal Task CloseAsync() => _closing.CancelAsync();
}
