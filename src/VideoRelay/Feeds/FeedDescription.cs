using MpegTs;

namespace LiveRobot.VideoRelay.Feeds;

/// <summary>What a player should know of a feed.</summary>
/// <param name="VideoCodec">The codec of the pictures as ffmpeg names it, if there are any.</param>
/// <param name="AudioCodec">The codec of the sound as ffmpeg names it, if there is any.</param>
/// <param name="Width">The width of the picture in pixels, as the stream says.</param>
/// <param name="Height">The height of the picture in pixels, as the stream says.</param>
/// <param name="FrameRate">Frames per second, as the stream says.</param>
internal sealed record FeedDescription(string? VideoCodec, string? AudioCodec, int? Width, int? Height, double? FrameRate)
{
    public static FeedDescription Of(IReadOnlyList<TsStreamInfo> streams)
    {
        var video = streams.FirstOrDefault(stream => stream.Kind == StreamKind.Video);
        var audio = streams.FirstOrDefault(stream => stream.Kind == StreamKind.Audio);
        return new FeedDescription(video?.Codec, audio?.Codec, video?.Format?.Width, video?.Format?.Height, video?.Format?.FrameRate);
    }
}
