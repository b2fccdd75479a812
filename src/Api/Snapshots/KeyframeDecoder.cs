using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

using Microsoft.Extensions.Options;

namespace LiveRobot.Api.Snapshots;

/// <summary>Makes a JPEG of a keyframe with ffmpeg as a child process, which may take little and touch nothing.</summary>
/// <remarks>
/// The keyframe comes from a stranger's encoder. ffmpeg reads and writes pipes only, knows nothing of our environment,
/// and has the lowest priority and limits on processor time and memory. Memory is what it may write to
/// (<c>RLIMIT_DATA</c>): the address space would count its libraries as well, which alone are more than 256 MB.
/// </remarks>
internal sealed partial class KeyframeDecoder(IOptions<SnapshotOptions> options, TimeProvider clock, ILogger<KeyframeDecoder> logger) : IDisposable
{
    /// <summary>The widest picture, in pixels; the height follows.</summary>
    private const int MaxWidth = 640;

    /// <summary>The longest JPEG, in bytes. A picture of that width has some 50 kB.</summary>
    private const int MaxLength = 2_000_000;

    private readonly SemaphoreSlim _turns = new(options.Value.MaxAtOnce);

    /// <summary>Makes a JPEG; null when that failed or took too much of anything.</summary>
    /// <param name="keyframe">A transport stream with PAT, PMT and the keyframe.</param>
    public async Task<byte[]?> DecodeAsync(ReadOnlyMemory<byte> keyframe)
    {
        if (!await _turns.WaitAsync(options.Value.Timeout))
        {
            Log.Busy(logger, options.Value.MaxAtOnce);
            return null;
        }

        try
        {
            return await RunAsync(keyframe);
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();

    private async Task<byte[]?> RunAsync(ReadOnlyMemory<byte> keyframe)
    {
        using var timeout = new CancellationTokenSource(options.Value.Timeout, clock);
        using var process = new Process { StartInfo = StartInfo() };
        try
        {
            process.Start();
        }
        catch (Win32Exception exception)
        {
            Log.Failed(logger, exception.Message);
            return null;
        }

        try
        {
            var errors = process.StandardError.ReadToEndAsync(timeout.Token);
            var picture = ReadAsync(process.StandardOutput.BaseStream, timeout.Token);
            await WriteAsync(process.StandardInput.BaseStream, keyframe, timeout.Token);
            var jpeg = await picture;
            await process.WaitForExitAsync(timeout.Token);
            if (process.ExitCode == 0 && jpeg.Length > 0)
            {
                return jpeg;
            }

            Log.Failed(logger, (await errors).Trim());
        }
        catch (Exception exception) when (exception is OperationCanceledException or InvalidDataException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            Log.Failed(logger, exception.Message);
        }

        return null;
    }

    /// <summary>The shell sets the limits and becomes nice, which becomes ffmpeg: one process all the way.</summary>
    private ProcessStartInfo StartInfo()
    {
        var limits = options.Value;
        var start = new ProcessStartInfo("/bin/sh")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        string[] arguments =
        [
            "-c",
            string.Create(
                CultureInfo.InvariantCulture,
                $"ulimit -c 0; ulimit -t {limits.CpuSeconds}; ulimit -d {limits.MemoryMegabytes * 1024}; exec nice -n 19 \"$0\" \"$@\""),
            limits.Ffmpeg,
            "-hide_banner", "-nostdin", "-loglevel", "error", "-protocol_whitelist", "pipe", "-threads", "1",
            "-f", "mpegts", "-i", "pipe:0", "-map", "0:v:0", "-frames:v", "1",
            "-filter_threads", "1", "-vf", string.Create(CultureInfo.InvariantCulture, $"scale='min({MaxWidth},iw)':-2"),
            "-threads", "1", "-q:v", "5", "-f", "mjpeg", "pipe:1",
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var path = Environment.GetEnvironmentVariable("PATH");
        start.Environment.Clear();
        start.Environment["PATH"] = path;
        return start;
    }

    private static async Task WriteAsync(Stream input, ReadOnlyMemory<byte> keyframe, CancellationToken cancellationToken)
    {
        try
        {
            await using (input)
            {
                await input.WriteAsync(keyframe, cancellationToken);
            }
        }
        catch (IOException)
        {
            // It has ended without reading all: with its picture, or with an error that its exit code tells.
        }
    }

    private static async Task<byte[]> ReadAsync(Stream output, CancellationToken cancellationToken)
    {
        using var picture = new MemoryStream();
        var buffer = new byte[65536];
        while (await output.ReadAsync(buffer, cancellationToken) is var count and > 0)
        {
            picture.Write(buffer, 0, count);
            if (picture.Length > MaxLength)
            {
                throw new InvalidDataException($"The picture has more than {MaxLength} bytes.");
            }
        }

        return picture.ToArray();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "A keyframe could not be made a picture: {Reason}", EventName = "PictureFailed")]
        public static partial void Failed(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Warning, "A still picture was given up: {MaxAtOnce} others took too long.", EventName = "PicturesBusy")]
        public static partial void Busy(ILogger logger, int maxAtOnce);
    }
}
