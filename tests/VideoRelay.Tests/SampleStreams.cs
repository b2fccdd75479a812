namespace LiveRobot.VideoRelay.Tests;

/// <summary>Streams that ffmpeg makes once for all tests.</summary>
internal static class SampleStreams
{
    private static readonly Lazy<Task<byte[]>> Mpeg1 = new(() => Ffmpeg.MakeAsync(
        "-f lavfi -i testsrc2=size=320x240:rate=25 -t 4 -c:v mpeg1video -b:v 800k -bf 0 -muxdelay 0.001 -f mpegts"));

    private static readonly Lazy<Task<byte[]>> Mp2 = new(() => Ffmpeg.MakeAsync(
        "-f lavfi -i sine -t 4 -c:a mp2 -b:a 64k -muxdelay 0.001 -f mpegts"));

    private static readonly Lazy<Task<byte[]>> H264 = new(() => Ffmpeg.MakeAsync(
        "-f lavfi -i testsrc2=size=320x240:rate=25 -t 4 -c:v libx264 -preset ultrafast -tune zerolatency -g 20 -b:v 800k -muxdelay 0.001 -f mpegts"));

    /// <summary>4 s of MPEG-1, 100 frames, a keyframe every 12.</summary>
    public static Task<byte[]> Mpeg1Async() => Mpeg1.Value;

    /// <summary>4 s of H.264, 100 frames, a keyframe every 20.</summary>
    public static Task<byte[]> H264Async() => H264.Value;

    /// <summary>4 s of MP2.</summary>
    public static Task<byte[]> Mp2Async() => Mp2.Value;
}
