using System.Globalization;

using LiveRobot.Platform.Robots;

namespace LiveRobot.ChatSocket;

/// <summary>Why a message was not taken.</summary>
/// <param name="Code">For programs: stable, snake case.</param>
/// <param name="Error">For people.</param>
internal sealed record Refusal(string Code, string Error)
{
    public static Refusal UnknownRobot { get; } = new("unknown_robot", "There is no robot of that name.");

    /// <summary>Why somebody does not find a robot; null: there is none for them.</summary>
    public static Refusal Of(RobotRefusal? refusal) => refusal is null ? UnknownRobot : new(refusal.Code, refusal.Error);

    public static Refusal Spectator { get; } = new("spectator", "By this link you watch and send nothing.");

    public static Refusal NoText { get; } = new("no_text", "There is nothing to say in this message.");

    public static Refusal TooFast { get; } = new("too_fast", "You are sending messages too fast. Wait a moment.");

    public static Refusal TooLong(int limit) => new(
        "too_long", string.Create(CultureInfo.InvariantCulture, $"A message has at most {limit} characters."));
}
