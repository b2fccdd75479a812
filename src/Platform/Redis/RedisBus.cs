using System.Text.Json;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Cluster;

using Microsoft.Extensions.Logging;

using SocketIO.Redis;

using StackExchange.Redis;

namespace LiveRobot.Platform.Redis;

/// <summary>
/// The bus of all processes on one Redis. A message reaches this process's subscribers at once and the others' by
/// publish and subscribe (channels <c>bus:{kind}</c>, <c>{node} {json}</c>); it is lost to those whom Redis does not reach then.
/// </summary>
/// <remarks>
/// Only what is true at the moment goes this way. Changes of what is stored reach every process from the store
/// (<see cref="ChangeFeed"/>), where none is lost.
/// </remarks>
internal sealed partial class RedisBus : IBus, IDisposable
{
    private static readonly Dictionary<Type, Kind> Kinds = new Kind[]
    {
        Kind.Of<RobotStateChanged>("robot-state"),
        Kind.Of<EmergencyStop>("emergency-stop"),
        Kind.Of<SnapshotTaken>("snapshot"),
        Kind.Of<SubscriptionChanged>("subscription"),
        Kind.Of<ReverseSshSwitched>("reverse-ssh"),
        Kind.Of<RobotSpoke>("robot-spoke"),
        Kind.Of<RobotHeard>("robot-heard"),
        Kind.Of<SlotFreed>("slot-freed"),
    }.ToDictionary(kind => kind.Type);

    private readonly string _node = Guid.NewGuid().ToString("N");
    private readonly MemoryBus _here;
    private readonly RedisConnection _redis;
    private readonly ILogger<RedisBus> _logger;
    private readonly CancellationTokenSource _closing = new();

    public RedisBus(MemoryBus here, RedisConnection redis, ILogger<RedisBus> logger)
    {
        (_here, _redis, _logger) = (here, redis, logger);
        Subscribed = SubscribeAsync();
    }

    /// <summary>Gets what completes when everything that another process publishes from then on is heard here. While Redis is away it does not.</summary>
    public Task Subscribed { get; }

    public void Publish<T>(T message)
        where T : notnull
    {
        _here.Publish(message);
        if (Kinds.TryGetValue(typeof(T), out var kind))
        {
            _ = PublishAsync(kind.Name, JsonSerializer.Serialize(message));
        }
    }

    public IDisposable Subscribe<T>(Action<T> handler)
        where T : notnull => _here.Subscribe(handler);

    public void Dispose()
    {
        _closing.Cancel();
        _closing.Dispose();
    }

    private async Task SubscribeAsync()
    {
        var subscriber = await _redis.SubscriberAsync();
        await Task.WhenAll(Kinds.Values.Select(kind =>
            subscriber.SubscribeForCertainAsync(ChannelOf(kind.Name), payload => kind.Receive(this, payload!), _closing.Token)));
    }

    private void Receive<T>(string payload)
        where T : notnull
    {
        if (payload.Split(' ', 2) is not [var node, var json] || node == _node)
        {
            return;
        }

        try
        {
            if (JsonSerializer.Deserialize<T>(json) is { } message)
            {
                _here.Publish(message);
            }
        }
        catch (JsonException exception)
        {
            // From a later version of this program, or from a stranger.
            Log.NotRead(_logger, exception, typeof(T).Name);
        }
    }

    private async Task PublishAsync(string kind, string json)
    {
        try
        {
            await (await _redis.SubscriberAsync()).PublishAsync(ChannelOf(kind), $"{_node} {json}");
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            Log.NotPublished(_logger, kind, exception.Message);
        }
    }

    private RedisChannel ChannelOf(string kind) => new(_redis.Name(SharedKeys.BusChannel(kind)), RedisChannel.PatternMode.Literal);

    /// <summary>A type of message that processes tell each other.</summary>
    /// <param name="Type">The type.</param>
    /// <param name="Name">Its name in channels.</param>
    /// <param name="Receive">Publishes, here, what came.</param>
    private sealed record Kind(Type Type, string Name, Action<RedisBus, string> Receive)
    {
        public static Kind Of<T>(string name)
            where T : notnull => new(typeof(T), name, (bus, payload) => bus.Receive<T>(payload));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A message {Kind} could not be read.", EventName = "NotRead")]
        public static partial void NotRead(ILogger logger, Exception exception, string kind);

        [LoggerMessage(2, LogLevel.Debug, "A message {Kind} reached no other process: {Reason}", EventName = "NotPublished")]
        public static partial void NotPublished(ILogger logger, string kind, string reason);
    }
}
