using System.Diagnostics;

using LiveRobot.Testing;
using LiveRobot.VideoRelay.Feeds;

namespace LiveRobot.VideoRelay.Tests;

/// <summary>Those who read slowly or not at all: what they get, and that nobody else notices.</summary>
public sealed class FairnessTests
{
    private static readonly TimeSpan Old = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(4)]
    [InlineData(30)]
    public async Task Who_stops_reading_and_resumes_sees_a_keyframe_and_nothing_old_behind_what_was_under_way(int seconds)
    {
        Assert.SkipUnless(seconds < 10 || RandomInput.IsLong, "A long test: ./test.sh --long runs it.");
        await using var server = await RelayServer.StartAsync(("ViewerStallTimeout", "01:00:00"), ("ViewerPingInterval", "01:00:00"));
        await using var healthy = await server.WatchAsync();
        using var stopped = await RawViewer.ConnectAsync(server.ViewerUrl());
        await using var encoder = Ffmpeg.Run($"{Ffmpeg.TestPicture("mpeg1video -b:v 3000k -bf 0", size: "640x480")} {server.IngestUrl()}");
        await Eventually.TrueAsync(() => healthy.Count > 10);

        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var resumed = Stopwatch.GetTimestamp();
        var before = healthy.Count;
        var reading = stopped.ReadAsync(TimeSpan.FromMinutes(1), until: () => healthy.Count > before + 50);
        await reading;
        await encoder.TerminateAsync();

        // Tables come before each keyframe that somebody begins with; what both got is told apart by its bytes.
        var messages = stopped.Frames().Messages;
        await Eventually.TrueAsync(() => healthy.Count > before + 50);
        var ages = healthy.Messages.Zip(healthy.Arrivals)
            .GroupBy(message => Convert.ToHexString(message.First))
            .ToDictionary(same => same.Key, same => Stopwatch.GetElapsedTime(same.Last().Second, resumed));
        var seen = messages.Select(message => (Length: message.Length, Age: ages.GetValueOrDefault(Convert.ToHexString(message)))).ToList();
        var stale = seen.TakeWhile(message => message.Age > Old || message.Age == default).ToList();
        Assert.DoesNotContain(seen.Skip(stale.Count), message => message.Age > Old);
        Assert.True(seen.Count > stale.Count + 20, $"{seen.Count} messages, {stale.Count} of them stale");

        // What the kernels hold, and one frame that had begun; it would be the whole time that was missed.
        Assert.InRange(stale.Sum(message => message.Length), 0, 65_536 + 150_000);
        var (_, errors) = await Ffmpeg.DecodeAsync([.. messages.SelectMany(message => message)]);
        Assert.DoesNotContain(errors.Split('\n'), line => line.Contains("mpeg1video", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Fifty_who_do_not_read_keep_no_byte_from_the_others()
    {
        var picture = await SampleStreams.Mpeg1Async();

        // Who reads may be late, as everything is on a busy machine; who does not is still full long before the end.
        await using var server = await RelayServer.StartAsync(("MaxViewerDelay", "00:00:30"), ("MaxViewerBytes", "2000000"));
        var stalled = new List<RawViewer>();
        try
        {
            for (var number = 0; number < 50; number++)
            {
                stalled.Add(await RawViewer.ConnectAsync(server.ViewerUrl()));
            }

            await using var one = await server.WatchAsync();
            await using var encoder = await TestEncoder.ConnectAsync(server.IngestUrl());
            await using var other = await server.WatchAsync();
            var sent = 0L;
            for (var round = 0; round < 15; round++)
            {
                await encoder.SendAsync(picture);
                sent += picture.Length;
                await Eventually.TrueAsync(() => one.Length >= sent && other.Length >= sent);
            }

            Assert.True(one.Bytes.AsSpan().EndsWith(picture));
            Assert.Equal(one.Bytes, other.Bytes);
        }
        finally
        {
            stalled.ForEach(viewer => viewer.Dispose());
        }
    }

    [Theory]
    [InlineData(Medium.Video)]
    [InlineData(Medium.Audio)]
    public async Task The_kernel_holds_as_much_as_it_may_for_who_does_not_read_and_hardly_more(Medium medium)
    {
        Assert.InRange(await HeldAsync(medium, 4096), 1, 250_000);
        Assert.InRange(await HeldAsync(medium, 1_000_000), 500_000, 1_500_000);
    }

    /// <summary>What somebody still gets who reads nothing while much is sent, when hardly anything waits outside the kernels.</summary>
    private static async Task<long> HeldAsync(Medium medium, int limit)
    {
        var picture = await SampleStreams.Mpeg1Async();
        await using var server = await RelayServer.StartAsync(($"MaxUnsent{medium}Bytes", $"{limit}"), ("MaxViewerBytes", "188"), ("ViewerStallTimeout", "01:00:00"));
        await using var encoder = await TestEncoder.ConnectAsync(server.IngestUrl(medium));
        using var stalled = await RawViewer.ConnectAsync(server.ViewerUrl(medium));
        await Eventually.TrueAsync(() => Feed() is { Viewers: 1 });
        for (var round = 0; round < 10; round++)
        {
            await encoder.SendAsync(picture);
        }

        await Eventually.TrueAsync(() => Feed()!.Bytes >= 9.5 * picture.Length);
        await stalled.ReadAsync(TimeSpan.FromSeconds(2));
        return stalled.Received;

        FeedInfo? Feed() => server.Get<FeedDirectory>().Find(server.Camera.CameraId, medium);
    }
}
