using System.Text.Json.Serialization;

using LiveRobot.Platform.Presence;

namespace LiveRobot.Api.Robots;

/// <summary>What a camera's encoder sends on the port for video. Rates are of the last second; what is counted, since <c>since</c>.</summary>
internal sealed record VideoFeedView(
    [property: JsonPropertyName("since")] DateTimeOffset Since,
    [property: JsonPropertyName("codec")] string? Codec,
    [property: JsonPropertyName("audio_codec")] string? AudioCodec,
    [property: JsonPropertyName("width")] int? Width,
    [property: JsonPropertyName("height")] int? Height,
    [property: JsonPropertyName("nominal_frame_rate")] double? NominalFrameRate,
    [property: JsonPropertyName("frame_rate")] double FrameRate,
    [property: JsonPropertyName("bit_rate")] double BitRate,
    [property: JsonPropertyName("keyframe_interval")] double? KeyframeInterval,
    [property: JsonPropertyName("continuity_errors")] long ContinuityErrors,
    [property: JsonPropertyName("gaps")] long Gaps)
{
    public static VideoFeedView? Of(FeedState? feed) => feed is null ? null : new(
        feed.Since,
        feed.VideoCodec,
        feed.AudioCodec,
        feed.Width,
        feed.Height,
        feed.NominalFrameRate,
        Math.Round(feed.FrameRate, 1),
        Math.Round(feed.BitRate),
        feed.KeyframeInterval,
        feed.ContinuityErrors,
        feed.Gaps);
}

/// <summary>What a camera's encoder sends on the port for audio.</summary>
internal sealed record AudioFeedView(
    [property: JsonPropertyName("since")] DateTimeOffset Since,
    [property: JsonPropertyName("codec")] string? Codec,
    [property: JsonPropertyName("bit_rate")] double BitRate,
    [property: JsonPropertyName("continuity_errors")] long ContinuityErrors,
    [property: JsonPropertyName("gaps")] long Gaps)
{
    public static AudioFeedView? Of(FeedState? feed) =>
        feed is null ? null : new(feed.Since, feed.AudioCodec, Math.Round(feed.BitRate), feed.ContinuityErrors, feed.Gaps);
}
