using System.Globalization;

using LiveRobot.RobotClient.Configuration;

namespace LiveRobot.RobotClient.Media;

/// <summary>
/// The command lines of the two ffmpegs. What is encoded and how it is sent follows the robot API: MPEG-1 video without
/// B-frames, MP2 audio, each in an MPEG transport stream, in an HTTP POST that never ends.
/// </summary>
internal static class FfmpegArguments
{
    public const int FramesPerSecond = 25;

    // Microseconds a read or write to the relay may take.
    private const string NetworkTimeout = "10000000";

    /// <summary>Sends the input's picture.</summary>
    public static IReadOnlyList<string> Video(IReadOnlyList<string> input, int kilobitsPerSecond, Uri ingest) =>
    [
        .. Common, .. input,
        "-an", "-f", "mpegts", "-codec:v", "mpeg1video", "-pix_fmt", "yuv420p", "-r", Number(FramesPerSecond),
        "-b:v", Number(kilobitsPerSecond) + "k", "-maxrate", Number(kilobitsPerSecond * 2) + "k", "-bufsize", Number(kilobitsPerSecond) + "k",
        "-bf", "0", "-g", Number(FramesPerSecond), "-muxdelay", "0.001", .. Send(ingest),
    ];

    /// <summary>Sends the input's sound.</summary>
    public static IReadOnlyList<string> Audio(IReadOnlyList<string> input, int kilobitsPerSecond, Uri ingest) =>
    [
        .. Common, .. input,
        "-vn", "-f", "mpegts", "-codec:a", "mp2", "-b:a", Number(kilobitsPerSecond) + "k", "-ar", "44100", "-ac", "1",
        "-muxdelay", "0.001", .. Send(ingest),
    ];

    /// <summary>A camera as the input.</summary>
    public static IReadOnlyList<string> Camera(RobotOptions options, PictureSize size) =>
    [
        "-f", options.VideoInputFormat, "-framerate", Number(FramesPerSecond), "-video_size", size.ToString(), "-i", options.VideoDevice,
    ];

    /// <summary>A microphone as the input.</summary>
    public static IReadOnlyList<string> Microphone(RobotOptions options) =>
    [
        "-f", options.AudioInputFormat, "-ar", "44100", "-ac", "1", "-i", options.AudioDevice,
    ];

    // The log level is what FfmpegReport reads.
    private static IReadOnlyList<string> Common { get; } = ["-hide_banner", "-nostats", "-nostdin", "-loglevel", "level+info"];

    // Each packet leaves at once. Asking for "100 Continue" makes ffmpeg read the relay's answer before it sends:
    // without it a refusal looks like a broken connection.
    private static IReadOnlyList<string> Send(Uri ingest) =>
    [
        "-flush_packets", "1", "-send_expect_100", "1", "-rw_timeout", NetworkTimeout, ingest.AbsoluteUri,
    ];

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
