using System.Text.Json;

using LiveRobot.Testing;

namespace LiveRobot.VideoRelay.Tests;

/// <summary>What is told beside the picture, and to whom.</summary>
public sealed class SideMessageTests
{
    private const string Subprotocol = "liverobot.v1";

    [Fact]
    public async Task Who_asks_is_told_what_begins_and_when_frames_arrived()
    {
        await using var server = await RelayServer.StartAsync();
        await using var viewer = await server.WatchAsync(Medium.Video, "other", Subprotocol);
        await using var encoder = Ffmpeg.Run($"{Ffmpeg.TestPicture()} {server.IngestUrl()}");
        await Eventually.TrueAsync(() => viewer.Texts.Count(text => text.Text.Contains("clock", StringComparison.Ordinal)) >= 3);

        Assert.Equal(Subprotocol, viewer.Subprotocol);
        Assert.Equal(
            (0, """{"type":"begin","reason":"joined","skips":0,"video":"mpeg1video","audio":null,"width":320,"height":240,"frameRate":25}"""),
            viewer.Texts[0]);
        var clocks = viewer.Texts.Skip(1).Select(text => JsonElement.Parse(text.Text)).ToList();
        var (first, last) = (clocks[0], clocks[^1]);
        var streamed = (last.GetProperty("pts").GetInt64() - first.GetProperty("pts").GetInt64()) / 90.0;
        var passed = last.GetProperty("time").GetInt64() - first.GetProperty("time").GetInt64();
        Assert.InRange(passed - streamed, -500, 500);
    }

    [Fact]
    public async Task A_take_over_is_told_before_the_new_picture()
    {
        await using var server = await RelayServer.StartAsync();
        await using var viewer = await server.WatchAsync(Medium.Video, Subprotocol);
        await using var first = Ffmpeg.Run($"{Ffmpeg.TestPicture()} {server.IngestUrl()}");
        await Eventually.TrueAsync(() => viewer.Count > 10);

        await using var second = Ffmpeg.Run($"{Ffmpeg.TestPicture(size: "160x120")} {server.IngestUrl()}");
        await Eventually.TrueAsync(() => viewer.Texts.Any(text => text.Text.Contains("reset", StringComparison.Ordinal)));

        var reset = JsonElement.Parse(viewer.Texts.First(text => text.Text.Contains("reset", StringComparison.Ordinal)).Text);
        Assert.Equal(160, reset.GetProperty("width").GetInt32());
    }

    [Fact]
    public async Task A_skip_is_told_with_its_number()
    {
        await using var server = await RelayServer.StartAsync(("MaxViewerBytes", "100000"));
        var picture = await SampleStreams.Mpeg1Async();
        await using var viewer = await server.WatchAsync(Medium.Video, Subprotocol);
        await using var encoder = await TestEncoder.ConnectAsync(server.IngestUrl());

        // Faster than anybody reads.
        for (var round = 0; round < 200 && !viewer.Texts.Any(text => text.Text.Contains("skipped", StringComparison.Ordinal)); round++)
        {
            await encoder.SendAsync(picture);
        }

        await Eventually.TrueAsync(() => viewer.Texts.Any(text => text.Text.Contains("skipped", StringComparison.Ordinal)));
        var skip = JsonElement.Parse(viewer.Texts.First(text => text.Text.Contains("skipped", StringComparison.Ordinal)).Text);
        Assert.True(skip.GetProperty("skips").GetInt64() >= 1);
    }

    [Theory]
    [InlineData]
    [InlineData("null")]
    [InlineData("mpegts", "x")]
    public async Task Who_does_not_ask_gets_no_text_and_the_first_name_offered(params string[] subprotocols)
    {
        await using var server = await RelayServer.StartAsync();
        await using var viewer = await server.WatchAsync(Medium.Video, subprotocols);
        await using var encoder = Ffmpeg.Run($"{Ffmpeg.TestPicture()} {server.IngestUrl()}");

        await Eventually.TrueAsync(() => viewer.Count > 40);

        Assert.Empty(viewer.Texts);
        Assert.Equal(subprotocols.FirstOrDefault(), viewer.Subprotocol);
    }
}
