using System.ComponentModel.DataAnnotations;

namespace LiveRobot.ChatSocket;

/// <summary>Limits of chat (configuration section <c>Chat</c>).</summary>
public sealed class ChatOptions
{
    /// <summary>Gets or sets the longest message in UTF-16 code units, without the robot's name. Defaults to 500.</summary>
    [Range(1, 10_000)]
    public int MaxMessageLength { get; set; } = 500;

    /// <summary>Gets or sets how many messages a newcomer is shown. Defaults to 50.</summary>
    [Range(0, 1_000)]
    public int HistoryLength { get; set; } = 50;

    /// <summary>Gets or sets how many messages of a robot are kept. Defaults to 1,000.</summary>
    [Range(1, 1_000_000)]
    public int MessagesKept { get; set; } = 1_000;

    /// <summary>Gets or sets how many messages a connection may send at once. Defaults to 5.</summary>
    [Range(1, 1_000)]
    public int Burst { get; set; } = 5;

    /// <summary>Gets or sets the time after which one more message may be sent. Defaults to 2 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan MessageInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets or sets how many people a list of who is there names; the others are counted. Defaults to 50.</summary>
    [Range(0, 1_000)]
    public int MaxUsersListed { get; set; } = 50;

    /// <summary>Gets or sets how often at most people are told who is there. Defaults to 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan UsersInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how long a time-out lasts. Defaults to 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan TimeOut { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets how far back the lines of somebody who is banned in chat are taken back. Defaults to 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan TakeBack { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets or sets how many lines may wait for a robot that hears them later. Defaults to 1,000.</summary>
    [Range(1, 100_000)]
    public int MaxDelayedLines { get; set; } = 1_000;
}
