namespace MpegTs;

/// <summary>One elementary stream, as the PMT lists it.</summary>
/// <param name="Pid">Its PID.</param>
/// <param name="Kind">Picture, sound or other.</param>
/// <param name="Codec">The codec as ffmpeg names it, or null when it is not known.</param>
/// <param name="Format">What the stream says of its pictures, once it has.</param>
public sealed record TsStreamInfo(int Pid, StreamKind Kind, string? Codec, VideoFormat? Format);
