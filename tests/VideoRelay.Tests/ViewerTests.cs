using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.WebSockets;

using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

using MpegTs;

namespace LiveRobot.VideoRelay.Tests;

/// <summary>What viewers get, and what they cannot do to each other.</summary>
public sealed class ViewerTests
{
    private const WebSocketCloseStatus NotFound = (WebSocketCloseStatus)4404;

    [Fact]
    public async Task An_unknown_robot_or_camera_is_closed_with_4404_and_a_reason()
    {
        await using var server = await RelayServer.StartAsync();
        var other = await server.AddRobotAsync("Other");
        string[] wrong =
        [
            "nobody",
            $"nobody/{server.Camera.CameraId}",
            $"{server.Robot.Handle}/{other.Cameras[0].CameraId}",
            $"{server.Robot.Handle}/99999",
            $"{server.Robot.Handle}/x",

            // What only the robot and its owner know opens nothing here.
            server.Robot.RobotId,
            server.StreamKey,
        ];

        foreach (var path in wrong)
        {
            await using var viewer = await TestViewer.ConnectAsync(server.ViewerUrl(path: path));
            await Eventually.TrueAsync(() => viewer.Ended);

            Assert.Equal(NotFound, viewer.CloseStatus);
            Assert.Equal("There is no such robot or camera.", viewer.CloseReason);
        }
    }

    [Fact]
    public async Task A_private_robot_is_not_there_without_a_viewing_token_of_its_own_that_is_still_valid()
    {
        var picture = await SampleStreams.Mpeg1Async();
        await using var server = await RelayServer.StartAsync();
        await server.Get<RobotDirectory>().SetVisibilityAsync(server.Robot.Handle, Visibility.Private);
        var tokens = server.Get<ViewingTokens>();
        var path = $"{server.Robot.Handle}/{server.Camera.CameraId}";
        string[] refused =
        [
            path,
            $"{path}?token=",
            $"{path}?token=9999999999.AAAA",
            $"{path}?token={await tokens.IssueAsync("other", TimeSpan.FromMinutes(1))}",
            $"{path}?token={await tokens.IssueAsync(server.Robot.Handle, TimeSpan.Zero)}",
        ];
        foreach (var wrong in refused)
        {
            await using var stranger = await TestViewer.ConnectAsync(server.ViewerUrl(path: wrong));
            await Eventually.TrueAsync(() => stranger.Ended);
            Assert.Equal(NotFound, stranger.CloseStatus);
        }

        var token = await tokens.IssueAsync(server.Robot.Handle, TimeSpan.FromMinutes(1));
        await using var friend = await server.WatchAsync(server.ViewerUrl(path: $"{path}?token={token}"));
        await using var encoder = await TestEncoder.ConnectAsync(server.IngestUrl());
        await encoder.SendAsync(picture);
        await Eventually.TrueAsync(() => friend.Count > 50);
    }

    [Fact]
    public async Task An_unlisted_robot_is_seen_by_who_knows_its_handle()
    {
        var picture = await SampleStreams.Mpeg1Async();
        await using var server = await RelayServer.StartAsync();
        await server.Get<RobotDirectory>().SetVisibilityAsync(server.Robot.Handle, Visibility.Unlisted);
        await using var viewer = await server.WatchAsync();
        await using var encoder = await TestEncoder.ConnectAsync(server.IngestUrl());

        await encoder.SendAsync(picture);

        await Eventually.TrueAsync(() => viewer.Count > 50);
    }

