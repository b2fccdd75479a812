using System.ComponentModel.DataAnnotations;
using System.Text.Json;

using LiveRobot.Platform.Limits;
using LiveRobot.Platform.Robots;

using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Chat;

/// <summary>What robots themselves may say in chat, from whichever of their sockets.</summary>
public sealed class RobotSpeech(IOptions<RobotSpeechOptions> options, TimeProvider clock)
{
    private readonly KeyedRate _rate = new(options.Value.Burst, options.Value.Interval, clock);

    /// <summary>Takes <c>{"message"}</c>, with or without <c>[robot name] </c> in front, from a robot.</summary>
    /// <param name="text">What is to be said, clean, when nothing speaks against it.</param>
    /// <returns>Why it is not said; null when it is to be.</returns>
    public SpeechRefusal? Refuse(Robot robot, JsonElement said, out string text)
    {
        text = said.ValueKind == JsonValueKind.Object && said.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String
            ? MessageText.Clean(message.GetString()!, robot.Name)
            : "";
        return text.Length == 0 ? new("no_text", "There is nothing to say in this message.")
            : text.Length > options.Value.MaxLength ? new("too_long", FormattableString.Invariant($"A message has at most {options.Value.MaxLength} characters."))
            : _rate.Take(robot.Handle) is not null ? new("too_fast", "The robot is sending messages too fast.")
            : null;
    }
}

/// <summary>Why a robot does not say something.</summary>
/// <param name="Code">For programs: stable, snake case.</param>
/// <param name="Error">For people.</param>
public sealed record SpeechRefusal(string Code, string Error);

/// <summary>Limits of what robots say (configuration section <c>RobotSpeech</c>).</summary>
public sealed class RobotSpeechOptions
{
    /// <summary>Gets or sets the longest message in UTF-16 code units, without the robot's name. Defaults to 500.</summary>
    [Range(1, 10_000)]
    public int MaxLength { get; set; } = 500;

    /// <summary>Gets or sets how many messages a robot may say at once. Defaults to 5.</summary>
    [Range(1, 1_000)]
    public int Burst { get; set; } = 5;

    /// <summary>Gets or sets the time after which it may say one more. Defaults to 2 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Gets or sets how long the control service waits until chat has stored what a robot says there. Defaults to 5 seconds: a
    /// slot of chat that goes to another node is served again by then.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan AnswerTime { get; set; } = TimeSpan.FromSeconds(5);
}
