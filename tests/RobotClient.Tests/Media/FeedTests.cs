using LiveRobot.RobotClient.Media;
using LiveRobot.Testing;

using Microsoft.Extensions.Logging;

namespace LiveRobot.RobotClient.Tests.Media;

public sealed class FeedTests : IAsyncLifetime
{
    private readonly string _key = "key" + Guid.NewGuid().ToString("N");
    private readonly LogList<Feed> _log = new();
    private readonly List<bool> _sending = [];
    private readonly CancellationTokenSource _end = new();
    private readonly DemoPicture _picture = new();
    private RobotServer _server = null!;
    private Feed _feed = null!;
    private Task _running = Task.CompletedTask;
    private string _size = "320/240";
    private int _plans;

    public async ValueTask InitializeAsync()
    {
        _server = await RobotServer.StartAsync();
        _feed = new Feed("video", "ffmpeg", PlanAsync, TimeProvider.System, _log) { SendingChanged = _sending.Add };
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running;
        await _server.DisposeAsync();
        _picture.Dispose();
        _end.Dispose();
    }

    [Fact]
    public async Task Video_AsTheRelayGetsIt_IsMpeg1WithoutBFrames()
    {
        Start();

        await Eventually.TrueAsync(() => _server.Ingests is [{ Length: > 150_000 }]);
        var bytes = _server.Ingests[0].Bytes;
        var video = await Judge.ProbeAsync(bytes);
        var pictures = await Judge.PictureTypesAsync(bytes);

        Assert.Equal("mpeg1video", video["codec_name"]);
        Assert.Equal(("320", "240", "25/1"), (video["width"], video["height"], video["r_frame_rate"]));
        Assert.DoesNotContain('B', pictures);
        Assert.StartsWith("I" + new string('P', 24) + "I", pictures);
        Assert.Equal($"/{_key}/320/240/", _server.Ingests[0].Path);
    }

    [Fact]
    public async Task Sending_OnceItRuns_IsToldOnce()
    {
        Start();

        await Eventually.TrueAsync(() => _sending.Count > 0);

        Assert.Equal([true], _sending);
    }

    [Fact]
    public async Task Ffmpeg_WhenKilled_IsStartedAgain()
    {
        Start();
        await Eventually.TrueAsync(() => _sending is [true]);

        TestProcesses.Kill(TestProcesses.FfmpegsWith(_key).Single());

        await Eventually.TrueAsync(() => _sending is [true, false, true]);
        await Eventually.TrueAsync(() => _server.Ingests is [_, { Length: > 0 }]);
    }

    [Fact]
    public async Task Refresh_WithTheSamePlan_LeavesFfmpegAlone()
    {
        Start();
        await Eventually.TrueAsync(() => _sending is [true]);
        var before = TestProcesses.FfmpegsWith(_key).Single();
        var planned = _plans;

        _feed.Refresh();

        await Eventually.TrueAsync(() => _plans > planned);
        var length = _server.Ingests[0].Length;
        await Eventually.TrueAsync(() => _server.Ingests[0].Length > length);
        Assert.Equal(before, TestProcesses.FfmpegsWith(_key).Single());
    }

    [Fact]
    public async Task Refresh_WithAnotherPlan_ReplacesFfmpegAtOnceAndInOrder()
    {
        Start();

        // An ffmpeg that is told to end while it still begins does not end its stream in order.
        await Eventually.TrueAsync(() => _sending is [true] && _server.Ingests is [{ Length: > 10_000 }]);

        _size = "160/120";
        _feed.Refresh();

        await Eventually.TrueAsync(() => _server.Ingests is [{ HasEnded: true }, { Length: > 0 }]);
        Assert.False(_server.Ingests[0].WasCut);
        Assert.Equal($"/{_key}/160/120/", _server.Ingests[1].Path);
        Assert.Equal([true], _sending);
    }

    [Fact]
    public async Task Enable_Off_EndsFfmpegUntilItIsOnAgain()
    {
        Start();
        await Eventually.TrueAsync(() => _sending is [true]);

        _feed.Enable(false);
        await Eventually.TrueAsync(() => _sending is [true, false] && TestProcesses.With(_key).Count == 0);

        _feed.Enable(true);
        await Eventually.TrueAsync(() => _sending is [true, false, true]);
    }

    [Theory]
    [InlineData(403, "wrong stream key (403)")]
    [InlineData(409, "another program is sending with the same stream key (409)")]
    [InlineData(500, "HTTP status 500")]
    public async Task Refusal_OverAndOver_IsToldOnceInClearWords(int status, string words)
    {
        _server.Refusal = status;

        Start();

        await Eventually.TrueAsync(() => _server.Requests.Count(path => path.Contains(_key, StringComparison.Ordinal)) >= 3);
        var (level, message) = Assert.Single(_log.Entries);
        Assert.Equal(LogLevel.Error, level);
        Assert.Contains(words, message);
        Assert.Empty(_sending);
    }

    [Fact]
    public async Task Refusal_ThatEnds_LetsTheFeedThrough()
    {
        _server.Refusal = 403;
        Start();
        await Eventually.TrueAsync(() => _log.Entries.Count > 0);

        _server.Refusal = null;

        await Eventually.TrueAsync(() => _sending is [true]);
    }

    [Fact]
    public async Task Cancel_WhileSending_LeavesNoProcessAndEndsTheIngestInOrder()
    {
        Start();
        await Eventually.TrueAsync(() => _sending is [true]);

        await _end.CancelAsync();
        await _running;

        await Eventually.TrueAsync(() => TestProcesses.With(_key).Count == 0);
        await Eventually.TrueAsync(() => _server.Ingests[0].HasEnded);
        Assert.False(_server.Ingests[0].WasCut);
        Assert.Equal([true, false], _sending);
    }

    private void Start() => _running = _feed.RunAsync(_end.Token);

    private Task<FeedPlan?> PlanAsync(CancellationToken cancellationToken)
    {
        _plans++;
        var sides = _size.Split('/');
        var input = DemoPicture.Input(new(int.Parse(sides[0]), int.Parse(sides[1])));
        var ingest = new Uri(_server.Address, $"{_key}/{_size}/");
        return Task.FromResult<FeedPlan?>(new FeedPlan(FfmpegArguments.Video(input, 500, ingest), _picture.Directory));
    }
}
