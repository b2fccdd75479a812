using System.Collections.Immutable;

using Microsoft.Extensions.Logging;

namespace LiveRobot.Platform.Bus;

/// <summary>The bus of a single process.</summary>
public sealed partial class MemoryBus(ILogger<MemoryBus> logger) : IBus
{
    private ImmutableDictionary<Type, ImmutableList<Delegate>> _handlers = ImmutableDictionary<Type, ImmutableList<Delegate>>.Empty;

    public void Publish<T>(T message)
        where T : notnull
    {
        foreach (var handler in _handlers.GetValueOrDefault(typeof(T), []))
        {
            // One subscriber's fault is not the publisher's, nor the next subscriber's.
            try
            {
                ((Action<T>)handler)(message);
            }
#pragma warning disable CA1031
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.HandlerFailed(logger, exception, typeof(T).Name);
            }
        }
    }

    public IDisposable Subscribe<T>(Action<T> handler)
        where T : notnull
    {
        ImmutableInterlocked.AddOrUpdate(ref _handlers, typeof(T), [handler], (_, handlers) => handlers.Add(handler));
        return new Subscription(() =>
            ImmutableInterlocked.AddOrUpdate(ref _handlers, typeof(T), [], (_, handlers) => handlers.Remove(handler)));
    }

    private sealed class Subscription(Action end) : IDisposable
    {
        public void Dispose() => end();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A subscriber of {Message} failed.", EventName = "HandlerFailed")]
        public static partial void HandlerFailed(ILogger logger, Exception exception, string message);
    }
}
