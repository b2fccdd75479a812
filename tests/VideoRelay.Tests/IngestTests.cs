using System.Diagnostics.Metrics;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;
using LiveRobot.VideoRelay.Feeds;

using Microsoft.Extensions.Options;

using MpegTs;

namespace LiveRobot.VideoRelay.Tests;

/// <summary>What encoders may do, and what they are told.</summary>
public sealed class IngestTests
{
    private const string WrongKey = "wrongwrongwrongwrongwrongw";

    [Fact]
    public async Task Ffmpeg_with_a_wrong_key_ends_at_once_and_nobody_sees_its_picture()
    {
        await using var server = await RelayServer.StartAsync();
        await using var viewer = await server.WatchAsync();
        await using var warmUp = Ffmpeg.Run($"{Ffmpeg.TestPicture()} -frames:v 1 {server.IngestUrl()}");
        Assert.Equal((0, ""), await warmUp.WaitAsync(TimeSpan.FromSeconds(30)));
        // The tables and the frame.
        await Eventually.TrueAsync(() => viewer.Count == 2);

        await using var encoder = Ffmpeg.Run($"{Ffmpeg.TestPicture()} {server.IngestUrl(streamKey: WrongKey)}");
        var (exitCode, errors) = await encoder.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.NotEqual(0, exitCode);
        Assert.Contains("Broken pipe", errors, StringComparison.Ordinal);
        Assert.Equal(2, viewer.Count);
    }

