using System.Diagnostics;

using LiveRobot.RobotClient.Configuration;
using LiveRobot.RobotClient.Driving;
using LiveRobot.RobotClient.Media;

namespace LiveRobot.RobotClient.Tests.Media;

/// <summary>The picture as ffmpeg really draws it, frame by frame.</summary>
public sealed class DemoPictureTests : IDisposable
{
    private const string CommandRegion = "crop=iw:ih*0.5:0:ih*0.2";
    private const string CounterRegion = "crop=iw*0.5:ih*0.08:0:ih*0.9";

    private readonly DemoPicture _picture = new();
    private Process? _ffmpeg;
    private int _frameBytes;

    public void Dispose()
    {
        _ffmpeg?.Kill();
        _ffmpeg?.Dispose();
        _picture.Dispose();
    }

    [Fact]
    public async Task Obey_ACommand_ChangesThePicture()
    {
        Film(CommandRegion, 640, 240);
        var ready = await NextFrameAsync();
        Assert.Equal(ready, await NextFrameAsync());

        _picture.Obey(new RobotCommand("F", "down", "someone"));

        var down = await FrameUnlikeAsync(ready);
        Assert.Equal(down, await NextFrameAsync());
    }

    [Fact]
    public async Task Stop_ByTheRobotItself_IsDrawnLikeACommandedStop()
    {
        Film(CommandRegion, 640, 240);
        var ready = await NextFrameAsync();

        _picture.Stop("connection lost");
        var byItself = await FrameUnlikeAsync(ready);
        _picture.Obey(new RobotCommand("F", "down", "someone"));
        var down = await FrameUnlikeAsync(byItself);
        _picture.Obey(new RobotCommand("stop", "up", ""));

        Assert.Equal(byItself, await FrameUnlikeAsync(down));
    }

    [Fact]
    public async Task FrameCounter_WithEveryFrame_Changes()
    {
        Film(CounterRegion, 320, 38);

        var first = await NextFrameAsync();
        var second = await NextFrameAsync();

        Assert.NotEqual(first, second);
        Assert.NotEqual(second, await NextFrameAsync());
    }

    [Theory]
    [InlineData("%{pts}")]
    [InlineData("%{n} %{eif")]
    [InlineData("'; drawbox=c=white:t=fill; [x]'\"\\")]
    [InlineData("one\ntwo\r\nthree\0four\tfive\u2028six")]
    [InlineData("\U0001F916 \U0001F680 قف 停 \u202Eright to left")]
    public async Task Show_HostileText_IsDrawnAsItIsAndBreaksNothing(string text)
    {
        Film(CommandRegion, 640, 240);
        var ready = await NextFrameAsync();

        _picture.Show(text);
        var hostile = await FrameUnlikeAsync(ready);

        // A text that is expanded changes with each frame; one that breaks the picture ends it.
        Assert.Equal(hostile, await NextFrameAsync());
        _picture.Show(DemoPicture.Waiting);
        Assert.Equal(ready, await FrameUnlikeAsync(hostile));
    }

    [Fact]
    public Task Show_HalfACharacter_BreaksNothing() => Show_HostileText_IsDrawnAsItIsAndBreaksNothing("x\uD800");

    [Fact]
    public async Task Show_TenKilobytes_DrawsNoMoreThanThreeLines()
    {
        Film("crop=iw:ih*0.1:0:ih*0.78", 640, 48);
        _ = await NextFrameAsync();

        _picture.Show(new string('W', 10_000));

        var lines = File.ReadAllLines(Path.Combine(_picture.Directory, "command.txt"));
        Assert.Equal([16, 16, 16], lines.Select(line => line.Length));
        Assert.EndsWith("…", lines[2]);
        _ = await NextFrameAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t ")]
    public async Task Show_NothingVisible_KeepsThePictureRunning(string text)
    {
        Film(CommandRegion, 640, 240);
        var ready = await NextFrameAsync();

        _picture.Show(text);

        await FrameUnlikeAsync(ready);
    }

    [Fact]
    public async Task Show_ThousandsOfTimes_NeverLeavesFfmpegWithoutAFile()
    {
        Film(CommandRegion, 640, 240);
        _ = await NextFrameAsync();

        for (var frame = 0; frame < 25; frame++)
        {
            for (var i = 0; i < 200; i++)
            {
                _picture.Show($"F {i}");
            }

            _ = await NextFrameAsync();
        }
    }

    [Theory]
    [InlineData(16, 16)]
    [InlineData(321, 241)]
    [InlineData(1280, 720)]
    public async Task Input_OfAnySize_IsDrawn(int width, int height)
    {
        Film("null", width, height, new PictureSize(width, height));

        _ = await NextFrameAsync();
    }

    [Fact]
    public async Task Sound_IsQuietAndHeard()
    {
        var start = new ProcessStartInfo("ffmpeg", ["-nostdin", "-hide_banner", .. DemoPicture.Sound.Skip(1), "-t", "4", "-af", "volumedetect", "-f", "null", "-"])
        {
            RedirectStandardError = true,
        };

        using var ffmpeg = Process.Start(start)!;
        var words = await ffmpeg.StandardError.ReadToEndAsync();

        var loudest = double.Parse(words.Split("max_volume: ")[1].Split(' ')[0]);
        Assert.InRange(loudest, -30, -15);
    }

    [Fact]
    public void Dispose_DeletesTheDirectory()
    {
        var picture = new DemoPicture();

        picture.Dispose();

        Assert.False(Directory.Exists(picture.Directory));
    }

    private void Film(string region, int width, int height, PictureSize? size = null)
    {
        _frameBytes = width * height;
        var start = new ProcessStartInfo("ffmpeg", ["-nostdin", "-loglevel", "error", .. DemoPicture.Input(size ?? PictureSize.Default), "-vf", $"{region},format=gray", "-f", "rawvideo", "-"])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = _picture.Directory,
        };
        _ffmpeg = Process.Start(start)!;
    }

    private async Task<byte[]> NextFrameAsync()
    {
        var frame = new byte[_frameBytes];
        await _ffmpeg!.StandardOutput.BaseStream.ReadExactlyAsync(frame).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        return frame;
    }

    // ffmpeg is a few frames ahead of what is read here.
    private async Task<byte[]> FrameUnlikeAsync(byte[] other)
    {
        for (var i = 0; i < 200; i++)
        {
            var frame = await NextFrameAsync();
            if (!frame.AsSpan().SequenceEqual(other))
            {
                return frame;
            }
        }

        Assert.Fail("The picture did not change.");
        return [];
    }
}
