using System.ComponentModel.DataAnnotations;

namespace LiveRobot.Api.Snapshots;

/// <summary>How still pictures are made (configuration section <c>Snapshots</c>).</summary>
public sealed class SnapshotOptions
{
    /// <summary>Gets or sets where the relay serves keyframes, on its port for video. Defaults to this machine. With slots, the node that has the robot's is asked instead.</summary>
    public Uri? Relay { get; set; }

    /// <summary>Gets or sets the program that decodes a keyframe, by name or path. Defaults to <c>ffmpeg</c>.</summary>
    [Required(AllowEmptyStrings = false)]
    public string Ffmpeg { get; set; } = "ffmpeg";

    /// <summary>Gets or sets how many pictures are made at once. Defaults to 2; who comes then waits for his turn.</summary>
    [Range(1, 100)]
    public int MaxAtOnce { get; set; } = 2;

    /// <summary>Gets or sets how long the making of a picture may take, and how long a turn is waited for. Defaults to 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how much processor time a picture may take, in whole seconds. Defaults to 2.</summary>
    [Range(1, 60)]
    public int CpuSeconds { get; set; } = 2;

    /// <summary>Gets or sets how much memory the making of a picture may take, in megabytes. Defaults to 256.</summary>
    [Range(64, 16_384)]
    public int MemoryMegabytes { get; set; } = 256;

    /// <summary>Gets or sets how long a picture is shown before another is made. Defaults to 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how many of the pictures that viewers take of a robot are kept. Defaults to the newest 100.</summary>
    [Range(1, 100_000)]
    public int TakenKept { get; set; } = 100;

    /// <summary>Gets or sets the largest picture that a viewer may send, in bytes. Defaults to 1,000,000.</summary>
    [Range(1_000, 10_000_000)]
    public int MaxTakenBytes { get; set; } = 1_000_000;

    /// <summary>Gets or sets how many pictures an account may take at once. Defaults to 5.</summary>
    [Range(1, 1_000_000)]
    public int TakenAtOnce { get; set; } = 5;

    /// <summary>Gets or sets the time after which it may take one more. Defaults to 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan TakenInterval { get; set; } = TimeSpan.FromSeconds(30);
}
