using System.Collections.Concurrent;

using Microsoft.Extensions.Logging;

namespace LiveRobot.Testing;

/// <summary>Remembers the errors that a service logs: a test that expects none fails with them.</summary>
public sealed class ErrorLog : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _errors = new();

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void ThrowIfAny()
    {
        if (!_errors.IsEmpty)
        {
            throw new InvalidOperationException($"The service logged errors:\n{string.Join('\n', _errors)}");
        }
    }

    public void Dispose()
    {
    }

    private sealed class Logger(ErrorLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                log._errors.Enqueue($"{category}: {formatter(state, exception)} {exception}");
            }
        }
    }
}
