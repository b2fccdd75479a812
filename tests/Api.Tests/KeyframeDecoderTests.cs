using LiveRobot.Api.Snapshots;
using LiveRobot.Testing;

using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace LiveRobot.Api.Tests;

/// <summary>Pictures from keyframes, and what their making may take. Scripts stand in for an ffmpeg that goes astray.</summary>
public sealed class KeyframeDecoderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("mpeg1video", 320, 240)]
    [InlineData("mpeg2video", 720, 576)]
    [InlineData("libx264", 1920, 1080)]
    public async Task A_keyframe_becomes_a_JPEG_of_at_most_640_pixels_width(string codec, int width, int height)
    {
        var keyframe = _folder.File("keyframe.ts");
        await ChildProcess.RunAsync("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", $"testsrc2=size={width}x{height}:rate=25", "-frames:v", "1", "-c:v", codec, keyframe]);
        using var decoder = Decoder();

        var jpeg = await decoder.DecodeAsync(await File.ReadAllBytesAsync(keyframe));

        Assert.NotNull(jpeg);
        await File.WriteAllBytesAsync(_folder.File("picture.jpg"), jpeg);
        var size = await ChildProcess.RunAsync("ffprobe", ["-v", "error", "-show_entries", "stream=codec_name,width", "-of", "csv=p=0", _folder.File("picture.jpg")]);
        Assert.Equal($"mjpeg,{Math.Min(width, 640)}", size.Trim());
    }

    [Fact]
    public async Task Garbage_becomes_no_picture()
    {
        var garbage = new byte[100_000];
        new Random(1).NextBytes(garbage);
        using var decoder = Decoder();

        Assert.Null(await decoder.DecodeAsync(garbage));
        Assert.Null(await decoder.DecodeAsync(ReadOnlyMemory<byte>.Empty));
    }

    [Fact]
    public async Task A_program_that_is_not_there_makes_no_picture()
    {
        using var decoder = Decoder(options => options.Ffmpeg = _folder.File("missing"));

        Assert.Null(await decoder.DecodeAsync(new byte[188]));
    }

    [Fact]
    public async Task The_program_has_limits_the_lowest_priority_no_environment_and_only_pipes()
    {
        using var decoder = Decoder(options => options.Ffmpeg = Script("""ulimit -t; ulimit -d; ulimit -c; nice; env | grep -v '^_=\|^PWD=\|^SHLVL=\|^OLDPWD=' | cut -d= -f1; echo "$*" """));

        var told = System.Text.Encoding.UTF8.GetString((await decoder.DecodeAsync(new byte[188]))!).Split('\n');

        Assert.Equal(["2", "262144", "0", "19", "PATH"], told[..5]);
        Assert.Contains("-protocol_whitelist pipe", told[5], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("while :; do :; done")]
    [InlineData("dd if=/dev/zero of=/dev/null bs=400M count=1 && echo picture")]
    [InlineData("cat >/dev/null; cat /dev/zero")]
    [InlineData("echo picture; exit 1")]
    [InlineData("exit 0")]
    public async Task A_program_that_goes_astray_makes_no_picture_and_ends(string script)
    {
        using var decoder = Decoder(options =>
        {
            options.Ffmpeg = Script(script);
            options.CpuSeconds = 1;

            // Long before this, it is ended by what it takes.
            options.Timeout = TimeSpan.FromMinutes(10);
        });

        // It is the last to be given the processor (nice 19), and so may wait long for its second of it.
        Assert.Null(await decoder.DecodeAsync(new byte[188]).WaitAsync(TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public async Task A_program_that_takes_too_long_is_killed()
    {
        var pid = _folder.File("pid");
        using var decoder = Decoder(options =>
        {
            options.Ffmpeg = Script($"echo $$ > '{pid}.new'; mv '{pid}.new' '{pid}'; exec sleep 600");
            options.Timeout = TimeSpan.FromSeconds(5);
        });

        Assert.Null(await decoder.DecodeAsync(new byte[188]));

        Assert.False(Directory.Exists($"/proc/{(await File.ReadAllTextAsync(pid)).Trim()}"));
    }

    [Fact]
    public async Task No_more_run_at_once_than_may()
    {
        var (running, gate) = (Directory.CreateDirectory(_folder.File("running")).FullName, _folder.File("gate"));
        using var decoder = Decoder(options =>
        {
            options.Ffmpeg = Script($"touch '{running}'/$$; while [ ! -e '{gate}' ]; do sleep 0.05; done; echo picture");
            options.Timeout = TimeSpan.FromSeconds(60);
        });

        var pictures = Enumerable.Range(0, 4).Select(_ => decoder.DecodeAsync(new byte[188])).ToArray();
        await Eventually.TrueAsync(() => Directory.GetFiles(running).Length == 2);
        await Task.Delay(300);
        Assert.Equal(2, Directory.GetFiles(running).Length);

        await File.WriteAllTextAsync(gate, "");
        Assert.All(await Task.WhenAll(pictures), Assert.NotNull);
    }

    private static KeyframeDecoder Decoder(Action<SnapshotOptions>? configure = null)
    {
        // The machine may be busy with other tests, and the program is the last to be given the processor (nice 19).
        var options = new SnapshotOptions { Timeout = TimeSpan.FromMinutes(5) };
        configure?.Invoke(options);
        return new KeyframeDecoder(Options.Create(options), TimeProvider.System, NullLogger<KeyframeDecoder>.Instance);
    }

    private string Script(string body)
    {
        var path = _folder.File("script.sh");
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
