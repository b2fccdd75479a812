using LiveRobot.Platform.Bus;
using LiveRobot.VideoRelay.Feeds;

namespace LiveRobot.VideoRelay.Ingest;

/// <summary>Ends the ingests of a camera whose stream key was replaced.</summary>
internal sealed class StreamKeyWatch(IBus bus, FeedDirectory feeds) : IHostedService
{
    private IDisposable? _subscription;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _subscription = bus.Subscribe<StreamKeyReplaced>(message =>
        {
            foreach (var feed in feeds.OfCamera(message.CameraId))
            {
                feed.Ingest?.End(IngestEnd.Revoked);
            }
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _subscription?.Dispose();
        return Task.CompletedTask;
    }
}
