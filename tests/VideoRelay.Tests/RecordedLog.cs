using System.Collections.Concurrent;

using Microsoft.Extensions.Logging;

namespace LiveRobot.VideoRelay.Tests;

/// <summary>Keeps every line that is logged, with its scopes.</summary>
internal sealed class RecordedLog : ILoggerProvider, ISupportExternalScope
{
    private IExternalScopeProvider? _scopes;

    public ConcurrentQueue<string> Lines { get; } = [];

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
    }

    private sealed class Logger(RecordedLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var scopes = new List<string>();
            log._scopes?.ForEachScope((scope, list) => list.Add($"{scope}"), scopes);
            log.Lines.Enqueue($"{logLevel} {category} {formatter(state, exception)} {exception} [{string.Join("; ", scopes)}]");
        }
    }
}
