using StackExchange.Redis;

namespace SocketIO.Redis;

/// <summary>What the client of Redis lacks.</summary>
public static class SubscriberExtensions
{
    /// <summary>How long to wait for one's own empty message before the next.</summary>
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Subscribes to a channel, and completes when it is so: what anybody publishes there from then on is received. The
    /// client alone says that it is before Redis knows of it, where its connection is just made. While Redis is away, this waits.
    /// </summary>
    /// <remarks>Who asks publishes empty messages on the channel until one comes back. An empty message therefore means nothing, and nobody is given one.</remarks>
    /// <param name="receive">Gets each message, in order, on a thread of the client, which waits meanwhile.</param>
    /// <param name="cancellationToken">Ends the waiting. The subscription may stay.</param>
    /// <exception cref="ObjectDisposedException">The connection has ended.</exception>
    public static async Task SubscribeForCertainAsync(
        this ISubscriber subscriber, RedisChannel channel, Action<RedisValue> receive, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        ArgumentNullException.ThrowIfNull(receive);
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await UnlessAwayAsync(subscriber.SubscribeAsync(channel, (_, message) =>
        {
            heard.TrySetResult();
            if (!message.IsNullOrEmpty)
            {
                receive(message);
            }
        })).ConfigureAwait(false);

        while (!heard.Task.IsCompleted)
        {
            await UnlessAwayAsync(subscriber.PublishAsync(channel, RedisValue.EmptyString)).ConfigureAwait(false);
            await Task.WhenAny(heard.Task, Task.Delay(ProbeInterval, cancellationToken)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }

        // Off the client's one thread, on which whoever awaits would go on.
        await Task.Yield();

        async Task UnlessAwayAsync(Task asking)
        {
            try
            {
                await asking.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                // The client remembers the subscription, and makes it when the connection is back.
            }
        }
    }
}
