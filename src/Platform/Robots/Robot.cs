namespace LiveRobot.Platform.Robots;

/// <summary>A robot with its cameras and settings, as stored.</summary>
/// <param name="RobotId">The private address: 20 decimal digits. A credential; never shown to anyone but the robot and its owner, never logged.</param>
/// <param name="Handle">The public name in addresses and in everything a viewer sees: a letter first, then letters, digits and hyphens.</param>
/// <param name="Name">What people call the robot.</param>
/// <param name="Owner">The name of the account it belongs to.</param>
/// <param name="Description">A text by the owner; may be empty.</param>
/// <param name="XRes">The width of the picture in pixels that the robot is asked to send.</param>
/// <param name="YRes">The height of the picture in pixels that the robot is asked to send.</param>
/// <param name="MicEnabled">Whether the robot is asked to send sound.</param>
/// <param name="Release">What the robot is sent when a viewer lets a key go.</param>
/// <param name="NonGlobalChat">Whether the robot's chat stays out of the global room.</param>
/// <param name="ButtonPanels">The owner's control panels as stored (a JSON array, see <see cref="Robots.ButtonPanels"/>), or null when there are none.</param>
/// <param name="Visibility">Who may watch.</param>
/// <param name="Cameras">The robot's cameras, at least one.</param>
public sealed record Robot(
    string RobotId,
    string Handle,
    string Name,
    string Owner,
    string Description,
    int XRes,
    int YRes,
    bool MicEnabled,
    ReleaseRule Release,
    bool NonGlobalChat,
    string? ButtonPanels,
    Visibility Visibility,
    IReadOnlyList<Camera> Cameras)
{
    /// <summary>Gets the slot whose addresses the robot is told (<see cref="Cluster.ClusterOptions.Slots"/>). It never changes.</summary>
    public int Slot { get; init; }

    /// <summary>Gets who may drive.</summary>
    public DriveRule Drive { get; init; }

    /// <summary>Gets the names of the accounts that may drive by <see cref="DriveRule.Named"/>.</summary>
    public IReadOnlyList<string> Drivers { get; init; } = [];

    /// <summary>Gets whether people who have not signed in may drive where everyone may.</summary>
    public bool AnonymousControl { get; init; } = true;

    /// <summary>Gets whether the owner works on the robot: nobody else drives.</summary>
    public bool DevMode { get; init; }

    /// <summary>Gets whether the owner wants chat filtered strongly.</summary>
    public bool ProfanityFilter { get; init; }

    /// <summary>Gets whether viewers see no button for exclusive control.</summary>
    public bool NoExclusiveControlButton { get; init; }

    /// <summary>Gets whether the robot is asked not to speak what is said in chat.</summary>
    public bool MuteTextToSpeech { get; init; }

    /// <summary>Gets whether <see cref="ButtonPanels"/> are in use; otherwise they wait to be.</summary>
    public bool CustomPanels { get; init; } = true;

    /// <summary>Gets from where the robot is let in without its robot token.</summary>
    public BareIdRule BareIds { get; init; }

    /// <summary>Gets the networks from which it is by <see cref="BareIdRule.Networks"/>, e.g. <c>192.168.0.0/16</c>.</summary>
    public IReadOnlyList<string> BareIdNetworks { get; init; } = [];

    /// <summary>Gets whether it has a robot token.</summary>
    public bool HasRobotToken { get; init; }

    /// <summary>Gets whether it charges, as it said last; null when it has said nothing of it.</summary>
    public ChargeState? Charge { get; init; }

    /// <summary>Gets the owner's control panels when they are in use; null: the default panel, and any command.</summary>
    public string? PanelsInUse => CustomPanels ? ButtonPanels : null;
}

/// <summary>What a robot has said of its charging.</summary>
/// <param name="IsCharging">Whether it charges.</param>
/// <param name="Since">When it said so first.</param>
public sealed record ChargeState(bool IsCharging, DateTimeOffset Since);

/// <summary>A camera of a robot.</summary>
/// <param name="CameraId">The camera's public number. It opens nothing by itself.</param>
/// <param name="Handle">The handle of the robot it belongs to.</param>
/// <param name="Slot">The robot's slot.</param>
public sealed record Camera(int CameraId, string Handle, int Slot = 0);

/// <summary>What a robot is sent when a viewer lets a key go (the owner's setting <c>release</c>).</summary>
public enum ReleaseRule
{
    /// <summary>The same command with <c>key_position: "up"</c>, as the LetsRobot API document says.</summary>
    Up,

    /// <summary>The command <c>stop</c>, for robots that take every event for a movement.</summary>
    Stop,

    /// <summary>Nothing. The server's own release of a vanished viewer is sent all the same.</summary>
    None,
}

/// <summary>The words of <see cref="ReleaseRule"/> in the API and in the store.</summary>
public static class ReleaseRuleWords
{
    public static string ToWire(this ReleaseRule rule) => rule switch
    {
        ReleaseRule.Stop => "stop",
        ReleaseRule.None => "none",
        _ => "up",
    };
}

/// <summary>Who may drive a robot. The owner always may.</summary>
public enum DriveRule
{
    /// <summary>Everyone who may watch; with <see cref="Robot.AnonymousControl"/> off, everyone who has signed in.</summary>
    Everyone,

    /// <summary>Everyone who has signed in.</summary>
    SignedIn,

    /// <summary>The accounts that the owner has named.</summary>
    Named,

    /// <summary>Nobody but the owner.</summary>
    Owner,
}

/// <summary>The words of <see cref="DriveRule"/> in the API and in the store.</summary>
public static class DriveRuleWords
{
    public static string ToWire(this DriveRule rule) => rule switch
    {
        DriveRule.SignedIn => "signed_in",
        DriveRule.Named => "named",
        DriveRule.Owner => "owner",
        _ => "everyone",
    };

    /// <summary>Reads a rule; null when there is none of this name.</summary>
    public static DriveRule? Parse(string? word) => word switch
    {
        "everyone" => DriveRule.Everyone,
        "signed_in" => DriveRule.SignedIn,
        "named" => DriveRule.Named,
        "owner" => DriveRule.Owner,
        _ => null,
    };
}