    [Fact]
    public async Task A_request_that_is_no_upgrade_is_told_so()
    {
        await using var server = await RelayServer.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.VideoPort}") };

        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri("/nobody/1", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.UpgradeRequired, (await http.GetAsync(new Uri($"/{server.Robot.Handle}", UriKind.Relative))).StatusCode);
        Assert.Equal("ok\n", await http.GetStringAsync(new Uri("/healthz", UriKind.Relative)));
    }

    [Theory]
    [InlineData("mpeg1video -b:v 400k -bf 0")]
    [InlineData("libx264 -preset ultrafast -tune zerolatency -g 25")]
    public async Task The_last_keyframe_can_be_had_alone_and_decodes_to_one_picture(string codec)
    {
        await using var server = await RelayServer.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.VideoPort}") };
        var path = new Uri($"/{server.Robot.Handle}/{server.Camera.CameraId}/keyframe", UriKind.Relative);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(path)).StatusCode);
        await using var encoder = Ffmpeg.Run($"{Ffmpeg.TestPicture(codec)} {server.IngestUrl()}");
        HttpResponseMessage? answer = null;
        await Eventually.TrueAsync(async () => (answer = await http.GetAsync(path)).IsSuccessStatusCode);

        var (decoded, errors) = await Ffmpeg.DecodeAsync(await answer!.Content.ReadAsByteArrayAsync());

        Assert.Equal((1, ""), (decoded, errors));
        await server.Get<RobotDirectory>().SetVisibilityAsync(server.Robot.Handle, Visibility.Private);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(path)).StatusCode);
    }

    [Fact]
    public async Task Who_watches_by_a_viewing_token_is_cut_off_when_that_is_withdrawn()
    {
        await using var server = await RelayServer.StartAsync();
        await server.Get<RobotDirectory>().SetVisibilityAsync(server.Robot.Handle, Visibility.Private);
        var tokens = server.Get<ViewingTokens>();
        var token = await tokens.IssueAsync(server.Robot.Handle, TimeSpan.FromDays(1));
        await using var friend = await TestViewer.ConnectAsync(server.ViewerUrl(path: $"{server.Robot.Handle}/{server.Camera.CameraId}?token={token}"));
        await using var encoder = await TestEncoder.ConnectAsync(server.IngestUrl());
        await encoder.SendAsync(await SampleStreams.Mpeg1Async());
        await Eventually.TrueAsync(() => friend.Count > 0);

        await tokens.WithdrawAllAsync(server.Robot.Handle);

        await Eventually.TrueAsync(() => friend.Ended);
        Assert.Equal(NotFound, friend.CloseStatus);
    }

    [Theory]
    [InlineData("private")]
    [InlineData("deleted")]
    [InlineData("camera")]
    public async Task Who_may_no_longer_watch_is_cut_off_and_who_may_is_not(string change)
    {
        var picture = await SampleStreams.Mpeg1Async();
        await using var server = await RelayServer.StartAsync();
        var robots = server.Get<RobotDirectory>();
        var token = await server.Get<ViewingTokens>().IssueAsync(server.Robot.Handle, TimeSpan.FromMinutes(1));
        var path = $"{server.Robot.Handle}/{server.Camera.CameraId}";
        await using var stranger = await server.WatchAsync(server.ViewerUrl(path: path));
        await using var friend = await server.WatchAsync(server.ViewerUrl(path: $"{path}?token={token}"));
        await using var encoder = await TestEncoder.ConnectAsync(server.IngestUrl());
        await encoder.SendAsync(picture);
        await Eventually.TrueAsync(() => stranger.Count > 50 && friend.Count > 50);

        await (change switch
        {
            "private" => robots.SetVisibilityAsync(server.Robot.Handle, Visibility.Private),
            "deleted" => robots.DeleteAsync(server.Robot.Handle),
            _ => RemoveCameraAsync(),
        });

        await Eventually.TrueAsync(() => stranger.Ended);
        Assert.Equal(NotFound, stranger.CloseStatus);
        if (change == "private")
        {
            Assert.False(friend.Ended);
        }
        else
        {
            await Eventually.TrueAsync(() => friend.Ended);
        }

        async Task<bool> RemoveCameraAsync()
        {
            await robots.AddCameraAsync(server.Robot.Handle);
            return await robots.DeleteCameraAsync(server.Robot.Handle, server.Camera.CameraId);
        }
    }

    [Fact]
    public async Task Without_a_camera_id_the_first_camera_is_meant()
    {
        var picture = await SampleStreams.Mpeg1Async();
        await using var server = await RelayServer.StartAsync();
        await using var viewer = await server.WatchAsync(server.ViewerUrl(path: server.Robot.Handle));
        await using var encoder = await TestEncoder.ConnectAsync(server.IngestUrl());

        await encoder.SendAsync(picture);

        await Eventually.TrueAsync(() => viewer.Count > 50);
    }

    [Fact]
    public async Task A_viewer_before_the_feed_waits_in_silence_and_gets_the_picture_when_it_comes()
    {
        await using var server = await RelayServer.StartAsync();
        await using var viewer = await server.WatchAsync();
        await Task.Delay(300);
        Assert.Equal(0, viewer.Count);
        Assert.False(viewer.Ended);

        await using var encoder = Ffmpeg.Run($"{Ffmpeg.TestPicture()} {server.IngestUrl()}");

        await Eventually.TrueAsync(() => viewer.Count > 10);
        Assert.Empty(viewer.Texts);
    }

    [Theory]
    [InlineData("mpeg1video -b:v 400k -bf 0 -g 600")]
    [InlineData("libx264 -preset ultrafast -tune zerolatency -g 1500")]
    public async Task Who_comes_late_begins_with_the_last_keyframe_and_need_not_wait_for_the_next(string codec)
    {
        await using var server = await RelayServer.StartAsync();
        await using var first = await server.WatchAsync();
        await using var encoder = Ffmpeg.Run($"{Ffmpeg.TestPicture(codec)} {server.IngestUrl()}");
        await Eventually.TrueAsync(() => first.Count > 40);

        await using var late = await server.WatchAsync();
        await Eventually.TrueAsync(() => late.Count > 40);
        await encoder.TerminateAsync();

        // The decoder itself would pass over what comes before a keyframe; the first frame must be one.
        Assert.Equal(first.Messages[1], late.Messages[1]);
        var frames = Frames(late.Bytes);
        Assert.True(frames[0].IsEntryPoint);
        var (decoded, errors) = await Ffmpeg.DecodeAsync(late.Bytes);
        Assert.Equal("", errors);
        Assert.Equal(frames.Count, decoded);
    }

    [Fact]
    public async Task Who_comes_late_to_sound_begins_with_a_whole_frame()
    {
        await using var server = await RelayServer.StartAsync();
        await using var first = await server.WatchAsync(Medium.Audio);
        await using var encoder = Ffmpeg.Run($"{Ffmpeg.TestTone} {server.IngestUrl(Medium.Audio)}");
        await Eventually.TrueAsync(() => first.Count > 20);

        await using var late = await server.WatchAsync(Medium.Audio);
        await Eventually.TrueAsync(() => late.Count > 20);
        await encoder.TerminateAsync();

        var (decoded, errors) = await Ffmpeg.DecodeAsync(late.Bytes, "a");
        Assert.Equal("", errors);
        Assert.InRange(decoded, 18, 200);
    }

    [Fact]
    public async Task A_keyframe_with_more_behind_it_than_the_burst_comes_alone_and_the_next_goes_live()
    {
        var picture = await SampleStreams.H264Async();
        var burst = FramePieces(picture)[..14].Sum(piece => piece.Length);
        await using var server = await RelayServer.StartAsync(("MaxBurstBytes", $"{burst}"));
        await using var encoder = await TestEncoder.ConnectAsync(server.IngestUrl());
        await using var first = await server.WatchAsync();

        // 15 frames: too much to be sent with the keyframe.
        var pieces = FramePieces(picture);
        await SendAsync(encoder, pieces[..15]);
        await Eventually.TrueAsync(() => first.Count == 16);
        await using var late = await server.WatchAsync();
        await Eventually.TrueAsync(() => late.Count == 2);
        await SendAsync(encoder, pieces[15..30]);
        await Eventually.TrueAsync(() => late.Count >= 12);

        // The tables and the keyframe; then, with tables anew, from the keyframe at 20 on.
        Assert.Equal(pieces[0].Length, late.Messages[1].Length - TablesIn(late.Messages[1], pieces[0]));
        var frames = Frames(late.Bytes);
        Assert.True(frames[0].IsEntryPoint);
        Assert.True(frames[1].IsEntryPoint);
        Assert.Equal(11, frames.Count);
    }

    [Fact]
    public async Task Who_comes_long_after_a_keyframe_gets_all_that_came_since_and_is_live()
    {
        await using var server = await RelayServer.StartAsync();
        var pieces = FramePieces(await SampleStreams.H264Async());
        await using var encoder = await TestEncoder.ConnectAsync(server.IngestUrl());
        await using var first = await server.WatchAsync();
        await SendAsync(encoder, pieces[..2]);
        await Eventually.TrueAsync(() => first.Count >= 2);
        await Task.Delay(TimeSpan.FromSeconds(2));
        await SendAsync(encoder, pieces[2..15]);
        await Eventually.TrueAsync(() => first.Count >= 15);

        await using var late = await server.WatchAsync();

        await Eventually.TrueAsync(() => late.Count == first.Count);
        Assert.Equal(first.Bytes, late.Bytes);
    }

    [Fact]
    public async Task A_viewer_who_does_not_read_is_dropped_and_nobody_else_notices()
    {
        await using var server = await RelayServer.StartAsync(("ViewerStallTimeout", "00:00:02"));
        using var metrics = new RecordedMetrics(server.Get<IMeterFactory>());
        var picture = await SampleStreams.Mpeg1Async();
        await using var healthy = await server.WatchAsync();
        using var stalled = await RawViewer.ConnectAsync(server.ViewerUrl());
        await using var encoder = await TestEncoder.ConnectAsync(server.IngestUrl());

        var watch = Stopwatch.StartNew();
        var sent = new MemoryStream();
        while (!stalled.IsReset() && watch.Elapsed < TimeSpan.FromSeconds(30))
        {
            var before = healthy.Bytes.Length;
            await encoder.SendAsync(picture);
            sent.Write(picture);
            await Eventually.TrueAsync(() => healthy.Bytes.Length >= sent.Length);
        }

        Assert.True(stalled.IsReset());
        await Eventually.TrueAsync(() => metrics.Lines.Contains("liverobot.relay.viewer.ended 1 medium=video reason=too_slow"));
        await Eventually.TrueAsync(() => metrics.Sum("liverobot.relay.viewer.skips") > 0 && metrics.Sum("liverobot.relay.viewer.dropped") > 0);
        await encoder.SendAsync(picture);
        sent.Write(picture);
        await Eventually.TrueAsync(() => healthy.Bytes.Length >= sent.Length);
        Assert.True(healthy.Bytes.AsSpan().EndsWith(sent.ToArray()));
    }

    [Fact]
    public async Task A_viewer_who_answers_no_ping_is_dropped_and_who_answers_stays()
    {
        await using var server = await RelayServer.StartAsync(("ViewerPingInterval", "00:00:00.500"));
        using var metrics = new RecordedMetrics(server.Get<IMeterFactory>());
        await using var present = await server.WatchAsync();
        using var gone = await RawViewer.ConnectAsync(server.ViewerUrl());

        await Eventually.TrueAsync(gone.IsReset);
        await Eventually.TrueAsync(() => metrics.Lines.Contains("liverobot.relay.viewer.ended 1 medium=video reason=no_pong"));

        await Task.Delay(1500);
        Assert.False(present.Ended);
    }

    [Fact]
    public async Task A_viewer_who_falls_behind_goes_on_with_a_keyframe()
    {
        await using var server = await RelayServer.StartAsync(("MaxViewerDelay", "00:00:00.200"));
        var pieces = FramePieces(await SampleStreams.Mpeg1Async());
        using var slow = await RawViewer.ConnectAsync(server.ViewerUrl());
        await using var healthy = await server.WatchAsync();
        await using var encoder = await TestEncoder.ConnectAsync(server.IngestUrl());
        for (var round = 0; round < 60; round++)
        {
            await SendAsync(encoder, pieces);
        }

        await Task.Delay(300);
        await SendAsync(encoder, pieces);
        var received = slow.ReadAsync(TimeSpan.FromSeconds(1));
        await SendAsync(encoder, pieces);
        await encoder.FinishAsync();
        await received;
        var (messages, _) = slow.Frames();

        // Whole messages, and after what was missed a keyframe: the decoder complains of nothing but the jump in time.
        Assert.True(messages.Sum(message => message.Length) < healthy.Bytes.Length / 2);
        var (decoded, errors) = await Ffmpeg.DecodeAsync([.. messages.SelectMany(message => message)]);
        Assert.True(decoded > 50);
        Assert.DoesNotContain(errors.Split('\n'), line => line.Contains("mpeg1video", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_picture_goes_on_when_the_encoder_is_killed_and_comes_again()
    {
        await using var server = await RelayServer.StartAsync();
        await using var viewer = await server.WatchAsync();
        for (var round = 0; round < 5; round++)
        {
            var seen = viewer.Count;
            await using var encoder = Ffmpeg.Run($"{Ffmpeg.TestPicture()} {server.IngestUrl()}");
            await Eventually.TrueAsync(() => viewer.Count > seen + 10);
        }

        Assert.False(viewer.Ended);
    }

    [Fact]
    public async Task Fifty_encoders_cut_off_in_the_middle_of_a_frame_and_as_many_wrong_keys_spoil_no_picture()
    {
        // A cut connection may be noticed only after the next one has come.
        await using var server = await RelayServer.StartAsync(("TakeOversPerMinute", "50"));
        var picture = await SampleStreams.Mpeg1Async();
        await using var viewer = await server.WatchAsync();
        for (var round = 0; round < 50; round++)
        {
            await using var wrong = await TestEncoder.ConnectAsync(server.IngestUrl(streamKey: "wrong"));
            await using var encoder = await TestEncoder.ConnectAsync(server.IngestUrl());
            var seen = viewer.Count;

            // Into the middle of a packet, so in the middle of a frame.
            var whole = picture.Length / 2 / TsPacket.Size * TsPacket.Size;
            await encoder.SendAsync(picture.AsMemory(0, whole + 1 + round));
            await Eventually.TrueAsync(() => viewer.Count > seen + 20);
        }

        await using var last = await TestEncoder.ConnectAsync(server.IngestUrl());
        await last.SendAsync(picture);
        await last.FinishAsync();
        await last.ReadToCloseAsync();
        await Eventually.TrueAsync(() => viewer.Bytes.AsSpan().EndsWith(picture.AsSpan(picture.Length - TsPacket.Size)));

        var (decoded, errors) = await Ffmpeg.DecodeAsync(viewer.Bytes);
        Assert.True(decoded >= 50 * 20);
        Assert.DoesNotContain(errors.Split('\n'), line => line.Contains("mpeg1video", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Frames_are_whole_messages_whatever_pieces_the_encoder_sends()
    {
        var picture = await SampleStreams.Mpeg1Async();
        foreach (var size in new[] { 1, 100, 188, 1316, 5000, 100_000 })
        {
            await using var server = await RelayServer.StartAsync(("FrameEndTimeout", "00:00:00.200"));
            await using var viewer = await server.WatchAsync();
            await using var encoder = await TestEncoder.ConnectAsync(server.IngestUrl());

            var part = size == 1 ? picture.AsMemory(0, 20_000) : picture;
            for (var offset = 0; offset < part.Length; offset += size)
            {
                await encoder.SendAsync(part.Slice(offset, Math.Min(size, part.Length - offset)));
            }

            await encoder.FinishAsync();
            await encoder.ReadToCloseAsync();
            var expected = Frames(part.ToArray()).Count;
            await Eventually.TrueAsync(() => viewer.Count >= expected + 1);
            Assert.Equal(expected + 1, viewer.Count);
        }
    }

    [Fact]
    public async Task Garbage_does_not_disturb_and_the_picture_comes_back_after_it()
    {
        var picture = await SampleStreams.Mpeg1Async();
        var garbage = new byte[500_000];
        new Random(1).NextBytes(garbage);
        await using var server = await RelayServer.StartAsync(("MaxBytesBeforeStream", "1000000"));
        await using var viewer = await server.WatchAsync();
        await using var encoder = await TestEncoder.ConnectAsync(server.IngestUrl());

        await encoder.SendAsync(garbage);
        await encoder.SendAsync(picture);
        await encoder.SendAsync(garbage);
        await encoder.SendAsync(picture);
        await encoder.FinishAsync();
        await encoder.ReadToCloseAsync();

        await Eventually.TrueAsync(() => viewer.Bytes.Length >= 2 * picture.Length * 95 / 100);
        Assert.All(viewer.Messages, message => Assert.Equal(TsPacket.SyncByte, message[0]));
        Assert.True(viewer.Bytes.Length < (2 * picture.Length) + 2000);
    }

    private static List<(bool IsEntryPoint, int Length)> Frames(byte[] stream)
    {
        var frames = new List<(bool, int)>();
        var reader = new TsFrameReader(
            (in TsFrame frame) =>
            {
                if (frame.Kind == StreamKind.Video)
                {
                    frames.Add((frame.IsEntryPoint, frame.Packets.Length));
                }
            },
            1_000_000);
        reader.Write(stream);
        reader.Flush();
        return frames;
    }

    /// <summary>The stream, frame by frame.</summary>
    private static List<byte[]> FramePieces(byte[] stream)
    {
        var pieces = new List<byte[]>();
        var reader = new TsFrameReader((in TsFrame frame) => pieces.Add(frame.Packets.ToArray()), 1_000_000);
        reader.Write(stream);
        reader.Flush();
        return pieces;
    }

    private static async Task SendAsync(TestEncoder encoder, List<byte[]> pieces)
    {
        foreach (var piece in pieces)
        {
            await encoder.SendAsync(piece);
        }
    }

    private static int TablesIn(byte[] message, byte[] frame) => message.AsSpan().SequenceEqual(frame) ? 0 : -1;
}
