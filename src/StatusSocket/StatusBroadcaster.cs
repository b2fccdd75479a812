using System.Text.Json.Serialization;
using System.Threading.Channels;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;

using SocketIO;

namespace LiveRobot.StatusSocket;

/// <summary>
/// Tells watchers <c>robot_statuses</c>: all of them when they come, and what has changed when it changes. A change is
/// told at once when a service announces it, and within <see cref="LookInterval"/> when a sign of life just lapses.
/// </summary>
internal sealed class StatusBroadcaster(
    [FromKeyedServices("Status")] SocketIOServer server,
    RobotDirectory robots,
    RobotPresence presence,
    RobotConnections connections,
    IBus bus,
    TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Dictionary<string, RobotStatus> _told = [];
    private EventMessage _all = EventMessage.Create("robot_statuses", new { robot_statuses = Array.Empty<RobotStatus>() });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await LookAsync();
        server.Root.OnConnection(socket =>
        {
            if (socket.Handshake.EngineIOVersion != 3)
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
            await LookAsync();
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
        var now = new Dictionary<string, RobotStatus>(StringComparer.Ordinal);
        foreach (var robot in await robots.ListAsync())
        {
            now[robot.Handle] = RobotStatus.Of(robot, await presence.GetAsync(robot));
        }

        var changed = now.Values.Where(status => _told.GetValueOrDefault(status.Handle) != status).ToArray();
        _told = now;
        if (changed.Length > 0)
        {
            Volatile.Write(ref _all, EventMessage.Create("robot_statuses", new { robot_statuses = now.Values }));
            server.Root.To(StatusHub.Watchers).Emit(EventMessage.Create("robot_statuses", new { robot_statuses = changed }));
        }
    }

    /// <summary>An entry of <c>robot_statuses</c>. <c>status</c> is what existing viewers read: "online" means live.</summary>
    private sealed record RobotStatus(
        [property: JsonPropertyName("robot_id")] string Handle,
        [property: JsonPropertyName("status")] string Status,
        [property: JsonPropertyName("online")] bool Online,
        [property: JsonPropertyName("live")] bool Live,
        [property: JsonPropertyName("video")] string Video,
        [property: JsonPropertyName("viewers")] int Viewers,
        [property: JsonPropertyName("feed_conflict")] string? FeedConflict)
    {
        public static RobotStatus Of(Robot robot, RobotState state) => new(
            robot.Handle,
            state.Live ? "online" : "offline",
            state.Online,
            state.Live,
            state.Video.ToWire(),
            state.Viewers,
            state.FeedConflict);
    }
}
