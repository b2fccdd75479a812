using System.ComponentModel.DataAnnotations;

namespace LiveRobot.VideoRelay;

/// <summary>The limits of the relay (configuration section <c>VideoRelay</c>).</summary>
public sealed class VideoRelayOptions
{
    /// <summary>Gets or sets how long an ingest may send nothing before it is closed. Defaults to 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan IngestIdleTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets how many bytes may come before a program with a stream in it is found (PAT and PMT). Defaults to
    /// 256 kB; then the encoder is refused with 415, because what it sends is no transport stream.
    /// </summary>
    /// <remarks>Raw MPEG-1 of some old encoders is told so within seconds. What breaks later is waited out.</remarks>
    [Range(188, 100_000_000)]
    public int MaxBytesBeforeStream { get; set; } = 256_000;

    /// <summary>
    /// Gets or sets how often within a minute a feed may be taken over by another encoder while the one before still
    /// sends. Defaults to 5; the next is refused with 409.
    /// </summary>
    /// <remarks>A robot that was cut off takes over from its own dead connection now and then; two encoders do it without end.</remarks>
    [Range(0, 1000)]
    public int TakeOversPerMinute { get; set; } = 5;

    /// <summary>
    /// Gets or sets how many different wrong stream keys may come from an address within a minute, and how often the
    /// same one. Defaults to 10; then keys of that address are refused with 429, without being looked up, until the minute is over.
    /// </summary>
    [Range(1, 1000)]
    public int WrongKeysPerMinute { get; set; } = 10;

    /// <summary>Gets or sets how long the end of a frame that the stream does not tell is awaited. Defaults to 2 milliseconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:00:01")]
    public TimeSpan FrameEndTimeout { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Gets or sets the longest frame in bytes; what is longer is sent in several messages. Defaults to 1 MB.</summary>
    [Range(188, 100_000_000)]
    public int MaxFrameBytes { get; set; } = 1_000_000;

    /// <summary>
    /// Gets or sets how many bytes of the past a newcomer is sent, beginning with the last keyframe. Defaults to 1 MB.
    /// When more has come since, the newcomer gets the keyframe alone and goes on with the next.
    /// </summary>
    /// <remarks>
    /// How much playing time that is does not count, because players decode faster than they show: with a keyframe every
    /// 10 seconds at 800 kbit/s, newcomers are still live at once. In time the burst is bounded by
    /// <see cref="MaxViewerDelay"/>: of what has not been taken by then, nothing is sent any more.
    /// </remarks>
    [Range(0, 100_000_000)]
    public int MaxBurstBytes { get; set; } = 1_000_000;

    /// <summary>
    /// Gets or sets how long a frame may wait for a viewer who reads slowly. Defaults to 1 second; then the viewer
    /// loses what waits and goes on with the next keyframe. It bounds the burst of a newcomer as well.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan MaxViewerDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets how many bytes may wait for a viewer. Defaults to 4 MB.</summary>
    [Range(188, 100_000_000)]
    public int MaxViewerBytes { get; set; } = 4_000_000;

    /// <summary>
    /// Gets or sets how many bytes of pictures the kernel may hold for a viewer that it has not sent. Defaults to 64 kB.
    /// What waits there can no longer be dropped; on Linux only.
    /// </summary>
    [Range(4096, 100_000_000)]
    public int MaxUnsentVideoBytes { get; set; } = 65_536;

    /// <summary>Gets or sets the same limit for sound. Defaults to 8 kB, about a second.</summary>
    [Range(4096, 100_000_000)]
    public int MaxUnsentAudioBytes { get; set; } = 8_192;

    /// <summary>Gets or sets how long a viewer may read nothing before it is disconnected. Defaults to 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan ViewerStallTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets or sets how often a viewer is pinged, and how long it may take to answer. Defaults to 30 seconds. It finds
    /// those who went without a word while there is no picture to send them.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan ViewerPingInterval { get; set; } = TimeSpan.FromSeconds(30);
}
