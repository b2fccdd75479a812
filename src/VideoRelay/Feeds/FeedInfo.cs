using MpegTs;

namespace LiveRobot.VideoRelay.Feeds;

/// <summary>What is known of a feed at one moment.</summary>
/// <param name="CameraId">The camera.</param>
/// <param name="Medium">Which of its media.</param>
/// <param name="Since">When its encoder connected.</param>
/// <param name="VideoCodec">The codec of the pictures as ffmpeg names it, if there are any.</param>
/// <param name="AudioCodec">The codec of the sound as ffmpeg names it, if there is any.</param>
/// <param name="Width">The width of the picture in pixels, as the stream says.</param>
/// <param name="Height">The height of the picture in pixels, as the stream says.</param>
/// <param name="NominalFrameRate">Frames per second, as the stream says.</param>
/// <param name="FrameRate">Frames per second, as they came during the last second.</param>
/// <param name="BitRate">Bits per second, as they came during the last second.</param>
/// <param name="KeyframeInterval">The time between the last two keyframes, by the stream's own clock.</param>
/// <param name="Frames">Frames since the encoder connected.</param>
/// <param name="Keyframes">Keyframes since the encoder connected.</param>
/// <param name="Bytes">Bytes of whole packets since the encoder connected.</param>
/// <param name="Gaps">How often no frame came for more than a second.</param>
/// <param name="Errors">What went wrong in the transport stream.</param>
/// <param name="Viewers">How many watch.</param>
public sealed record FeedInfo(
    int CameraId,
    Medium Medium,
    DateTimeOffset Since,
    string? VideoCodec,
    string? AudioCodec,
    int? Width,
    int? Height,
    double? NominalFrameRate,
    double FrameRate,
    double BitRate,
    TimeSpan? KeyframeInterval,
    long Frames,
    long Keyframes,
    long Bytes,
    long Gaps,
    TsCounters Errors,
    int Viewers);
