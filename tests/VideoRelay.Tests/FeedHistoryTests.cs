using LiveRobot.Testing;
using LiveRobot.VideoRelay.Feeds;

using MpegTs;

namespace LiveRobot.VideoRelay.Tests;

public sealed class FeedHistoryTests
{
    private const int FrameLength = 1000;

    /// <summary>The header of a WebSocket message of this length.</summary>
    private const int HeaderLength = 4;

    private readonly ManualClock _clock = new();
    private readonly VideoRelayOptions _options = new();

    [Fact]
    public void Add_BeforeAKeyframe_RemembersNothing()
    {
        var history = NewHistory();

        for (var count = 0; count < 10_000; count++)
        {
            history.Add(Frame(isEntryPoint: false));
        }

        Assert.Empty(history.Frames);
        Assert.False(history.ReachesNow);
    }

    [Fact]
    public void Add_WithoutAnotherKeyframe_RemembersNeverMoreThanTheLimit()
    {
        var history = NewHistory();
        history.Add(Frame(isEntryPoint: true));

        for (var count = 0; count < 10_000; count++)
        {
            history.Add(Frame(isEntryPoint: false));
            Assert.True(history.Frames.Sum(frame => (long)frame.Length) <= _options.MaxBurstBytes || count == 0);
        }

        Assert.Single(history.Frames);
    }

    [Fact]
    public void Add_FromAKeyframeOn_RemembersAll()
    {
        var history = NewHistory();
        FeedFrame[] frames = [Frame(isEntryPoint: true), Frame(isEntryPoint: false), Frame(isEntryPoint: false)];

        Array.ForEach(frames, history.Add);

        Assert.Equal(frames, history.Frames);
        Assert.True(history.ReachesNow);
    }

    [Fact]
    public void Add_TheNextKeyframe_ForgetsWhatWasBefore()
    {
        var history = NewHistory();
        history.Add(Frame(isEntryPoint: true));
        history.Add(Frame(isEntryPoint: false));
        var next = Frame(isEntryPoint: true);

        history.Add(next);

        Assert.Equal([next], history.Frames);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Add_UpToTheLimitInBytes_RemembersAllAndOneOverOnlyTheKeyframe(int over, bool all)
    {
        _options.MaxBurstBytes = (3 * (FrameLength + HeaderLength)) - over;
        var history = NewHistory();
        var keyframe = Frame(isEntryPoint: true);

        Array.ForEach([keyframe, Frame(isEntryPoint: false), Frame(isEntryPoint: false)], history.Add);

        Assert.Equal(all ? 3 : 1, history.Frames.Count);
        Assert.Same(keyframe, history.Frames[0]);
        Assert.Equal(all, history.ReachesNow);
    }

    [Fact]
    public void Add_LongAfterTheKeyframe_StillRemembersAll()
    {
        var history = NewHistory();
        history.Add(Frame(isEntryPoint: true));
        _clock.Advance(TimeSpan.FromSeconds(10));

        history.Add(Frame(isEntryPoint: false));

        Assert.Equal(2, history.Frames.Count);
        Assert.True(history.ReachesNow);
    }

    [Fact]
    public void Keyframe_OfAKeyframeInPieces_HasTheTablesAndAllPieces()
    {
        var history = NewHistory();
        Assert.Null(history.Keyframe());
        Array.ForEach([Frame(isEntryPoint: true), Frame(isEntryPoint: false, isStart: false), Frame(isEntryPoint: false)], history.Add);

        Assert.Equal(2 * FrameLength, history.Keyframe()!.Length);
    }

    [Fact]
    public void Add_KeyframeInPieces_IsKeptWhole()
    {
        var history = NewHistory();
        _options.MaxBurstBytes = (3 * (FrameLength + HeaderLength)) - 1;
        FeedFrame[] keyframe = [Frame(isEntryPoint: true), Frame(isEntryPoint: false, isStart: false)];
        Array.ForEach(keyframe, history.Add);

        history.Add(Frame(isEntryPoint: false));

        Assert.Equal(keyframe, history.Frames);
    }

    [Fact]
    public void Add_KeyframeLargerThanTheLimit_RemembersNothing()
    {
        _options.MaxBurstBytes = FrameLength;
        var history = NewHistory();

        history.Add(Frame(isEntryPoint: true));

        Assert.Empty(history.Frames);
        Assert.False(history.ReachesNow);
    }

    [Fact]
    public void Defaults_AreThoseThatAreDocumented()
    {
        Assert.Equal(1_000_000, _options.MaxBurstBytes);
        Assert.Equal(TimeSpan.FromSeconds(30), _options.IngestIdleTimeout);
        Assert.Equal(5, _options.TakeOversPerMinute);
        Assert.Equal(10, _options.WrongKeysPerMinute);
        Assert.Equal(256_000, _options.MaxBytesBeforeStream);
        Assert.Equal(TimeSpan.FromMilliseconds(2), _options.FrameEndTimeout);
        Assert.Equal(TimeSpan.FromSeconds(1), _options.MaxViewerDelay);
        Assert.Equal(TimeSpan.FromSeconds(10), _options.ViewerStallTimeout);
        Assert.Equal(TimeSpan.FromSeconds(30), _options.ViewerPingInterval);
        Assert.Equal(1_000_000, _options.MaxFrameBytes);
        Assert.Equal(4_000_000, _options.MaxViewerBytes);
        Assert.Equal(65_536, _options.MaxUnsentVideoBytes);
        Assert.Equal(8_192, _options.MaxUnsentAudioBytes);
    }

    private FeedHistory NewHistory() => new(_options);

    private FeedFrame Frame(bool isEntryPoint, bool isStart = true) => new(
        new TsFrame { Packets = new byte[FrameLength], Kind = StreamKind.Video, IsStart = isStart, IsEntryPoint = isEntryPoint, Pts = 0, Dts = 0 },
        new FeedDescription("mpeg1video", null, 320, 240, 25),
        _clock.GetTimestamp(),
        clock: null);
}
