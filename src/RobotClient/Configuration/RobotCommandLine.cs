using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

using LiveRobot.RobotClient.Server;

namespace LiveRobot.RobotClient.Configuration;

/// <summary>The command line: the options, their checks, and the <see cref="RobotOptions"/> they make.</summary>
internal sealed class RobotCommandLine
{
    private readonly Option<FileInfo> _config = new("--config")
    {
        Description = "A file with options, as the command pair writes it",
        DefaultValueFactory = _ => new FileInfo(ConfigurationFile.DefaultName),
        Recursive = true,
    };

    private readonly Option<string> _server = new("--server")
    {
        Recursive = true,
        Description = "The LiveRobot server, e.g. https://robots.example.org",
        DefaultValueFactory = _ => "http://localhost:8080",
    };

    private readonly Option<string?> _apiServer = new("--api-server") { Description = "The server of api/v1, if it is another one" };
    private readonly Option<string> _robotId = new("--robot-id") { Description = "The robot's private id (a secret)", Required = true };
    private readonly Option<int> _cameraId = new("--camera-id") { Description = "The camera's number", Required = true };
    private readonly Option<string> _streamKey = new("--stream-key") { Description = "The camera's stream key (a secret)", Required = true };
    private readonly Option<string?> _robotToken = new("--robot-token") { Description = "The robot token (a secret), if the robot has one" };
    private readonly Option<string?> _statusHost = new("--status-host") { Description = "The host of the status socket [default: the server's]" };
    private readonly Option<int> _statusPort = new("--status-port") { Description = "The port of the status socket", DefaultValueFactory = _ => 8022 };
    private readonly Option<bool> _demo = new("--demo") { Description = "Send a made picture and tone; no camera or microphone is needed" };
    private readonly Option<bool> _noVideo = new("--no-video") { Description = "Send no video" };
    private readonly Option<bool> _noAudio = new("--no-audio") { Description = "Send no audio" };
    private readonly Option<string> _videoInputFormat = new("--video-input-format") { Description = "ffmpeg's input format of the camera", DefaultValueFactory = _ => "v4l2" };
    private readonly Option<string> _videoDevice = new("--video-device") { Description = "The camera", DefaultValueFactory = _ => "/dev/video0" };
    private readonly Option<PictureSize?> _videoSize = new("--video-size") { Description = "The picture's size, e.g. 640x480 [default: the robot's settings]", CustomParser = ParseSize };
    private readonly Option<int> _videoBitrate = new("--video-bitrate") { Description = "Video bit rate in kbit/s", DefaultValueFactory = _ => 500 };
    private readonly Option<string> _audioInputFormat = new("--audio-input-format") { Description = "ffmpeg's input format of the microphone", DefaultValueFactory = _ => "alsa" };
    private readonly Option<string> _audioDevice = new("--audio-device") { Description = "The microphone", DefaultValueFactory = _ => "hw:0" };
    private readonly Option<int> _audioBitrate = new("--audio-bitrate") { Description = "Audio bit rate in kbit/s", DefaultValueFactory = _ => 32 };
    private readonly Option<string> _ffmpeg = new("--ffmpeg") { Description = "The ffmpeg program", DefaultValueFactory = _ => "ffmpeg" };
    private readonly Option<double> _heartbeatTimeout = new("--heartbeat-timeout") { Description = "Seconds without an answer after which a socket is lost", DefaultValueFactory = _ => 3 };

    private readonly RootCommand _command;

    /// <param name="run">Runs the robot until it is told to end; gives the exit code.</param>
    /// <param name="pair">Exchanges a pairing code at a server for the lines of a configuration file.</param>
    public RobotCommandLine(
        Func<RobotOptions, CancellationToken, Task<int>> run,
        Func<Uri, string, CancellationToken, Task<IReadOnlyDictionary<string, string>>> pair)
    {
        CheckAddress(_server);
        CheckAddress(_apiServer);
        CheckNotEmpty(_robotId);
        CheckNotEmpty(_streamKey);
        CheckToken(_robotToken);
        CheckRange(_cameraId, 0, int.MaxValue);
        CheckRange(_statusPort, 1, 65535);
        CheckRange(_videoBitrate, 50, 20_000);
        CheckRange(_audioBitrate, 32, 384);
        CheckRange(_heartbeatTimeout, 0.5, 60);

        _command = new RootCommand("A robot for LiveRobot. Every option can also come from the environment or a file: --stream-key as LIVEROBOT_STREAM_KEY.")
        {
            _config, _server, _apiServer, _robotId, _cameraId, _streamKey, _robotToken, _statusHost, _statusPort, _demo, _noVideo, _noAudio,
            _videoInputFormat, _videoDevice, _videoSize, _videoBitrate, _audioInputFormat, _audioDevice, _audioBitrate,
            _ffmpeg, _heartbeatTimeout, BuildPair(pair),
        };
        _command.SetAction((result, cancellationToken) => run(Read(result), cancellationToken));
    }

