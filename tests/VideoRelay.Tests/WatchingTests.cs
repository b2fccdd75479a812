using System.Diagnostics.Metrics;

using LiveRobot.Testing;

using MpegTs;

using WebSockets;

namespace LiveRobot.VideoRelay.Tests;

/// <summary>From a real encoder to a viewer, whose bytes a real decoder judges.</summary>
public sealed class WatchingTests
{
    [Theory]
    [InlineData("mpeg1video -b:v 400k -bf 0")]
    [InlineData("libx264 -preset ultrafast -tune zerolatency -g 25")]
    public async Task A_viewer_sees_every_frame_of_the_encoder(string codec)
    {
        await using var server = await RelayServer.StartAsync();
        await using var viewer = await server.WatchAsync();
        await using var encoder = Ffmpeg.Run($"{Ffmpeg.TestPicture(codec)} -frames:v 50 {server.IngestUrl()}");

        await encoder.WaitAsync(TimeSpan.FromSeconds(30));
        await Eventually.TrueAsync(() => viewer.Count >= 50);
        var (frames, errors) = await Ffmpeg.DecodeAsync(viewer.Bytes);

        Assert.Equal(50, frames);
        Assert.Equal("", errors);
        Assert.All(viewer.Messages, message => Assert.Equal(0, message.Length % TsPacket.Size));
    }

    [Fact]
    public async Task What_viewers_are_sent_is_counted_to_the_byte()
    {
        await using var server = await RelayServer.StartAsync();
        using var metrics = new RecordedMetrics(server.Get<IMeterFactory>());
        IReadOnlyList<byte[]> messages;
        await using (var viewer = await server.WatchAsync())
        {
            await using var encoder = await TestEncoder.ConnectAsync(server.IngestUrl());
            await encoder.SendAsync(await SampleStreams.Mpeg1Async());
            await Eventually.TrueAsync(() => viewer.Count >= 100);
            messages = viewer.Messages;
        }

        var expected = messages.Sum(message => WebSocketFrame.Binary(message).Bytes.Length);
        await Eventually.TrueAsync(() => metrics.Lines.Contains("liverobot.relay.viewers -1 medium=video"));
        Assert.Equal(expected, metrics.Sum("liverobot.relay.viewer.sent"));
    }

    [Fact]
    public async Task Sound_has_a_port_of_its_own()
    {
        await using var server = await RelayServer.StartAsync();
        await using var viewer = await server.WatchAsync(Medium.Audio);
        await using var encoder = Ffmpeg.Run($"{Ffmpeg.TestTone} -t 2 {server.IngestUrl(Medium.Audio)}");

        await encoder.WaitAsync(TimeSpan.FromSeconds(30));
        await Eventually.TrueAsync(() => viewer.Count > 10);
        var (frames, errors) = await Ffmpeg.DecodeAsync(viewer.Bytes, "a");

        // 1,152 samples a frame, padded to a whole frame.
        Assert.InRange(frames, 2 * 44100 / 1152, (2 * 44100 / 1152) + 2);
        Assert.Equal("", errors);
    }
}
