using LiveRobot.RobotClient.Media;

namespace LiveRobot.RobotClient.Tests.Media;

/// <summary>Lines as ffmpeg 5.1 writes them.</summary>
public sealed class FfmpegReportTests
{
    private readonly FfmpegReport _report = new();

    [Fact]
    public void Add_TheOutputsDescription_MeansSending()
    {
        Assert.False(_report.Add("[info] Stream mapping:"));
        Assert.False(_report.Sending.IsCompleted);

        Assert.False(_report.Add("[info] Output #0, mpegts, to 'http://127.0.0.1:19700/ok/640/480/':"));

        Assert.True(_report.Sending.IsCompleted);
    }

    [Theory]
    [InlineData("[Parsed_drawtext_11 @ 0x560cf5258f00] [info] fontconfig: selected font", false)]
    [InlineData("[info]   Stream #0:0: Video: rawvideo", false)]
    [InlineData("[video4linux2,v4l2 @ 0x55d4692298c0] [error] Cannot open video device", true)]
    [InlineData("[warning] Past duration too large", true)]
    [InlineData("sh: 3: /no/such/ffmpeg: not found", true)]
    public void Add_ALine_IsLoggedWhenItComplains(string line, bool isLogged) => Assert.Equal(isLogged, _report.Add(line));

    [Fact]
    public void Add_ARefusal_KeepsItsStatusAndSaysNothing()
    {
        Assert.False(_report.Add("[http @ 0x55947851ee80] [warning] HTTP error 403 Forbidden"));
        Assert.False(_report.Add("[error] http://127.0.0.1:19700/bad/640/480/: Server returned 403 Forbidden (access denied)"));

        Assert.Equal("403", _report.HttpStatus);
        Assert.False(_report.Sending.IsCompleted);
    }

    [Fact]
    public void Add_MoreComplaintsThanTheLimit_LogsTheFirstFifty()
    {
        var logged = Enumerable.Range(0, 60).Count(_ => _report.Add("[error] /dev/video0: No such file or directory"));

        Assert.Equal(50, logged);
    }
}
