using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Robots;

using Microsoft.Extensions.Options;

namespace LiveRobot.VideoRelay.Edges;

/// <summary>Knows which relay to take a camera from that no encoder sends to this one.</summary>
internal interface IFeedOrigins
{
    /// <summary>Finds the port for video of the relay, as <c>ws://host:port</c>; null when there is none, or it is this one.</summary>
    ValueTask<Uri?> FindAsync(Camera camera);
}

/// <summary>The one relay that the settings name, for all cameras, or else the node that has the camera's slot.</summary>
internal sealed class FeedOrigins(IOptions<EdgeOptions> options, SlotLeases leases, SlotDirectory directory) : IFeedOrigins
{
    public async ValueTask<Uri?> FindAsync(Camera camera)
    {
        if (options.Value.Origin is { } configured)
        {
            return configured;
        }

        // Without slots this relay has all cameras.
        if (leases.Serves(Slot.Video, camera.Slot) || await directory.FindAsync(new Slot(Slot.Video, camera.Slot)) is not { } holder)
        {
            return null;
        }

        return new UriBuilder(holder) { Scheme = holder.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs }.Uri;
    }
}
