using Dapper;

using LiveRobot.Platform.Hosting;
using LiveRobot.Platform.Storage;

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LiveRobot.Platform.Bus;

/// <summary>Publishes on this process's bus what any process has changed in the store, in order, within a quarter of a second.</summary>
internal sealed partial class ChangeFeed(Changes changes, Database database, IBus bus, TimeProvider clock, ILogger<ChangeFeed> logger) : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>Long enough for a process that hangs to find what it missed; a new one reads everything from the store anyway.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(10);

    private readonly RepeatedAttempt _looking = new(exception => Log.NotRead(logger, exception), () => Log.ReadAgain(logger));
    private long _last;
    private DateTimeOffset _pruned;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before the services of this process read anything, so that nothing falls between.
        await using var connection = await database.OpenAsync();
        _last = await connection.ExecuteScalarAsync<long>("SELECT coalesce(max(id), 0) FROM changes");
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = clock.CreateTimer(_ => changes.Announce(), null, LookInterval, LookInterval);
        await foreach (var _ in changes.Wake.ReadAllAsync(stoppingToken))
        {
            await _looking.RunAsync(LookAsync);
        }
    }

    private async Task LookAsync()
    {
        await using var connection = await database.OpenAsync();
        var found = await connection.QueryAsync<(long Id, string Kind, string Subject)>(
            "SELECT id, kind, subject FROM changes WHERE id > @_last ORDER BY id", new { _last });
        foreach (var (id, kind, subject) in found)
        {
            Changes.Publish(bus, kind, subject);
            _last = id;
        }

        var now = clock.GetUtcNow();
        if (now - _pruned > KeptFor)
        {
            _pruned = now;
            await connection.ExecuteAsync("DELETE FROM changes WHERE changed_at < @before", new { before = (now - KeptFor).ToUnixTimeMilliseconds() });
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Changes of what is stored cannot be read; each look tries again.", EventName = "NotRead")]
        public static partial void NotRead(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Information, "Changes of what is stored are read again.", EventName = "ReadAgain")]
        public static partial void ReadAgain(ILogger logger);
    }
}
