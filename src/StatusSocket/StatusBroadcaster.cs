using System.Threading.Channels;

using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Hosting;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Sockets;

using SocketIO;

namespace LiveRobot.StatusSocket;

/// <summary>
/// Tells watchers <c>robot_statuses</c>: all of them when they come, and what has changed when it changes. A change is
/// told at once when a service announces it, and within <see cref="LookInterval"/> when a sign of life just lapses.
/// Of a robot that is not public only those are told who have chosen it.
/// </summary>
internal sealed partial class StatusBroadcaster(
    [FromKeyedServices("Status")] SocketIOServer server,
    RobotDirectory robots,
    RobotPresence presence,
    RobotConnections connections,
    UserSocket userSocket,
    IBus bus,
    TimeProvider clock,
    ILogger<StatusBroadcaster> logger) : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>While the store is away, what was told last holds.</summary>
    private readonly RepeatedAttempt _looking = new(exception => Log.NotSeen(logger, exception), () => Log.SeesAgain(logger));

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Dictionary<string, RobotStatus> _told = [];
    private EventMessage _all = RobotStatus.Message([]);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await _looking.RunAsync(LookAsync);
        server.Root.OnConnection(socket =>
        {
            if (socket.Handshake.EngineIOVersion != 3 && !socket.IsBannedFromSite())
            {
                socket.Emit(Volatile.Read(ref _all));
            }
        });
        userSocket.OnConnection(socket =>
        {
            if (!socket.IsBannedFromSite())
            {
                socket.Emit(Volatile.Read(ref _all));
            }
        });
        using var subscription = bus.Subscribe<RobotStateChanged>(_ => _wake.Writer.TryWrite(true));
        using var timer = clock.CreateTimer(_ => _wake.Writer.TryWrite(true), null, LookInterval, LookInterval);
        using var renewal = new PeriodicTimer(connections.RenewInterval, clock);

        var renewing = RenewAsync(renewal, stoppingToken);
        await foreach (var _ in _wake.Reader.ReadAllAsync(stoppingToken))
        {
            await _looking.RunAsync(LookAsync);
        }

        await renewing;
    }

    private async Task RenewAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await connections.RenewAsync();
        }
    }

    private async Task LookAsync()
    {
        if (await NowAsync() is not { } now)
        {
            return;
        }

        var changed = now.Values.Where(status => _told.GetValueOrDefault(status.Handle) != status).ToArray();
        var charged = changed.Where(status => status.Charging is not null && _told.GetValueOrDefault(status.Handle)?.Charging != status.Charging).ToArray();
        Volatile.Write(ref _told, now);
        Volatile.Write(ref _all, RobotStatus.Message(now.Values.Where(status => status.IsPublic)));
        if (changed.Any(status => status.IsPublic))
        {
            Tell(StatusHub.Watchers, RobotStatus.Message(changed.Where(status => status.IsPublic)));
        }

        foreach (var status in changed.Where(status => !status.IsPublic))
        {
            Tell(StatusHub.WatchersOf(status.Handle), RobotStatus.Message([status]));
        }

        foreach (var status in charged)
        {
            Tell(status.IsPublic ? StatusHub.Watchers : StatusHub.WatchersOf(status.Handle), status.ChargeMessage());
        }
    }

    /// <summary>Reads how the robots are, by handle; null while nobody knows, and what was told last holds.</summary>
    private async Task<Dictionary<string, RobotStatus>?> NowAsync()
    {
        try
        {
            var all = await robots.ListAsync();
            return all.Zip(await presence.GetAsync(all), RobotStatus.Of).ToDictionary(status => status.Handle, StringComparer.Ordinal);
        }
        catch (PresenceAwayException)
        {
            return null;
        }
    }

    private void Tell(string room, EventMessage message)
    {
        server.Root.To(room).Emit(message);
        userSocket.Emit(room, message);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The robots could not be read; what was told of them last holds.", EventName = "NotSeen")]
        public static partial void NotSeen(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Information, "The robots can be read again.", EventName = "SeesAgain")]
        public static partial void SeesAgain(ILogger logger);
    }
}
