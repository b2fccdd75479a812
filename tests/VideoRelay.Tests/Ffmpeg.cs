using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace LiveRobot.VideoRelay.Tests;

/// <summary>The real ffmpeg and ffprobe.</summary>
internal sealed class Ffmpeg : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private Ffmpeg(string arguments)
    {
        _process = Start("ffmpeg", $"-hide_banner -nostdin -loglevel warning {arguments}");
        _errors = _process.StandardError.ReadToEndAsync();
    }

    public bool HasExited => _process.HasExited;

    /// <summary>A moving test picture in real time, in what robots send.</summary>
    public static string TestPicture(string codec = "mpeg1video -b:v 400k -bf 0", int frameRate = 25, string size = "320x240") =>
        $"-re -f lavfi -i testsrc2=size={size}:rate={frameRate} -f mpegts -codec:v {codec} -muxdelay 0.001";

    public static string TestTone => "-re -f lavfi -i sine=frequency=440:sample_rate=44100 -f mpegts -codec:a mp2 -b:a 32k -muxdelay 0.001";

    /// <summary>Starts ffmpeg; disposing of it kills it.</summary>
    public static Ffmpeg Run(string arguments) => new(arguments);

    /// <summary>Runs ffmpeg to its end and returns what it wrote to standard output.</summary>
    public static async Task<byte[]> MakeAsync(string arguments)
    {
        using var process = Start("ffmpeg", $"-hide_banner -nostdin -loglevel error {arguments} pipe:1");
        var errors = process.StandardError.ReadToEndAsync();
        using var output = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(output);
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return output.ToArray();
    }

    /// <summary>Decodes a transport stream; every complaint of the decoder counts as an error.</summary>
    public static async Task<(int Frames, string Errors)> DecodeAsync(byte[] stream, string kind = "v")
    {
        using var process = Start("ffmpeg", $"-hide_banner -loglevel warning -f mpegts -i pipe:0 -map 0:{kind} -f framemd5 pipe:1");
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        await process.StandardInput.BaseStream.WriteAsync(stream);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        var frames = (await output).Split('\n').Count(line => line.Length > 0 && line[0] != '#');
        return (frames, await errors);
    }

    public static Task<string> ProbeAsync(byte[] stream, string arguments) => PipeAsync("ffprobe", $"-hide_banner -loglevel error {arguments} -f mpegts -i pipe:0", stream);

    /// <summary>Waits for the end and returns the exit code and what was complained about.</summary>
    public async Task<(int ExitCode, string Errors)> WaitAsync(TimeSpan patience)
    {
        using var timeout = new CancellationTokenSource(patience);
        await _process.WaitForExitAsync(timeout.Token);
        return (_process.ExitCode, await _errors);
    }

    /// <summary>Ends it as a robot does: SIGTERM, upon which it finishes its request.</summary>
    public async Task TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static async Task<string> PipeAsync(string program, string arguments, byte[] input)
    {
        using var process = Start(program, arguments);
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        await process.StandardInput.BaseStream.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return await output;
    }

    private static Process Start(string program, string arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        StandardErrorEncoding = Encoding.UTF8,
    })!;
}
