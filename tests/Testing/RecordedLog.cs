using System.Collections.Concurrent;

using Microsoft.Extensions.Logging;

namespace LiveRobot.Testing;

/// <summary>Keeps every line that a service logs, with its scopes.</summary>
public sealed class RecordedLog : ILoggerProvider, ISupportExternalScope
{
    private readonly ConcurrentQueue<string> _errors = new();
    private IExternalScopeProvider? _scopes;

    /// <summary>Gets the lines of every level, oldest first.</summary>
    public ConcurrentQueue<string> Lines { get; } = [];

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    /// <summary>Fails a test whose service has logged an error.</summary>
    public void ThrowIfAnyError()
    {
        if (!_errors.IsEmpty)
        {
            throw new InvalidOperationException($"The service logged errors:\n{string.Join('\n', _errors)}");
        }
    }

    public void Dispose()
    {
    }

    private sealed class Logger(RecordedLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => log._scopes?.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var scopes = new List<string>();
            log._scopes?.ForEachScope((scope, list) => list.Add($"{scope}"), scopes);
            var line = $"{logLevel} {category} {formatter(state, exception)} {exception} [{string.Join("; ", scopes)}]";
            log.Lines.Enqueue(line);
            if (logLevel >= LogLevel.Error)
            {
                log._errors.Enqueue(line);
            }
        }
    }
}
