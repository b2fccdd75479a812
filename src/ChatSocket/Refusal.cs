using System.Globalization;

using LiveRobot.Platform.Robots;

namespace LiveRobot.ChatSocket;

/// <summary>Why a message was not taken.</summary>
/// <param name="Code">For programs: stable, snake case.</param>
/// <param name="Error">For people.</param>
internal sealed record Refusal(string Code, string Error)
{
    /// <summary>Gets how long until it may be said, if time is what is missing.</summary>
    public TimeSpan? Wait { get; private init; }

    public static Refusal UnknownRobot { get; } = new("unknown_robot", "There is no robot of that name.");

    /// <summary>Why somebody does not find a robot; null: there is none for them.</summary>
    public static Refusal Of(RobotRefusal? refusal) => refusal is null ? UnknownRobot : new(refusal.Code, refusal.Error);

    public static Refusal Elsewhere { get; } = new("elsewhere", "The chat of this robot is at another address.");

    public static Refusal Spectator { get; } = new("spectator", "By this link you watch and send nothing.");

    public static Refusal BadRequest { get; } = new("bad_request", "The argument is not what this event needs.");

    public static Refusal MayNotModerate { get; } = new("may_not_moderate", "This is for the owner and for moderators.");

    public static Refusal MayNotBan { get; } = new("may_not_ban", "An owner is not banned from their own robots, nor an administrator; and by a moderator no other moderator.");

    public static Refusal UnknownUser { get; } = new("unknown_user", "Nobody of this name is known here.");

    public static Refusal TooManyBans { get; } = new("too_many_bans", "There are as many bans as may be. Lift one first.");

    public static Refusal NoText { get; } = new("no_text", "There is nothing to say in this message.");

    public static Refusal TooFast { get; } = new("too_fast", "You are sending messages too fast. Wait a moment.");

    public static Refusal Links { get; } = new("links", "You may not say links here.");

    public static Refusal Words { get; } = new("words", "There is a word in this message that may not be said here.");

    public static Refusal TooManyWaiting { get; } = new("too_many_waiting", "Too many messages wait for the robot. Wait a moment.");

    public static Refusal SlowMode(int seconds, TimeSpan wait) => new(
        "slow_mode", string.Create(CultureInfo.InvariantCulture, $"You may say something here every {seconds} seconds."))
    {
        Wait = wait,
    };

    public static Refusal TooLong(int limit) => new(
        "too_long", string.Create(CultureInfo.InvariantCulture, $"A message has at most {limit} characters."));
}
