using System.Globalization;

using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Hosting;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;

using Microsoft.Extensions.Options;

namespace LiveRobot.Api.Snapshots;

/// <summary>The last still picture of each camera that somebody asked for lately; made once for all who ask meanwhile.</summary>
internal sealed partial class SnapshotCache(
    KeyframeDecoder decoder,
    ViewingTokens tokens,
    SlotDirectory slots,
    IOptions<ClusterOptions> cluster,
    IOptions<SnapshotOptions> options,
    IOptions<PortOptions> ports,
    TimeProvider clock,
    ILogger<SnapshotCache> logger) : IDisposable
{
    /// <summary>The longest keyframe that is taken, in bytes; the relay's own limit is 1 MB unless configured.</summary>
    private const int MaxKeyframeBytes = 16_000_000;

    private static readonly TimeSpan TokenLifetime = TimeSpan.FromMinutes(1);

    private readonly Uri _relay = options.Value.Relay ?? new Uri(string.Create(CultureInfo.InvariantCulture, $"http://localhost:{ports.Value.Video}"));
    private readonly HttpClient _http = new() { MaxResponseContentBufferSize = MaxKeyframeBytes };
    private readonly Dictionary<int, Entry> _entries = [];

    /// <summary>Gets a JPEG of what one of the robot's cameras sees; null when there is no picture.</summary>
    public Task<byte[]?> GetAsync(Robot robot, Camera camera)
    {
        lock (_entries)
        {
            foreach (var (cameraId, old) in _entries)
            {
                if (old.Picture.IsCompleted && clock.GetElapsedTime(old.Since) >= options.Value.Lifetime)
                {
                    _entries.Remove(cameraId);
                }
            }

            if (!_entries.TryGetValue(camera.CameraId, out var entry))
            {
                entry = new Entry(MakeAsync(robot, camera), clock.GetTimestamp());
                _entries.Add(camera.CameraId, entry);
            }

            return entry.Picture;
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<byte[]?> MakeAsync(Robot robot, Camera camera)
    {
        try
        {
            return await FetchKeyframeAsync(robot, camera) is { } keyframe ? await decoder.DecodeAsync(keyframe) : null;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or PresenceAwayException)
        {
            Log.RelayFailed(logger, exception.Message);
            return null;
        }
    }

    /// <summary>Asks the relay, as a viewer would; null when it has no keyframe.</summary>
    private async Task<byte[]?> FetchKeyframeAsync(Robot robot, Camera camera)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/{robot.Handle}/{camera.CameraId}/keyframe");
        if (robot.Visibility == Visibility.Private)
        {
            path += $"?{ViewingTokens.QueryName}={await tokens.IssueAsync(robot.Handle, TokenLifetime)}";
        }

        using var timeout = new CancellationTokenSource(options.Value.Timeout, clock);
        var relay = cluster.Value.Slots.Count > 0 ? await slots.FindAsync(new(Slot.Video, robot.Slot)) : _relay;
        if (relay is null)
        {
            return null;
        }

        using var response = await _http.GetAsync(new Uri(relay, path), timeout.Token);
        return response.IsSuccessStatusCode ? await response.Content.ReadAsByteArrayAsync(timeout.Token) : null;
    }

    private sealed record Entry(Task<byte[]?> Picture, long Since);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "The relay gave no keyframe: {Reason}", EventName = "RelayFailed")]
        public static partial void RelayFailed(ILogger logger, string reason);
    }
}
