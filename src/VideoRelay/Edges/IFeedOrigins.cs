using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;

using Microsoft.Extensions.Options;

namespace LiveRobot.VideoRelay.Edges;

/// <summary>Knows which relay to take a camera from that no encoder sends to this one.</summary>
internal interface IFeedOrigins
{
    /// <summary>Finds the port for video of the relay, as <c>ws://host:port</c>; null when there is none, or it is this one.</summary>
    ValueTask<Uri?> FindAsync(Camera camera);

    /// <summary>Tells whether another relay than this is, for all that is known, the one to take the camera from.</summary>
    /// <param name="origin">The relay that it is taken from now.</param>
    ValueTask<bool> HasMovedAsync(Camera camera, Uri origin);
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

    public async ValueTask<bool> HasMovedAsync(Camera camera, Uri origin)
    {
        if (options.Value.Origin is not null)
        {
            return false;
        }

        try
        {
            // While nobody has the slot, who had it may still send.
            return await FindAsync(camera) is { } found ? found != origin : leases.Serves(Slot.Video, camera.Slot);
        }
        catch (PresenceAwayException)
        {
            return false;
        }
    }
}
