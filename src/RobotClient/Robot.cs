using System.Text.Json;

using LiveRobot.RobotClient.Configuration;
using LiveRobot.RobotClient.Driving;
using LiveRobot.RobotClient.Media;
using LiveRobot.RobotClient.Server;
using LiveRobot.RobotClient.Sockets;
using LiveRobot.RobotClient.Text;

using Microsoft.Extensions.Logging;

namespace LiveRobot.RobotClient;

/// <summary>The whole robot: three sockets, two feeds, motors, and how they belong together.</summary>
internal sealed class Robot : IDisposable
{
    private readonly RobotOptions _options;
    private readonly HttpClient _http;
    private readonly Lookup _lookup;
    private readonly DemoPicture? _picture;
    private readonly Output _output;
    private readonly Driver _driver;
    private readonly RobotSocket _control;
    private readonly RobotSocket _chat;
    private readonly RobotSocket _status;
    private readonly VideoStatus _videoStatus;
    private readonly Feed _video;
    private readonly Feed _audio;

    public Robot(RobotOptions options, TextWriter output, ILoggerFactory logs, TimeProvider time)
    {
        _options = options;
        _http = Lookup.CreateHttpClient(options.RobotToken);
        _lookup = new Lookup(_http, options);
        _output = new Output(output, Redaction.Of(options), logs.CreateLogger<Output>());
        _picture = options.Demo ? new DemoPicture() : null;
        var console = new ConsoleMotors(_output);
        _driver = new Driver(_picture is null ? [console] : [console, _picture], logs.CreateLogger<Driver>());

        var socketLog = logs.CreateLogger<RobotSocket>();
        _control = new RobotSocket("control", _lookup.ControlAsync, options, time, socketLog)
        {
            Identify = IdentifyOnControlAsync,
            Lost = () => _driver.StopIfMoving("connection lost"),
        };
        _control.On("command_to_robot", OnCommand);

        _chat = new RobotSocket("chat", _lookup.ChatAsync, options, time, socketLog)
        {
            Identify = cancellationToken => _chat!.EmitAsync("identify_robot_id", options.RobotId, cancellationToken),
        };
        _chat.On("chat_message_with_name", OnChat);

        _status = new RobotSocket("status", _ => Task.FromResult(_lookup.Status), options, time, socketLog)
        {
            Identify = IdentifyOnStatusAsync,
        };
        _status.On("robot_settings_changed", _ => RefreshFeeds());
        _status.On("command_to_robot", OnVideoCommand);
        _videoStatus = new VideoStatus(_status.EmitAsync, options.CameraId, time);

        var feedLog = logs.CreateLogger<Feed>();
        _video = new Feed("video", options.Ffmpeg, PlanVideoAsync, time, feedLog) { SendingChanged = _videoStatus.Set };
        _audio = new Feed("audio", options.Ffmpeg, PlanAudioAsync, time, feedLog);
    }

    /// <summary>Runs until cancelled; then nothing moves, no ffmpeg is left, and the server has been told.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // The status socket outlives the feeds, so that the end of the video can still be told.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var statusEnd = new CancellationTokenSource();
        var printing = _output.RunAsync();
        var status = _status.RunAsync(statusEnd.Token);
        Task[] running = [_control.RunAsync(end.Token), _chat.RunAsync(end.Token), _video.RunAsync(end.Token), _audio.RunAsync(end.Token), _videoStatus.RunAsync(end.Token)];

        // None of these ends before it is cancelled, unless it fails in a way nobody thought of: then all end.
        await Task.WhenAny(running);
        await end.CancelAsync();
        try
        {
            await Task.WhenAny(running);
        }
        finally
        {
            await statusEnd.CancelAsync();
            await status;
            _driver.StopIfMoving("shutting down");
            _output.Complete();
            await printing;
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _picture?.Dispose();
    }

    private async Task IdentifyOnControlAsync(CancellationToken cancellationToken)
    {
        await _control.EmitAsync("robot_id", _options.RobotId, cancellationToken);
        await _control.EmitAsync("robot_capabilities", new { key_position = true, acknowledge = true }, cancellationToken);
    }

    private async Task IdentifyOnStatusAsync(CancellationToken cancellationToken)
    {
        await _status.EmitAsync("identify_robot_id", _options.RobotId, cancellationToken);
        _videoStatus.Send();
    }

    private void OnCommand(JsonElement message)
    {
        if (RobotCommand.TryRead(message, _options.RobotId, out var command))
        {
            _driver.Obey(command);
        }
    }

    private void OnChat(JsonElement message)
    {
        if (ChatLine.From(message) is { } line)
        {
            _output.WriteLine(line);
        }
    }

    // Who switches the picture off wants the sound off too.
    private void OnVideoCommand(JsonElement message)
    {
        if (RobotCommand.TryRead(message, _options.RobotId, out var command) && command.Command is "VIDOFF" or "VIDON")
        {
            _video.Enable(command.Command == "VIDON");
            _audio.Enable(command.Command == "VIDON");
        }
    }

    private void RefreshFeeds()
    {
        _video.Refresh();
        _audio.Refresh();
    }

    private async Task<FeedPlan?> PlanVideoAsync(CancellationToken cancellationToken)
    {
        if (!_options.Video)
        {
            return null;
        }

        var size = _options.VideoSize ?? (await _lookup.SettingsAsync(cancellationToken)).Size;
        var ingest = await _lookup.VideoAsync(size, cancellationToken);
        var input = _picture is null ? FfmpegArguments.Camera(_options, size) : DemoPicture.Input(size);
        return new FeedPlan(FfmpegArguments.Video(input, _options.VideoBitrate, ingest), WorkingDirectory);
    }

    private async Task<FeedPlan?> PlanAudioAsync(CancellationToken cancellationToken)
    {
        if (!_options.Audio)
        {
            return null;
        }

        var settings = await _lookup.SettingsAsync(cancellationToken);
        if (!settings.MicEnabled)
        {
            return null;
        }

        var ingest = await _lookup.AudioAsync(_options.VideoSize ?? settings.Size, cancellationToken);
        var input = _picture is null ? FfmpegArguments.Microphone(_options) : DemoPicture.Sound;
        return new FeedPlan(FfmpegArguments.Audio(input, _options.AudioBitrate, ingest), WorkingDirectory);
    }

    private string WorkingDirectory => _picture?.Directory ?? Environment.CurrentDirectory;
}
