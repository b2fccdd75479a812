using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Robots;

using Microsoft.Extensions.Options;

namespace LiveRobot.VideoRelay.Feeds;

/// <summary>All feeds that are sent or watched.</summary>
public sealed class FeedDirectory(IOptions<VideoRelayOptions> options, TimeProvider clock)
{
    private readonly Dictionary<(int CameraId, Medium Medium), Feed> _feeds = [];

    /// <summary>Gets the feed of a camera, made when there is none, and keeps it until it is released as often.</summary>
    internal Feed Use(Camera camera, Medium medium)
    {
        lock (_feeds)
        {
            if (!_feeds.TryGetValue((camera.CameraId, medium), out var feed))
            {
                feed = new Feed(camera, medium, options.Value, clock);
                _feeds.Add((camera.CameraId, medium), feed);
            }

            feed.Users++;
            return feed;
        }
    }

    /// <summary>Gives a feed back.</summary>
    internal void Release(Feed feed)
    {
        lock (_feeds)
        {
            feed.Users--;
            if (feed.Users == 0)
            {
                _feeds.Remove((feed.Camera.CameraId, feed.Medium));
            }
        }
    }

    /// <summary>Tells about the feed of a camera; null when no encoder sends it.</summary>
    public FeedInfo? Find(int cameraId, Medium medium) => Get(cameraId, medium)?.Read();

    /// <summary>Copies the last keyframe of a camera as a transport stream of its own; null when there is none.</summary>
    public byte[]? Keyframe(int cameraId) => Get(cameraId, Medium.Video)?.Keyframe();

    /// <summary>Tells about all feeds that an encoder sends.</summary>
    public IReadOnlyList<FeedInfo> List() => [.. All().Select(feed => feed.Read()).OfType<FeedInfo>()];

    /// <summary>Counts the robots that send anything and those who watch video.</summary>
    internal NodeLoad Load()
    {
        var feeds = All();
        return new(
            feeds.Where(feed => feed.Ingest is { IsOfOrigin: false }).Select(feed => feed.Camera.Handle).Distinct().Count(),
            feeds.Where(feed => feed.Medium == Medium.Video).Sum(feed => feed.ViewerCount));
    }

    /// <summary>Counts who watches the video of the robots whose encoders send to this relay.</summary>
    internal IReadOnlyDictionary<string, int> ViewersOfRobots() => All()
        .Where(feed => feed.Medium == Medium.Video && feed.Ingest is { IsOfOrigin: false })
        .GroupBy(feed => feed.Camera.Handle, StringComparer.Ordinal)
        .ToDictionary(robot => robot.Key, robot => robot.Sum(feed => feed.ViewerCount), StringComparer.Ordinal);

    /// <summary>Gets the feeds of a camera that are sent or watched.</summary>
    internal IEnumerable<Feed> OfCamera(int cameraId) => All().Where(feed => feed.Camera.CameraId == cameraId);

    private Feed? Get(int cameraId, Medium medium)
    {
        lock (_feeds)
        {
            return _feeds.GetValueOrDefault((cameraId, medium));
        }
    }

    private Feed[] All()
    {
        lock (_feeds)
        {
            return [.. _feeds.Values];
        }
    }
}
