namespace LiveRobot.RobotClient.Configuration;

/// <summary>Everything the robot's owner sets. Made and checked by <see cref="RobotCommandLine"/>.</summary>
internal sealed record RobotOptions
{
    /// <summary>The address that answers the look-ups; http or https.</summary>
    public required Uri Server { get; init; }

    /// <summary>The address that answers <c>api/v1</c>. Defaults to <see cref="Server"/>; LetsRobot.tv had a host of its own for it.</summary>
    public required Uri ApiServer { get; init; }

    /// <summary>The robot's private address. A secret: whoever knows it can be this robot.</summary>
    public required string RobotId { get; init; }

    /// <summary>The public number of the robot's camera.</summary>
    public required int CameraId { get; init; }

    /// <summary>What lets a feed into the relay. A secret.</summary>
    public required string StreamKey { get; init; }

    /// <summary>
    /// What shows, beside <see cref="RobotId"/>, that this is the robot. A secret; goes with every request and socket as
    /// <c>Authorization: Robot TOKEN</c>. Null where the owner lets the robot in by its robot-id alone.
    /// </summary>
    public string? RobotToken { get; init; }

    /// <summary>The host of the status socket, which no look-up tells. Defaults to the server's.</summary>
    public required string StatusHost { get; init; }

    /// <summary>The port of the status socket. Defaults to 8022, which existing robots have built in.</summary>
    public int StatusPort { get; init; } = 8022;

    /// <summary>Whether to send a made picture and tone in place of a camera and a microphone.</summary>
    public bool Demo { get; init; }

    /// <summary>Whether to send video.</summary>
    public bool Video { get; init; } = true;

    /// <summary>Whether to send audio.</summary>
    public bool Audio { get; init; } = true;

    /// <summary>ffmpeg's name of the camera's input format.</summary>
    public string VideoInputFormat { get; init; } = "v4l2";

    /// <summary>The camera, as the input format names it.</summary>
    public string VideoDevice { get; init; } = "/dev/video0";

    /// <summary>The picture's size. Defaults to the robot's settings on the server.</summary>
    public PictureSize? VideoSize { get; init; }

    /// <summary>Video bit rate in kbit/s.</summary>
    public int VideoBitrate { get; init; } = 500;

    /// <summary>ffmpeg's name of the microphone's input format.</summary>
    public string AudioInputFormat { get; init; } = "alsa";

    /// <summary>The microphone, as the input format names it.</summary>
    public string AudioDevice { get; init; } = "hw:0";

    /// <summary>Audio bit rate in kbit/s.</summary>
    public int AudioBitrate { get; init; } = 32;

    /// <summary>The ffmpeg program.</summary>
    public string Ffmpeg { get; init; } = "ffmpeg";

    /// <summary>
    /// How long a socket may be silent, though asked, before it counts as lost. Defaults to 3 seconds: so long may a
    /// robot whose network died drive on.
    /// </summary>
    public TimeSpan HeartbeatTimeout { get; init; } = TimeSpan.FromSeconds(3);
}