    [Fact]
    public async Task A_wrong_key_is_answered_with_403_and_a_closed_connection()
    {
        await using var server = await RelayServer.StartAsync();
        await using var encoder = await TestEncoder.ConnectAsync(server.IngestUrl(streamKey: WrongKey));

        var answer = await encoder.ReadToCloseAsync();

        Assert.StartsWith("HTTP/1.1 403 ", answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(WrongKey, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_wrong_keys_from_an_address_are_answered_with_429_and_when_to_come_again()
    {
        await using var server = await RelayServer.StartAsync(("WrongKeysPerMinute", "3"));
        for (var number = 0; number < 3; number++)
        {
            Assert.StartsWith("HTTP/1.1 403 ", await AnswerAsync(server, $"wrong{number}"), StringComparison.Ordinal);
        }

        var answer = await AnswerAsync(server, "wrong3");

        Assert.StartsWith("HTTP/1.1 429 ", answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
        Assert.Matches("Retry-After: ([1-9]|[1-5][0-9]|60)\r\n", answer);

        // Not even looked up: who guesses does not learn that a guess is right.
        Assert.StartsWith("HTTP/1.1 429 ", await AnswerAsync(server, server.StreamKey), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_robot_that_repeats_its_one_wrong_key_does_not_keep_out_its_neighbour()
    {
        await using var server = await RelayServer.StartAsync(("WrongKeysPerMinute", "3"));
        for (var number = 0; number < 3; number++)
        {
            Assert.StartsWith("HTTP/1.1 403 ", await AnswerAsync(server, WrongKey), StringComparison.Ordinal);
        }

        Assert.StartsWith("HTTP/1.1 429 ", await AnswerAsync(server, WrongKey), StringComparison.Ordinal);
        await using var viewer = await server.WatchAsync();
        await using var neighbour = await SendingAsync(server, await SampleStreams.Mpeg1Async(), viewer);
    }

    [Theory]
    [InlineData("POST", "/640/480/")]
    [InlineData("POST", "/640/480")]
    [InlineData("PUT", "/640/480/")]
    [InlineData("PUT", "/None/None")]
    public async Task Every_form_of_request_is_taken(string method, string path)
    {
        var picture = await SampleStreams.Mpeg1Async();
        await using var server = await RelayServer.StartAsync();
        await using var viewer = await server.WatchAsync();
        await using var encoder = await TestEncoder.ConnectAsync($"http://127.0.0.1:{server.VideoPort}/{server.StreamKey}{path}", method);

        await encoder.SendAsync(picture);
        await encoder.FinishAsync();
        var answer = await encoder.ReadToCloseAsync();

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => viewer.Bytes.Length >= picture.Length);
    }

    [Fact]
    public async Task A_hundred_megabytes_go_through_one_request()
    {
        const int Wanted = 100_000_000;
        var picture = await SampleStreams.Mpeg1Async();
        await using var server = await RelayServer.StartAsync();
        using var received = new ByteCounter(server.Get<IMeterFactory>());
        await using var encoder = await TestEncoder.ConnectAsync(server.IngestUrl());

        var sent = 0L;
        for (; sent < Wanted; sent += picture.Length)
        {
            await encoder.SendAsync(picture);
        }

        await encoder.FinishAsync();
        var answer = await encoder.ReadToCloseAsync();

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.Equal(sent, received.Bytes);
    }

    [Fact]
    public async Task An_encoder_that_pauses_is_not_cut_off_for_its_data_rate()
    {
        // The framework's own limit is 240 bytes per second after 5 seconds of grace.
        var picture = await SampleStreams.Mpeg1Async();
        await using var server = await RelayServer.StartAsync();
        await using var viewer = await server.WatchAsync();
        await using var encoder = await TestEncoder.ConnectAsync(server.IngestUrl());

        await encoder.SendAsync(picture);
        await Task.Delay(TimeSpan.FromSeconds(8));
        await encoder.SendAsync(picture);

        await Eventually.TrueAsync(() => viewer.Bytes.Length >= 2 * picture.Length * 9 / 10);
    }

    [Fact]
    public async Task An_encoder_that_sends_nothing_for_too_long_is_closed()
    {
        await using var server = await RelayServer.StartAsync(("IngestIdleTimeout", "00:00:01"));
        await using var encoder = await TestEncoder.ConnectAsync(server.IngestUrl());
        await encoder.SendAsync(await SampleStreams.Mpeg1Async());

        var answer = await encoder.ReadToCloseAsync();

        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Null(server.Get<FeedDirectory>().Find(server.Camera.CameraId, Medium.Video));
    }

    [Fact]
    public async Task Raw_video_is_told_that_it_is_no_transport_stream()
    {
        var raw = await Ffmpeg.MakeAsync("-f lavfi -i testsrc2=size=320x240:rate=25 -t 4 -c:v mpeg1video -b:v 1600k -f mpeg1video");
        await using var server = await RelayServer.StartAsync(("MaxBytesBeforeStream", $"{raw.Length - 1}"));
        await using var encoder = await TestEncoder.ConnectAsync(server.IngestUrl());
        await encoder.SendAsync(raw);

        var answer = await encoder.ReadToCloseAsync();

        Assert.StartsWith("HTTP/1.1 415 ", answer, StringComparison.Ordinal);
        Assert.Contains("-f mpegts", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Raw_video_up_to_the_limit_is_only_waited_for()
    {
        var raw = await Ffmpeg.MakeAsync("-f lavfi -i testsrc2=size=320x240:rate=25 -t 4 -c:v mpeg1video -b:v 1600k -f mpeg1video");
        await using var server = await RelayServer.StartAsync(("MaxBytesBeforeStream", $"{raw.Length}"));
        await using var encoder = await TestEncoder.ConnectAsync(server.IngestUrl());
        await encoder.SendAsync(raw);
        await encoder.FinishAsync();

        Assert.StartsWith("HTTP/1.1 200 ", await encoder.ReadToCloseAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Packets_of_streams_that_no_table_names_are_counted_and_never_kept()
    {
        var stray = new byte[200 * 188];
        for (var packet = 0; packet < 200; packet++)
        {
            (stray[packet * 188], stray[(packet * 188) + 1], stray[(packet * 188) + 2], stray[(packet * 188) + 3]) = (0x47, 0x01, 0x23, (byte)(0x10 | (packet & 15)));
        }

        var picture = await SampleStreams.Mpeg1Async();
        await using var server = await RelayServer.StartAsync();
        await using var viewer = await server.WatchAsync();
        await using var encoder = await SendingAsync(server, picture, viewer);
        for (var round = 0; round < 100; round++)
        {
            await encoder.SendAsync(stray);
        }

        await encoder.SendAsync(picture);
        await Eventually.TrueAsync(() => viewer.Length >= 2 * picture.Length);
        Assert.InRange(viewer.Length, 2 * picture.Length, (2 * picture.Length) + 1000);
        Assert.True(server.Get<FeedDirectory>().Find(server.Camera.CameraId, Medium.Video)!.Errors.UnknownPackets >= 20_000);
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 3)]
    public async Task A_frame_up_to_the_limit_is_one_message_and_a_longer_one_more(int packetsOver, int messages)
    {
        // The keyframe is the longest, and the first of its bytes are its own tables.
        var picture = await SampleStreams.Mpeg1Async();
        await using var server = await RelayServer.StartAsync();
        await using var viewer = await server.WatchAsync();
        await using var encoder = await SendingAsync(server, picture, viewer);
        await Eventually.TrueAsync(() => viewer.Count > 2);
        var keyframe = viewer.Messages[1];

        await using var limited = await RelayServer.StartAsync(("MaxFrameBytes", $"{keyframe.Length - (packetsOver * TsPacket.Size)}"));
        await using var other = await limited.WatchAsync();
        await using var second = await TestEncoder.ConnectAsync(limited.IngestUrl());
        await second.SendAsync(picture.AsMemory(0, picture.AsSpan().IndexOf(keyframe.AsSpan()[^TsPacket.Size..]) + TsPacket.Size));
        await second.FinishAsync();
        await second.ReadToCloseAsync();

        await Eventually.TrueAsync(() => other.Count >= messages);
        Assert.Equal(messages, other.Count);
        Assert.Equal(keyframe, other.Messages.Skip(1).SelectMany(message => message));
    }

    [Fact]
    public async Task The_newest_encoder_wins_and_the_older_one_is_closed()
    {
        await using var server = await RelayServer.StartAsync();
        await using var viewer = await server.WatchAsync();
        await using var older = Ffmpeg.Run($"{Ffmpeg.TestPicture(size: "320x240")} {server.IngestUrl()}");
        await Eventually.TrueAsync(() => viewer.Count > 5);
        var seen = viewer.Count;

        await using var newer = Ffmpeg.Run($"{Ffmpeg.TestPicture(size: "160x120")} {server.IngestUrl()}");
        var (exitCode, _) = await older.WaitAsync(TimeSpan.FromSeconds(30));
        await Eventually.TrueAsync(() => server.Get<FeedDirectory>().Find(server.Camera.CameraId, Medium.Video) is { Width: 160 });
        var atTakeOver = viewer.Count;
        await Eventually.TrueAsync(() => viewer.Count > atTakeOver + 25);

        Assert.NotEqual(0, exitCode);
        Assert.False(newer.HasExited);
        Assert.Equal(VideoState.Flowing, (await server.Presence.GetAsync(server.Robot)).Video);
        Assert.True(atTakeOver >= seen);
    }

    [Fact]
    public async Task Two_encoders_that_fight_are_told_so_and_the_owner_too()
    {
        await using var server = await RelayServer.StartAsync(("TakeOversPerMinute", "2"));
        var picture = await SampleStreams.Mpeg1Async();
        await using var viewer = await server.WatchAsync();
        await using var first = await SendingAsync(server, picture, viewer);
        await using var second = await SendingAsync(server, picture, viewer);
        await using var third = await SendingAsync(server, picture, viewer);

        Assert.StartsWith("HTTP/1.1 409 ", await first.ReadToCloseAsync(), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 409 ", await second.ReadToCloseAsync(), StringComparison.Ordinal);
        Assert.Null((await server.Presence.GetAsync(server.Robot)).FeedConflict);
        await using var fourth = await TestEncoder.ConnectAsync(server.IngestUrl());
        Assert.StartsWith("HTTP/1.1 409 ", await fourth.ReadToCloseAsync(), StringComparison.Ordinal);

        Assert.Equal("video", (await server.Presence.GetAsync(server.Robot)).FeedConflict);
        var before = viewer.Count;
        await third.SendAsync(picture);
        await Eventually.TrueAsync(() => viewer.Count > before);
    }

    [Fact]
    public async Task An_encoder_that_ends_and_comes_again_takes_nothing_over()
    {
        await using var server = await RelayServer.StartAsync(("TakeOversPerMinute", "0"));
        var picture = await SampleStreams.Mpeg1Async();
        await using var viewer = await server.WatchAsync();
        for (var round = 0; round < 3; round++)
        {
            await using var encoder = await SendingAsync(server, picture, viewer);
            await encoder.FinishAsync();
            Assert.StartsWith("HTTP/1.1 200 ", await encoder.ReadToCloseAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Sound_and_picture_of_a_camera_do_not_take_each_other_over()
    {
        await using var server = await RelayServer.StartAsync(("TakeOversPerMinute", "0"));
        await using var sound = await TestEncoder.ConnectAsync(server.IngestUrl(Medium.Audio));
        await sound.SendAsync(await SampleStreams.Mp2Async());
        await using var viewer = await server.WatchAsync();

        await using var picture = await SendingAsync(server, await SampleStreams.Mpeg1Async(), viewer);

        var feeds = server.Get<FeedDirectory>();
        Assert.NotNull(feeds.Find(server.Camera.CameraId, Medium.Audio));
        Assert.NotNull(feeds.Find(server.Camera.CameraId, Medium.Video));
    }

    [Fact]
    public async Task A_replaced_stream_key_cuts_off_who_sends_with_the_old_one()
    {
        await using var server = await RelayServer.StartAsync();
        await using var viewer = await server.WatchAsync();
        await using var encoder = await SendingAsync(server, await SampleStreams.Mpeg1Async(), viewer);

        server.Bus.Publish(new StreamKeyReplaced(server.Camera.CameraId));

        Assert.StartsWith("HTTP/1.1 403 ", await encoder.ReadToCloseAsync(), StringComparison.Ordinal);
    }

    /// <summary>Whenever it comes: before its key is looked up, between that and its first frame, or later.</summary>
    [Fact]
    public async Task Nobody_slips_in_with_a_stream_key_while_it_is_replaced()
    {
        await using var server = await RelayServer.StartAsync();
        var encoders = new List<TestEncoder>();
        for (var number = 0; number < 30; number++)
        {
            encoders.Add(await TestEncoder.ConnectAsync(server.IngestUrl()));
            if (number == 15)
            {
                await server.Get<RobotDirectory>().ReplaceStreamKeyAsync(server.Camera.CameraId);
            }
        }

        foreach (var encoder in encoders)
        {
            Assert.StartsWith("HTTP/1.1 4", await encoder.ReadToCloseAsync(), StringComparison.Ordinal);
            await encoder.DisposeAsync();
        }
    }

    [Fact]
    public async Task Video_flows_while_frames_come_and_is_none_after_the_end()
    {
        await using var server = await RelayServer.StartAsync();
        await using var encoder = Ffmpeg.Run($"{Ffmpeg.TestPicture()} {server.IngestUrl()}");
        await Eventually.TrueAsync(async () => (await server.Presence.GetAsync(server.Robot)).Video == VideoState.Flowing);
        Assert.True((await server.Presence.GetAsync(server.Robot)).Live);

        await encoder.TerminateAsync();

        await Eventually.TrueAsync(async () => (await server.Presence.GetAsync(server.Robot)).Video == VideoState.None, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Sound_alone_is_no_video()
    {
        await using var server = await RelayServer.StartAsync();
        await using var viewer = await server.WatchAsync(Medium.Audio);
        await using var encoder = Ffmpeg.Run($"{Ffmpeg.TestTone} {server.IngestUrl(Medium.Audio)}");

        await Eventually.TrueAsync(() => viewer.Count > 5);

        Assert.Equal(VideoState.None, (await server.Presence.GetAsync(server.Robot)).Video);
    }

    [Fact]
    public async Task No_stream_key_comes_into_the_log()
    {
        await using var server = await RelayServer.StartAsync();
        await using var encoder = Ffmpeg.Run($"{Ffmpeg.TestPicture()} -frames:v 5 {server.IngestUrl()}");
        await encoder.WaitAsync(TimeSpan.FromSeconds(30));
        await using var refused = await TestEncoder.ConnectAsync(server.IngestUrl(streamKey: WrongKey));
        await refused.ReadToCloseAsync();

        await Eventually.TrueAsync(() => server.Log.Lines.Any(line => line.Contains("video ended (Finished)", StringComparison.Ordinal)));

        Assert.DoesNotContain(server.Log.Lines, line => line.Contains(server.StreamKey, StringComparison.Ordinal));
        Assert.DoesNotContain(server.Log.Lines, line => line.Contains(WrongKey, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_known_of_a_feed_can_be_read()
    {
        await using var server = await RelayServer.StartAsync();
        await using var encoder = Ffmpeg.Run($"{Ffmpeg.TestPicture("mpeg1video -b:v 400k -g 10")} {server.IngestUrl()}");
        FeedInfo? info = null;

        await Eventually.TrueAsync(() => (info = server.Get<FeedDirectory>().Find(server.Camera.CameraId, Medium.Video)) is { FrameRate: > 0, KeyframeInterval: not null });

        Assert.Equal("mpeg1video", info!.VideoCodec);
        Assert.Equal((320, 240), (info.Width, info.Height));
        Assert.Equal(25, info.NominalFrameRate);
        Assert.InRange(info.FrameRate, 15, 35);
        Assert.InRange(info.BitRate, 100_000, 1_500_000);
        Assert.Equal(TimeSpan.FromSeconds(0.4), info.KeyframeInterval);
        Assert.Equal(0, info.Errors.ContinuityErrors);
        Assert.Null(server.Get<FeedDirectory>().Find(server.Camera.CameraId, Medium.Audio));
    }

    [Fact]
    public async Task What_is_known_of_a_feed_is_told_to_all_services_and_as_metrics_and_ends_with_it()
    {
        await using var server = await RelayServer.StartAsync();
        await using var encoder = Ffmpeg.Run($"{Ffmpeg.TestPicture("libx264 -preset ultrafast -tune zerolatency -g 10")} {server.IngestUrl()}");
        FeedState? feed = null;

        await Eventually.TrueAsync(async () =>
            (feed = await server.Presence.GetFeedAsync(server.Camera, RobotPresence.VideoMedium)) is { FrameRate: > 0, KeyframeInterval: not null });

        Assert.Equal(("h264", 320, 240), (feed!.VideoCodec, feed.Width, feed.Height));
        Assert.Equal(0.4, feed.KeyframeInterval);
        Assert.Equal(0.4, Gauge(server, "liverobot.relay.feed.keyframe_interval"));
        Assert.Equal(0, Gauge(server, "liverobot.relay.feed.continuity_errors"));
        Assert.NotNull(Gauge(server, "liverobot.relay.feed.bit_rate"));
        Assert.NotNull(Gauge(server, "liverobot.relay.feed.frame_rate"));
        Assert.NotNull(Gauge(server, "liverobot.relay.feed.gaps"));
        await encoder.TerminateAsync();
        await Eventually.TrueAsync(async () => await server.Presence.GetFeedAsync(server.Camera, RobotPresence.VideoMedium) is null);
        Assert.Null(Gauge(server, "liverobot.relay.feed.bit_rate"));
    }

    [Theory]
    [InlineData("IngestIdleTimeout", "00:00:00")]
    [InlineData("TakeOversPerMinute", "-1")]
    [InlineData("WrongKeysPerMinute", "0")]
    [InlineData("MaxBytesBeforeStream", "0")]
    [InlineData("FrameEndTimeout", "00:00:00")]
    [InlineData("MaxFrameBytes", "187")]
    [InlineData("MaxBurstBytes", "-1")]
    [InlineData("MaxViewerDelay", "00:00:00")]
    [InlineData("MaxViewerBytes", "0")]
    [InlineData("MaxUnsentVideoBytes", "100")]
    [InlineData("MaxUnsentAudioBytes", "100")]
    [InlineData("ViewerStallTimeout", "00:00:00")]
    [InlineData("ViewerPingInterval", "00:00:00")]
    public async Task A_wrong_setting_is_refused_at_start_by_name(string setting, string value)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => RelayServer.StartAsync((setting, value)));

        Assert.Contains(setting, failure.Message, StringComparison.Ordinal);
    }

    /// <summary>What an encoder with this key is told.</summary>
    private static async Task<string> AnswerAsync(RelayServer server, string streamKey)
    {
        await using var encoder = await TestEncoder.ConnectAsync(server.IngestUrl(streamKey: streamKey));
        return await encoder.ReadToCloseAsync();
    }

    /// <summary>An encoder whose picture has been seen.</summary>
    private static async Task<TestEncoder> SendingAsync(RelayServer server, byte[] picture, TestViewer viewer)
    {
        var seen = viewer.Count;
        var encoder = await TestEncoder.ConnectAsync(server.IngestUrl());
        await encoder.SendAsync(picture);
        await Eventually.TrueAsync(() => viewer.Count > seen);
        return encoder;
    }

    /// <summary>Reads a gauge of one relay; null when it has nothing to tell.</summary>
    private static double? Gauge(RelayServer server, string name)
    {
        double? measured = null;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == name && instrument.Meter.Scope == server.Get<IMeterFactory>())
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => measured = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return measured;
    }

    /// <summary>Counts what one relay receives.</summary>
    private sealed class ByteCounter : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _bytes;

        public ByteCounter(IMeterFactory factory)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "liverobot.relay.ingest.received" && instrument.Meter.Scope == factory)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, bytes, _, _) => Interlocked.Add(ref _bytes, bytes));
            _listener.Start();
        }

        public long Bytes => Interlocked.Read(ref _bytes);

        public void Dispose() => _listener.Dispose();
    }
}
