using System.Diagnostics;
using System.Globalization;

namespace MpegTs.Tests;

/// <summary>The real ffmpeg and ffprobe, as makers and judges of streams.</summary>
internal static class Ffmpeg
{
    /// <summary>Runs ffmpeg to its end and returns what it wrote.</summary>
    public static Task<byte[]> MakeAsync(string arguments) => RunAsync("ffmpeg", $"-hide_banner -loglevel error {arguments} pipe:1", []);

    /// <summary>Runs ffprobe on a stream.</summary>
    public static async Task<string> ProbeAsync(byte[] stream, string arguments) =>
        System.Text.Encoding.UTF8.GetString(await RunAsync("ffprobe", $"-hide_banner -loglevel error -f mpegts {arguments} pipe:0", stream));

    /// <summary>Reads lines of <c>pts,flags</c>; a keyframe's flags begin with K.</summary>
    public static List<(long? Pts, bool Keyframe)> Packets(this string lines) =>
        [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(','))
            .Select(fields => ((long?)long.Parse(fields[0], CultureInfo.InvariantCulture), fields[1].StartsWith('K')))];

    private static async Task<byte[]> RunAsync(string program, string arguments, byte[] input)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        using var output = new MemoryStream();
        var reading = process.StandardOutput.BaseStream.CopyToAsync(output);
        await process.StandardInput.BaseStream.WriteAsync(input);
        process.StandardInput.Close();
        await reading;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return output.ToArray();
    }
}
