using System.Collections.Concurrent;
using System.Text.Json;

namespace LiveRobot.Compatibility.SocketIO;

/// <summary>Something a foreign client has seen: <c>connect</c>, <c>disconnect</c>, an event's name, <c>ack</c>.</summary>
/// <param name="What">What it was.</param>
/// <param name="Args">Its arguments, a JSON array. <c>connect</c> has the socket's id and the transport's name.</param>
public sealed record Seen(string What, JsonElement Args)
{
    public override string ToString() => $"{What} {Args.GetRawText()}";
}

/// <summary>A real client library, told what to do and asked what it has seen.</summary>
public abstract class ForeignClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly BlockingCollection<Seen> _seen = [];
    private readonly ConcurrentQueue<Seen> _history = new();

    public abstract Task EmitAsync(string name, params object[] args);

    /// <summary>Emits with a callback; the answer is seen as <c>ack</c>.</summary>
    public abstract Task AskAsync(string name, params object[] args);

    public abstract Task DisconnectAsync();

    /// <summary>Waits for the next thing of that kind; what came before it is passed over.</summary>
    public async Task<JsonElement> SeeAsync(string what, Func<JsonElement, bool>? matching = null)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            return await Task.Run(() =>
            {
                foreach (var seen in _seen.GetConsumingEnumerable(patience.Token))
                {
                    if (seen.What == what && matching?.Invoke(seen.Args) != false)
                    {
                        return seen.Args;
                    }
                }

                throw new InvalidOperationException("The client is gone.");
            });
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The client never saw '{what}', only: {string.Join("; ", _history)}");
        }
    }

    public abstract ValueTask DisposeAsync();

    protected void Report(Seen seen)
    {
        _history.Enqueue(seen);
        _seen.Add(seen);
    }
}
