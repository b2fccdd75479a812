using System.Diagnostics.Metrics;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using StackExchange.Redis;

namespace LiveRobot.Platform.Redis;

/// <summary>
/// The connection to Redis that a process has. It may come late, go away and freeze: then whoever asks is told so at once,
/// or within <see cref="RedisOptions.Timeout"/>, and never waits until it is back.
/// </summary>
internal sealed partial class RedisConnection : IAsyncDisposable
{
    private readonly Lazy<Task<ConnectionMultiplexer>> _connected;
    private readonly RedisOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<RedisConnection> _logger;
    private readonly Counter<long> _failed;
    private long _awaySince;

    public RedisConnection(IOptions<RedisOptions> options, TimeProvider clock, IMeterFactory meters, ILogger<RedisConnection> logger)
    {
        _options = options.Value;
        _clock = clock;
        _logger = logger;
        _connected = new(ConnectAsync);
        _failed = meters.Create("LiveRobot.Redis").CreateCounter<long>(
            "liverobot.redis.failed", "{call}", "Calls that Redis did not answer, by reason: it was silent (timeout) or not there (error), or was not asked because a call had just failed (rest).");
    }

    /// <summary>Gets a name in the part of Redis that is ours.</summary>
    public string Name(string name) => _options.KeyPrefix + name;

    /// <summary>Asks Redis.</summary>
    /// <exception cref="RedisAwayException">It does not answer, or did not a moment ago.</exception>
    public async Task<T> AskAsync<T>(Func<IDatabase, Task<T>> ask)
    {
        var awaySince = Interlocked.Read(ref _awaySince);
        if (awaySince != 0 && _clock.GetElapsedTime(awaySince) < _options.Rest)
        {
            Failed("rest");
            throw new RedisAwayException();
        }

        try
        {
            // The client has no time-out of its own for a Redis that is connected and silent.
            var multiplexer = await _connected.Value.WaitAsync(_options.Timeout);
            var answer = await ask(multiplexer.GetDatabase()).WaitAsync(_options.Timeout);
            if (Interlocked.Exchange(ref _awaySince, 0) != 0)
            {
                Log.Back(_logger);
            }

            return answer;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            if (Interlocked.Exchange(ref _awaySince, _clock.GetTimestamp()) == 0)
            {
                Log.Away(_logger, exception.Message);
            }

            Failed(exception is TimeoutException ? "timeout" : "error");
            throw new RedisAwayException(exception);
        }
    }

    /// <summary>Gets the connection, once there is one or an attempt at one has been made.</summary>
    public Task<ConnectionMultiplexer> ConnectionAsync() => _connected.Value;

    /// <summary>Gets what publishes and subscribes, once there is a connection or an attempt at one has been made.</summary>
    public async Task<ISubscriber> SubscriberAsync() => (await _connected.Value).GetSubscriber();

    public async ValueTask DisposeAsync()
    {
        if (_connected.IsValueCreated)
        {
            (await _connected.Value).Dispose();
        }
    }

    private void Failed(string reason) => _failed.Add(1, new KeyValuePair<string, object?>("reason", reason));

    private async Task<ConnectionMultiplexer> ConnectAsync()
    {
        var configuration = ConfigurationOptions.Parse(_options.Configuration!);
        configuration.AbortOnConnectFail = false;
        configuration.ClientName ??= "liverobot";

        // A connection that has gone silent is found out and made anew.
        configuration.KeepAlive = 5;
        configuration.ReconnectRetryPolicy = new LinearRetry((int)_options.Rest.TotalMilliseconds);
        return await ConnectionMultiplexer.ConnectAsync(configuration);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Redis is away: {Reason}", EventName = "RedisAway")]
        public static partial void Away(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Information, "Redis is back.", EventName = "RedisBack")]
        public static partial void Back(ILogger logger);
    }
}
