using System.ComponentModel.DataAnnotations;

namespace LiveRobot.Platform.Presence;

/// <summary>How long a sign of life counts (configuration section <c>Presence</c>).</summary>
public sealed class PresenceOptions
{
    /// <summary>
    /// Gets or sets how long a <c>send_video_status: true</c> makes a robot live. Defaults to 200 seconds: the
    /// LetsRobot Python client repeats it every 90 seconds, and one may be lost.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan LiveLifetime { get; set; } = TimeSpan.FromSeconds(200);

    /// <summary>Gets or sets how long a robot stays live after its status socket has closed. Defaults to 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan LiveAfterClose { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets the age of the last frame from which video counts as stalled. Defaults to 2 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan StalledAfter { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets or sets the age of the last frame from which there is no video. Defaults to 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan NoneAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how long a service's word that a socket is open counts. Services repeat it at a third of this. Defaults to 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan SocketLifetime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets within which time a robot's address changes and changes back for its owner to be told of it.
    /// Defaults to 1 minute: existing robots say again who they are every 60 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan AlternatingWithin { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets how long owners see what was wrong with a robot's connections. Defaults to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan NoticeLifetime { get; set; } = TimeSpan.FromDays(1);
}
