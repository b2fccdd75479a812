using System.Globalization;

using LiveRobot.Platform.Robots;

namespace LiveRobot.ControlSocket.Commands;

/// <summary>Why a viewer or a robot did not get its way.</summary>
/// <param name="Code">For programs: stable, snake case.</param>
/// <param name="Error">For people.</param>
internal sealed record Refusal(string Code, string Error)
{
    public static Refusal BadRequest { get; } = new("bad_request", "The argument is not an object with the fields that this event needs.");

    public static Refusal UnknownRobot { get; } = new("unknown_robot", "There is no such robot.");

    /// <summary>Why somebody does not find a robot; null: there is none for them.</summary>
    public static Refusal Of(RobotRefusal? refusal) => refusal is null ? UnknownRobot : new(refusal.Code, refusal.Error);

    public static Refusal Elsewhere { get; } = new("elsewhere", "This robot is served at another address.");

    public static Refusal NothingSelected { get; } = new("nothing_selected", "Choose a robot first.");

    public static Refusal OtherRobot { get; } = new("other_robot", "You have chosen another robot.");

    public static Refusal BadCommand { get; } = new("bad_command", "A command is a text without control characters.");

    public static Refusal BadKeyPosition { get; } = new("bad_key_position", "key_position is down, intermediate, up or empty.");

    public static Refusal SignInFirst { get; } = new("sign_in_first", "Sign in to drive this robot.");

    public static Refusal MayNotDrive { get; } = new("may_not_drive", "The owner does not let you drive this robot.");

    public static Refusal NotOnPanel { get; } = new("not_on_panel", "This robot has no button for this command.");

    public static Refusal MayNotPress { get; } = new("may_not_press", "The owner does not let you press this button.");

    public static Refusal CoolingDown { get; } = new("cooling_down", "This button was pressed a moment ago; try again later.");

    public static Refusal RobotOffline { get; } = new("robot_offline", "The robot is not connected.");

    public static Refusal RobotStarting { get; } = new("robot_starting", "The robot is starting; try again in a moment.");

    public static Refusal RobotNotReading { get; } = new("robot_not_reading", "The robot does not respond; it was told to stop.");

    public static Refusal NotHeld { get; } = new("not_held", "This key is not held; press it anew.");

    public static Refusal Released { get; } = new("released", "The robot was released; let the key go and press it anew.");

    public static Refusal Stale { get; } = new("stale_command", "The command came too late.");

    public static Refusal ControlClosed { get; } = new("control_closed", "The robot was stopped in an emergency; its owner opens the control again.");

    public static Refusal VideoStalled { get; } = new("video_stalled", "The picture stands still; nobody drives until it moves.");

    public static Refusal ExclusiveControl { get; } = new("exclusive_control", "Somebody has exclusive control of this robot.");

    public static Refusal OwnerOnly { get; } = new("owner_only", "Nobody but the owner drives this robot now.");

    public static Refusal NotYourTurn { get; } = new("not_your_turn", "It is not your turn; stand in line.");

    public static Refusal NoLine { get; } = new("no_line", "Nobody stands in line for this robot.");

    public static Refusal NoVote { get; } = new("no_vote", "This robot is no longer driven by vote.");

    public static Refusal RegisteredFirst { get; } = new("registered_first", "Somebody who has signed in is driving; sign in, or wait.");

    public static Refusal Flooding { get; } = new("flooding", "You have sent far too many commands; wait a while.");

    public static Refusal Spectator { get; } = new("spectator", "By this link you watch and send nothing.");

    public static Refusal MayNotStop { get; } = new("may_not_stop", "Only the owner, and whom the owner names, may stop this robot.");

    public static Refusal NotStored { get; } = new("not_stored", "The robot was stopped, but a restart of the server will not remember it; try again.");

    public static Refusal NotTheOwner { get; } = new("not_the_owner", "Only the owner of this robot may do this.");

    public static Refusal UnknownViewer { get; } = new("unknown_viewer", "Nobody with this number is here.");

    public static Refusal NotChanged { get; } = new("not_stored", "This could not be stored, and nothing has changed; try again.");

    public static Refusal LineFull(int limit) => Limited("line_full", $"At most {limit} can stand in line.");

    public static Refusal TooLong(int limit) => Limited("command_too_long", $"A command has at most {limit} characters.");

    public static Refusal TooFast(int limit) => Limited("too_fast", $"At most {limit} commands a second.");

    public static Refusal RobotTooFast(int limit) => Limited("robot_too_fast", $"All together press more than {limit} keys a second; try again in a moment.");

    public static Refusal TooManyHolds(int limit) => Limited("too_many_holds", $"At most {limit} keys can be held at once.");

    public static Refusal RobotFull(int limit) => Limited("robot_full", $"At most {limit} viewers can choose this robot.");

    private static Refusal Limited(string code, FormattableString error) => new(code, error.ToString(CultureInfo.InvariantCulture));
}
