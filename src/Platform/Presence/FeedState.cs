namespace LiveRobot.Platform.Presence;

/// <summary>What an encoder sends now, as the relay measures it about once a second.</summary>
/// <param name="Since">When the encoder connected.</param>
/// <param name="VideoCodec">The codec of the pictures as ffmpeg names it, if there are any.</param>
/// <param name="AudioCodec">The codec of the sound as ffmpeg names it, if there is any.</param>
/// <param name="Width">The width of the picture in pixels, as the stream says.</param>
/// <param name="Height">The height of the picture in pixels, as the stream says.</param>
/// <param name="NominalFrameRate">Frames per second, as the stream says.</param>
/// <param name="FrameRate">Frames per second, as they came during the last second.</param>
/// <param name="BitRate">Bits per second, as they came during the last second.</param>
/// <param name="KeyframeInterval">The time between the last two keyframes in seconds, by the stream's own clock.</param>
/// <param name="ContinuityErrors">Places where packets are missing, since the encoder connected.</param>
/// <param name="Gaps">How often no frame came for more than a second, since the encoder connected.</param>
public sealed record FeedState(
    DateTimeOffset Since,
    string? VideoCodec,
    string? AudioCodec,
    int? Width,
    int? Height,
    double? NominalFrameRate,
    double FrameRate,
    double BitRate,
    double? KeyframeInterval,
    long ContinuityErrors,
    long Gaps);
