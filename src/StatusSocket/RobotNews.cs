using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Sockets;

using SocketIO;

namespace LiveRobot.StatusSocket;

/// <summary>Tells those who have chosen a robot of its new pictures and followers, under the names that existing viewers know.</summary>
internal sealed class RobotNews([FromKeyedServices("Status")] SocketIOServer server, UserSocket userSocket, IBus bus) : IHostedService, IDisposable
{
    private readonly List<IDisposable> _subscriptions = [];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _subscriptions.Add(bus.Subscribe<SnapshotTaken>(Tell));
        _subscriptions.Add(bus.Subscribe<SubscriptionChanged>(Tell));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _subscriptions.ForEach(subscription => subscription.Dispose());

    /// <summary>The address has no host: what the taker's request named must not lead others anywhere.</summary>
    private void Tell(SnapshotTaken taken) => Tell(taken.Snapshot.Handle, EventMessage.Create("new_snapshot", new
    {
        snapshot = new
        {
            snapshot_id = taken.Snapshot.SnapshotId,
            username = taken.Snapshot.Username,
            caption = taken.Snapshot.Caption,
            url = $"/snapshots/{taken.Snapshot.SnapshotId}.jpg",
            robot_name = taken.Snapshot.RobotName,
        },
    }));

    private void Tell(SubscriptionChanged changed) => Tell(changed.Handle, EventMessage.Create(
        "subscription_state_change", new { robot_id = changed.Handle, username = changed.Username, subscribed = changed.IsSubscribed }));

    private void Tell(string handle, EventMessage message)
    {
        server.Root.To(StatusHub.WatchersOf(handle)).Emit(message);
        userSocket.Emit(StatusHub.WatchersOf(handle), message);
    }
}