    /// <summary>Parses the arguments and those of the environment; bad ones are reported when the result is invoked.</summary>
    public ParseResult Parse(string[] arguments, Func<string, string?> environment)
    {
        var options = _command.Options.Where(option => option is not (System.CommandLine.Help.HelpOption or VersionOption)).ToArray();
        if (arguments is ["pair", ..])
        {
            return _command.Parse(EnvironmentArguments.AddTo(arguments, options.Where(option => option.Recursive), environment));
        }

        var file = ConfigurationFile.Read(_command.Parse(EnvironmentArguments.AddTo(arguments, [_config], environment)).GetValue(_config));
        return _command.Parse(EnvironmentArguments.AddTo(arguments, options, name => environment(name) is { Length: > 0 } value ? value : file.GetValueOrDefault(name)));
    }

    private Command BuildPair(Func<Uri, string, CancellationToken, Task<IReadOnlyDictionary<string, string>>> pair)
    {
        var code = new Argument<string>("CODE") { Description = "The pairing code that the robot's owner has made" };
        var command = new Command("pair", "Exchange a pairing code for all that the robot needs, and write it to the file --config.") { code };
        command.SetAction(async (result, cancellationToken) =>
        {
            var file = result.GetRequiredValue(_config);
            try
            {
                // A code works once: it is not spent on what cannot be kept.
                ConfigurationFile.CheckIsWritable(file);
                ConfigurationFile.Write(file, await pair(ServerAddress(result.GetRequiredValue(_server)), result.GetRequiredValue(code), cancellationToken));
            }
            catch (Exception exception) when (exception is LookupException or IOException or UnauthorizedAccessException)
            {
                await result.InvocationConfiguration.Error.WriteLineAsync(exception.Message);
                return 1;
            }

            await result.InvocationConfiguration.Output.WriteLineAsync($"Paired. Started in this folder, the robot finds what it needs in {file.Name}.");
            return 0;
        });
        return command;
    }

    /// <summary>What is asked for lies below the address, which a front may have put under a path of its own.</summary>
    private static Uri ServerAddress(string address) => new(address.EndsWith('/') ? address : $"{address}/");

    private RobotOptions Read(ParseResult result)
    {
        var server = ServerAddress(result.GetRequiredValue(_server));
        return new RobotOptions
        {
            Server = server,
            ApiServer = result.GetValue(_apiServer) is { } apiServer ? ServerAddress(apiServer) : server,
            RobotId = result.GetRequiredValue(_robotId),
            CameraId = result.GetRequiredValue(_cameraId),
            StreamKey = result.GetRequiredValue(_streamKey),
            RobotToken = result.GetValue(_robotToken),
            StatusHost = result.GetValue(_statusHost) ?? server.IdnHost,
            StatusPort = result.GetValue(_statusPort),
            Demo = result.GetValue(_demo),
            Video = !result.GetValue(_noVideo),
            Audio = !result.GetValue(_noAudio),
            VideoInputFormat = result.GetRequiredValue(_videoInputFormat),
            VideoDevice = result.GetRequiredValue(_videoDevice),
            VideoSize = result.GetValue(_videoSize),
            VideoBitrate = result.GetValue(_videoBitrate),
            AudioInputFormat = result.GetRequiredValue(_audioInputFormat),
            AudioDevice = result.GetRequiredValue(_audioDevice),
            AudioBitrate = result.GetValue(_audioBitrate),
            Ffmpeg = result.GetRequiredValue(_ffmpeg),
            HeartbeatTimeout = TimeSpan.FromSeconds(result.GetValue(_heartbeatTimeout)),
        };
    }

    private static PictureSize? ParseSize(ArgumentResult result)
    {
        if (PictureSize.TryParse(result.Tokens[0].Value, out var size))
        {
            return size;
        }

        result.AddError($"--video-size must be a width and a height from {PictureSize.SmallestSide} to {PictureSize.LargestSide}, e.g. 640x480.");
        return null;
    }

    private static void CheckAddress<T>(Option<T> option) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<T>() is string text
            && !(Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"))
        {
            result.AddError($"{option.Name} must be an http or https address.");
        }
    });

    private static void CheckNotEmpty(Option<string> option) => option.Validators.Add(result =>
    {
        // A secret: the message does not repeat the value.
        if (string.IsNullOrWhiteSpace(result.GetValueOrDefault<string?>()))
        {
            result.AddError($"{option.Name} must not be empty.");
        }
    });

    private static void CheckToken(Option<string?> option) => option.Validators.Add(result =>
    {
        // It goes in a header. A secret: the message does not repeat the value.
        if (result.GetValueOrDefault<string?>() is { } token && (token.Length == 0 || token.Any(character => character is <= ' ' or > '~')))
        {
            result.AddError($"{option.Name} must be printable ASCII without blanks.");
        }
    });

    private static void CheckRange<T>(Option<T> option, T least, T greatest)
        where T : struct, IComparable<T>, IParsable<T> => option.Validators.Add(result =>
    {
        // A value that is no number at all is the parser's to report; asking for it here would throw.
        if (result.Tokens is [var token]
            && T.TryParse(token.Value, CultureInfo.InvariantCulture, out var value)
            && (value.CompareTo(least) < 0 || value.CompareTo(greatest) > 0))
        {
            result.AddError(FormattableString.Invariant($"{option.Name} must be from {least} to {greatest}."));
        }
    });
}
