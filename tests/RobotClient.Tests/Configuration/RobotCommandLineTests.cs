using System.CommandLine;

using LiveRobot.RobotClient.Configuration;
using LiveRobot.Testing;

namespace LiveRobot.RobotClient.Tests.Configuration;

public sealed class RobotCommandLineTests : IDisposable
{
    private static readonly string[] Required = ["--robot-id", "123", "--camera-id", "7", "--stream-key", "hush"];

    private readonly Dictionary<string, string> _environment = [];
    private readonly StringWriter _error = new();
    private readonly StringWriter _output = new();
    private readonly TemporaryFolder _folder = new();
    private RobotOptions? _options;
    private (string Server, string Code)? _paired;

    public void Dispose()
    {
        _error.Dispose();
        _output.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Invoke_WithTheRequiredOptions_HasTheDocumentsDefaults()
    {
        Assert.Equal(0, await InvokeAsync(Required));

        var server = new Uri("http://localhost:8080");
        Assert.Equal(new RobotOptions { Server = server, ApiServer = server, RobotId = "123", CameraId = 7, StreamKey = "hush", StatusHost = "localhost" }, _options);
        Assert.Equal(
            (8022, "v4l2", "/dev/video0", "alsa", "hw:0", 500, 32, TimeSpan.FromSeconds(3)),
            (_options!.StatusPort, _options.VideoInputFormat, _options.VideoDevice, _options.AudioInputFormat, _options.AudioDevice, _options.VideoBitrate, _options.AudioBitrate, _options.HeartbeatTimeout));
    }

    [Fact]
    public async Task Invoke_WithEveryOption_TakesThemAll()
    {
        await InvokeAsync([
            .. Required, "--server", "https://robots.example", "--api-server", "https://api.example", "--status-host", "status.example",
            "--status-port", "1", "--demo", "--no-video", "--no-audio", "--video-input-format", "avfoundation", "--video-device", "0",
            "--video-size", "320x240", "--video-bitrate", "900", "--audio-input-format", "pulse", "--audio-device", "default",
            "--audio-bitrate", "64", "--ffmpeg", "/opt/ffmpeg", "--heartbeat-timeout", "1.5", "--robot-token", "token"]);

        Assert.Equal(
            new RobotOptions
            {
                Server = new Uri("https://robots.example"),
                ApiServer = new Uri("https://api.example"),
                RobotId = "123",
                CameraId = 7,
                StreamKey = "hush",
                RobotToken = "token",
                StatusHost = "status.example",
                StatusPort = 1,
                Demo = true,
                Video = false,
                Audio = false,
                VideoInputFormat = "avfoundation",
                VideoDevice = "0",
                VideoSize = new PictureSize(320, 240),
                VideoBitrate = 900,
                AudioInputFormat = "pulse",
                AudioDevice = "default",
                AudioBitrate = 64,
                Ffmpeg = "/opt/ffmpeg",
                HeartbeatTimeout = TimeSpan.FromSeconds(1.5),
            },
            _options);
    }

    [Fact]
    public async Task Invoke_WithTheEnvironment_NeedsNoSecretsOnTheCommandLine()
    {
        _environment["LIVEROBOT_ROBOT_ID"] = "456";
        _environment["LIVEROBOT_STREAM_KEY"] = "--from the environment";
        _environment["LIVEROBOT_CAMERA_ID"] = "9";
        _environment["LIVEROBOT_DEMO"] = "true";

        await InvokeAsync([]);

        Assert.Equal(("456", "--from the environment", 9, true), (_options!.RobotId, _options.StreamKey, _options.CameraId, _options.Demo));
    }

    [Theory]
    [InlineData("--stream-key", "mine")]
    [InlineData("--stream-key=mine")]
    [InlineData("--stream-key:mine")]
    public async Task Invoke_WithBoth_TakesTheCommandLine(params string[] option)
    {
        _environment["LIVEROBOT_STREAM_KEY"] = "theirs";

        await InvokeAsync(["--robot-id", "1", "--camera-id", "1", .. option]);

        Assert.Equal("mine", _options!.StreamKey);
    }

    [Theory]
    [InlineData("--server", "ftp://example.org")]
    [InlineData("--server", "localhost")]
    [InlineData("--api-server", "x")]
    [InlineData("--robot-id", "")]
    [InlineData("--stream-key", " ")]
    [InlineData("--robot-token", "a b")]
    [InlineData("--robot-token", "a\nb")]
    [InlineData("--camera-id", "-1")]
    [InlineData("--camera-id", "front")]
    [InlineData("--status-port", "0")]
    [InlineData("--status-port", "65536")]
    [InlineData("--video-size", "640")]
    [InlineData("--video-size", "15x480")]
    [InlineData("--video-size", "640x4096")]
    [InlineData("--video-bitrate", "49")]
    [InlineData("--video-bitrate", "20001")]
    [InlineData("--audio-bitrate", "31")]
    [InlineData("--audio-bitrate", "385")]
    [InlineData("--heartbeat-timeout", "0.4")]
    [InlineData("--heartbeat-timeout", "61")]
    public async Task Invoke_WithABadValue_NamesTheOptionAndDoesNotStart(string option, string value)
    {
        var others = Required.Chunk(2).Where(pair => pair[0] != option).SelectMany(pair => pair);

        Assert.NotEqual(0, await InvokeAsync([.. others, option, value]));

        Assert.Contains(option, _error.ToString());
        Assert.Null(_options);
    }

    [Fact]
    public async Task Invoke_WithoutTheRequiredOptions_NamesThemAll()
    {
        Assert.NotEqual(0, await InvokeAsync([]));

        Assert.All(["--robot-id", "--camera-id", "--stream-key"], option => Assert.Contains($"'{option}' is required", _error.ToString()));
    }

    [Fact]
    public async Task Help_WithSecretsInTheEnvironment_ShowsNone()
    {
        _environment["LIVEROBOT_STREAM_KEY"] = "hush-hush";

        await InvokeAsync(["--help"]);

        Assert.Contains("--stream-key", _output.ToString());
        Assert.DoesNotContain("hush", _output.ToString());
    }

    [Fact]
    public async Task Pair_WritesAFileThatIsTheConfigurationFromThenOn()
    {
        var file = _folder.File("robot.env");

        Assert.Equal(0, await InvokeAsync(["pair", "7K3M9Q", "--server", "https://robots.example", "--config", file]));
        await InvokeAsync(["--config", file, "--camera-id", "8"]);

        Assert.Equal(("https://robots.example/", "7K3M9Q"), _paired);
        Assert.Equal(("1234", "hush=hush", 8), (_options!.RobotId, _options.StreamKey, _options.CameraId));
        Assert.DoesNotContain("1234", _output.ToString());
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public async Task Pair_WhereNothingCanBeWritten_SpendsNoCode()
    {
        Assert.Equal(1, await InvokeAsync(["pair", "7K3M9Q", "--config", _folder.File("missing/robot.env")]));

        Assert.Null(_paired);
        Assert.NotEqual("", _error.ToString());
    }

    [Fact]
    public async Task File_CommentsAndBlankLines_DoNotCount()
    {
        await File.WriteAllTextAsync(_folder.File("robot.env"), "# LIVEROBOT_ROBOT_ID=0\n\n LIVEROBOT_ROBOT_ID = 5 \nLIVEROBOT_CAMERA_ID=6\nLIVEROBOT_STREAM_KEY=a\nnothing\n");
        _environment["LIVEROBOT_CAMERA_ID"] = "7";

        await InvokeAsync(["--config", _folder.File("robot.env")]);

        Assert.Equal(("5", 7), (_options!.RobotId, _options.CameraId));
    }

    private Task<int> InvokeAsync(string[] arguments)
    {
        var commandLine = new RobotCommandLine(
            (options, _) =>
            {
                _options = options;
                return Task.FromResult(0);
            },
            (server, code, _) =>
            {
                _paired = (server.ToString(), code);
                return Task.FromResult<IReadOnlyDictionary<string, string>>(new Dictionary<string, string>
                {
                    ["LIVEROBOT_ROBOT_ID"] = "1234",
                    ["LIVEROBOT_CAMERA_ID"] = "7",
                    ["LIVEROBOT_STREAM_KEY"] = "hush=hush",
                });
            });
        return commandLine.Parse(arguments, _environment.GetValueOrDefault).InvokeAsync(new InvocationConfiguration { Output = _output, Error = _error });
    }
}
