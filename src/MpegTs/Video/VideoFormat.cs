namespace MpegTs;

/// <summary>What a video stream says of its pictures.</summary>
/// <param name="Codec">The codec, as ffmpeg names it: <c>mpeg1video</c>, <c>mpeg2video</c>, <c>h264</c>, <c>hevc</c>.</param>
/// <param name="Width">The width in pixels.</param>
/// <param name="Height">The height in pixels.</param>
/// <param name="FrameRate">Frames per second, when the stream says so.</param>
public sealed record VideoFormat(string Codec, int Width, int Height, double? FrameRate);
