using LiveRobot.Testing;
using LiveRobot.VideoRelay.Feeds;
using LiveRobot.VideoRelay.Viewers;

using MpegTs;

using WebSockets;

namespace LiveRobot.VideoRelay.Tests;

/// <summary>What may wait for a viewer whose connection takes nothing, at each limit and one over.</summary>
public sealed class ViewerLimitTests : IAsyncDisposable
{
    private readonly ManualClock _clock = new();
    private readonly VideoRelayOptions _options = new();
    private readonly StuckStream _stream = new();
    private readonly WebSocketConnection _connection;
    private readonly Viewer _viewer;

    public ViewerLimitTests()
    {
        _connection = new WebSocketConnection(_stream, new WebSockets.WebSocketOptions { MaxBufferedBytes = 100_000_000 }, () => { });
        _viewer = new Viewer(_connection, sideMessages: false, _options, _clock);
    }

    public async ValueTask DisposeAsync()
    {
        _stream.Release();
        _connection.Abort();
        await _connection.DisposeAsync();
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    public void Offer_UpToTheLimitInBytes_WaitsAndOneOverSkips(int over, int skips)
    {
        var frame = Frame(isEntryPoint: false);
        _options.MaxViewerBytes = (3 * frame.Length) - over;
        _viewer.Offer(Frame(isEntryPoint: true));

        for (var count = 0; count < 3; count++)
        {
            _viewer.Offer(frame);
        }

        Assert.Equal(skips, _viewer.Skips);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    public void Offer_UpToTheLimitInTime_WaitsAndOneTickOverSkips(int over, int skips)
    {
        _viewer.Offer(Frame(isEntryPoint: true));
        _viewer.Offer(Frame(isEntryPoint: false));

        _clock.Advance(_options.MaxViewerDelay + TimeSpan.FromTicks(over));
        _viewer.Offer(Frame(isEntryPoint: false));

        Assert.Equal(skips, _viewer.Skips);
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    public void Offer_ToWhoTakesNothing_SaysToDisconnectAtTheLimit(int ticks, bool stays)
    {
        Assert.True(_viewer.Offer(Frame(isEntryPoint: true)));

        _clock.Advance(_options.ViewerStallTimeout + TimeSpan.FromTicks(ticks));

        Assert.Equal(stays, _viewer.Offer(Frame(isEntryPoint: false)));
    }

    [Fact]
    public async Task Offer_AfterASkip_GoesOnWithAKeyframeAndItsTables()
    {
        _viewer.Offer(Frame(isEntryPoint: true, fill: 1));
        _viewer.Offer(Frame(isEntryPoint: false, fill: 2));
        _clock.Advance(_options.MaxViewerDelay + TimeSpan.FromTicks(1));
        _viewer.Offer(Frame(isEntryPoint: false, fill: 3));
        _viewer.Offer(Frame(isEntryPoint: true, fill: 4));
        _viewer.Offer(Frame(isEntryPoint: false, fill: 5));

        _stream.Release();

        await Eventually.TrueAsync(() => _stream.Fills.EndsWith('5'));
        Assert.Equal("145", _stream.Fills);
        Assert.Equal(1, _viewer.Skips);
        var delivery = _viewer.TakeDelivery();
        Assert.Equal((1, 2), (delivery.Skips, delivery.DroppedFrames));
        Assert.True(delivery.Bytes > 3000);
        Assert.Equal(default, _viewer.TakeDelivery());
    }

    private FeedFrame Frame(bool isEntryPoint, byte fill = 0)
    {
        var packets = new byte[1000];
        Array.Fill(packets, fill);
        return new FeedFrame(
            new TsFrame { Packets = packets, Kind = StreamKind.Video, IsStart = true, IsEntryPoint = isEntryPoint, Pts = 0, Dts = 0 },
            new FeedDescription("mpeg1video", null, 320, 240, 25),
            _clock.GetTimestamp(),
            clock: null);
    }

    /// <summary>A connection that takes nothing until it is released, and remembers with what each message was filled.</summary>
    private sealed class StuckStream : MemoryStream
    {
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<byte> _bytes = [];

        /// <summary>Gets the filling of the messages so far, without what stands in their headers and tables.</summary>
        public string Fills
        {
            get
            {
                lock (_bytes)
                {
                    return string.Concat(Enumerable.Range(1, 9).Select(fill => (byte)fill).Where(fill => _bytes.Count(value => value == fill) >= 900));
                }
            }
        }

        public void Release() => _released.TrySetResult();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await _released.Task.WaitAsync(cancellationToken);
            lock (_bytes)
            {
                _bytes.AddRange(buffer.Span);
            }
        }
    }
}
