using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

using SocketIO.Adapters;

using StackExchange.Redis;

namespace SocketIO.Redis;

/// <summary>Reaches the sockets of all nodes that have an adapter of the same name on one Redis, by publish and subscribe.</summary>
/// <remarks>
/// <para>Every node subscribes to two channels: <c>{channel}</c>, by which all are told, and <c>{channel}:{node}</c>, by
/// which it gets answers. A message is one object of JSON, as <see cref="ClusterAdapter"/> writes it. Nothing is stored.
/// The format is our own: nodes of npm's <c>@socket.io/redis-adapter</c>, which speak MessagePack, do not understand it.</para>
/// <para>While Redis is away, broadcasts reach the sockets of this node, and what is published is lost to the others.
/// It may also be away at the start. The connection comes back by itself, and the subscriptions with it.</para>
/// <para>An empty message means nothing (<see cref="SubscriberExtensions.SubscribeForCertainAsync"/>).</para>
/// </remarks>
/// <param name="connect">Gives the connection, which stays its owner's. It is to be one that does not give up (<c>abortConnect=false</c>).</param>
/// <param name="channel">What the channels begin with: the same on all nodes of one server, and another for each other server.</param>
/// <param name="logger">Where it logs to.</param>
public sealed partial class RedisAdapter(Func<Task<ConnectionMultiplexer>> connect, string channel, ILogger<RedisAdapter>? logger = null) : ClusterAdapter
{
    private readonly ILogger _logger = logger ?? NullLogger<RedisAdapter>.Instance;
    private readonly RedisChannel _toAll = new(channel, RedisChannel.PatternMode.Literal);
    private readonly CancellationTokenSource _closing = new();
    private Task _subscribing = Task.CompletedTask;
    private ISubscriber? _subscriber;
    private long _waitingBytes;
    private int _isAway;

    /// <summary>Gets or sets how long the start waits for Redis; then it comes when it comes. Defaults to 1 second.</summary>
    public TimeSpan OpenTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets how many bytes may be on their way to a Redis that does not answer; further messages are lost. Defaults to 16 MiB.</summary>
    public long MaxWaitingBytes { get; set; } = 16 * 1024 * 1024;

    /// <inheritdoc/>
    protected override async Task OpenAsync(CancellationToken cancellationToken)
    {
        _subscribing = SubscribeAsync();
        try
        {
            await _subscribing.WaitAsync(OpenTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            Away(e.Message);
        }
    }

    /// <inheritdoc/>
    protected override async Task<int> PublishAsync(byte[] message, string? node)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (Volatile.Read(ref _subscriber) is not { } subscriber)
        {
            return 0;
        }

        if (Interlocked.Add(ref _waitingBytes, message.Length) > MaxWaitingBytes)
        {
            Interlocked.Add(ref _waitingBytes, -message.Length);
            Away("It does not answer.");
            return 0;
        }

        try
        {
            var reached = await subscriber.PublishAsync(node is null ? _toAll : ToNode(node), message).ConfigureAwait(false);
            if (Interlocked.Exchange(ref _isAway, 0) != 0)
            {
                Log.Back(_logger, channel);
            }

            return (int)reached;
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            Away(e.Message);
            return 0;
        }
        finally
        {
            Interlocked.Add(ref _waitingBytes, -message.Length);

            // Off the library's one thread, on which whoever awaits would go on.
            await Task.Yield();
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask CloseAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        try
        {
            // Without a connection there is nothing to end, and the library fails.
            if (Volatile.Read(ref _subscriber) is { Multiplexer.IsConnected: true } subscriber)
            {
                await Task.WhenAll(subscriber.UnsubscribeAsync(_toAll), subscriber.UnsubscribeAsync(ToNode(Node))).WaitAsync(OpenTimeout).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            // Then it ends with the connection.
        }

        await Task.Yield();
        _closing.Dispose();
    }

    private RedisChannel ToNode(string node) => new($"{channel}:{node}", RedisChannel.PatternMode.Literal);

    private async Task SubscribeAsync()
    {
        try
        {
            var subscriber = (await connect().ConfigureAwait(false)).GetSubscriber();
            Volatile.Write(ref _subscriber, subscriber);
            await Task.WhenAll(
                subscriber.SubscribeForCertainAsync(ToNode(Node), ReceiveMessage, _closing.Token),
                subscriber.SubscribeForCertainAsync(_toAll, ReceiveMessage, _closing.Token)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RedisException or ObjectDisposedException or OperationCanceledException)
        {
            Away(e.Message);
        }
    }

    private void ReceiveMessage(RedisValue message) => Receive((byte[])message!);

    private void Away(string reason)
    {
        if (Interlocked.Exchange(ref _isAway, 1) == 0)
        {
            Log.Away(_logger, channel, reason);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "No other node is reached by {Channel}: {Reason}", EventName = "RedisAway")]
        public static partial void Away(ILogger logger, string channel, string reason);

        [LoggerMessage(2, LogLevel.Information, "Other nodes are reached again by {Channel}.", EventName = "RedisBack")]
        public static partial void Back(ILogger logger, string channel);
    }
}
