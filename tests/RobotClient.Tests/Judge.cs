using System.Diagnostics;

namespace LiveRobot.RobotClient.Tests;

/// <summary>ffmpeg and ffprobe as judges of what was sent.</summary>
internal static class Judge
{
    /// <summary>What ffprobe says about the first stream, as <c>key=value</c> lines, with the frames counted by decoding.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> ProbeAsync(byte[] transportStream)
    {
        var output = await RunAsync(transportStream, "-count_frames", "-show_streams", "-of", "default=noprint_wrappers=1");
        return output.Split('\n')
            .Select(line => line.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .DistinctBy(pair => pair[0])
            .ToDictionary(pair => pair[0], pair => pair[1]);
    }

    /// <summary>The types of the pictures (I, P or B) in their order.</summary>
    public static async Task<string> PictureTypesAsync(byte[] transportStream) =>
        string.Concat((await RunAsync(transportStream, "-show_entries", "frame=pict_type", "-of", "csv=p=0")).Where(char.IsAsciiLetter));

    private static async Task<string> RunAsync(byte[] transportStream, params string[] arguments)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, transportStream);
            var start = new ProcessStartInfo("ffprobe", ["-v", "error", "-f", "mpegts", .. arguments, file])
            {
                RedirectStandardOutput = true,
            };
            using var ffprobe = Process.Start(start)!;
            var output = await ffprobe.StandardOutput.ReadToEndAsync();
            await ffprobe.WaitForExitAsync();
            return output;
        }
        finally
        {
            File.Delete(file);
        }
    }
}
