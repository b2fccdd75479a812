using System.Globalization;

namespace MpegTs.Tests;

/// <summary>Streams that ffmpeg made, read by us and by ffprobe.</summary>
public sealed class GoldenTests
{
    public static TheoryData<string> Streams => new(
        "-c:v mpeg1video -b:v 400k -bf 0",
        "-c:v mpeg1video -b:v 400k -g 30 -bf 2",
        "-c:v mpeg2video -b:v 600k",
        "-c:v mpeg2video -b:v 600k -bf 2 -g 15",
        "-c:v libx264 -preset ultrafast -tune zerolatency -g 25",
        "-c:v libx264 -preset fast -bf 3 -g 30",
        "-c:v libx264 -preset fast -x264-params open-gop=1:keyint=20:bframes=2",
        "-c:v libx264 -preset fast -x264-params intra-refresh=1:keyint=25",
        "-c:v libx264 -preset ultrafast -x264-params slices=4:aud=1 -g 12",
        "-c:v libx265 -preset ultrafast -x265-params log-level=error:keyint=20");

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task Frames_and_keyframes_are_those_that_ffprobe_finds(string codec)
    {
        foreach (var sound in new[] { "", "-c:a mp2 -b:a 64k", "-c:a aac" })
        {
            var stream = await MakeAsync(codec, sound);
            var expected = (await Ffmpeg.ProbeAsync(stream, "-select_streams v -show_entries packet=pts,flags -of csv=p=0")).Packets();
            var frames = RecordedFrame.ReadAll(stream).Where(frame => frame.Kind == StreamKind.Video).ToList();

            Assert.NotEmpty(expected);
            Assert.Equal(expected.Select(packet => packet.Pts), frames.Select(frame => frame.Pts));
            Assert.Equal(expected.Select(packet => packet.Keyframe), frames.Select(frame => frame.IsEntryPoint));
        }
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task Codec_and_size_are_those_that_ffprobe_finds(string codec)
    {
        var stream = await MakeAsync(codec, "-c:a mp2 -b:a 64k");
        var expected = (await Ffmpeg.ProbeAsync(stream, "-select_streams v -show_entries stream=codec_name,width,height,r_frame_rate -of csv=p=0")).Trim().Split('\n')[0].Split(',');
        var reader = new TsFrameReader((in TsFrame _) => { }, 1_000_000);

        reader.Write(stream);

        var format = reader.Streams.Single(info => info.Kind == StreamKind.Video).Format!;
        Assert.Equal($"{expected[0]} {expected[1]}x{expected[2]}", $"{format.Codec} {format.Width}x{format.Height}");
        if (format.FrameRate is { } rate)
        {
            var fraction = expected[3].Split('/').Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray();
            Assert.Equal(fraction[0] / fraction[1], rate, 0.001);
        }
        else
        {
            Assert.Equal("hevc", format.Codec);
        }

        Assert.Equal("mp2", reader.Streams.Single(info => info.Kind == StreamKind.Audio).Codec);
    }

    [Fact]
    public async Task All_packets_of_ffmpeg_come_out_in_order()
    {
        var stream = await MakeAsync("-c:v mpeg1video -b:v 400k", "-c:a mp2 -b:a 64k");

        var frames = RecordedFrame.ReadAll(stream);

        Assert.Equal(stream, frames.SelectMany(frame => frame.Packets).ToArray());
    }

    [Fact]
    public async Task Sound_alone_begins_at_any_frame()
    {
        var stream = await Ffmpeg.MakeAsync("-f lavfi -i sine=duration=3 -c:a mp2 -b:a 32k -muxdelay 0.001 -f mpegts");
        var expected = (await Ffmpeg.ProbeAsync(stream, "-show_entries packet=pts,pos -of csv=p=0")).Packets();

        var frames = RecordedFrame.ReadAll(stream);

        Assert.All(frames, frame => Assert.True(frame.IsEntryPoint));
        Assert.Subset(expected.Select(packet => packet.Pts).ToHashSet(), frames.Select(frame => frame.Pts).ToHashSet());
        Assert.True(frames.Count > 10);
    }

    private static Task<byte[]> MakeAsync(string codec, string sound) => Ffmpeg.MakeAsync(
        $"-f lavfi -i testsrc2=size=322x242:rate=30000/1001 -f lavfi -i sine {codec} {sound} {(sound.Length == 0 ? "-map 0:v" : "")} -t 4 -pix_fmt yuv420p -f mpegts");
}
