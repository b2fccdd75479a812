using System.Text.Json;
using System.Text.Json.Serialization;

using LiveRobot.Api.LookUps;
using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Sockets;

namespace LiveRobot.Api.Robots;

/// <summary>A robot with the settings that existing robots and viewers read. Robots die when <c>mic_enabled</c> is missing.</summary>
/// <param name="calledBy">The name the caller used: a robot gets its own robot-id back, a viewer the handle.</param>
/// <param name="caller">Who reads it.</param>
/// <param name="paths">Where the site's pages find its services.</param>
/// <param name="connections">What concerns the owner alone; null for others.</param>
internal sealed class RobotDetails(
    RobotNow now, string calledBy, Caller caller, SitePaths paths, ConnectionsView? connections)
    : RobotSummary(now)
{
    /// <summary>Reads what there is to tell of a robot now.</summary>
    /// <inheritdoc cref="RobotDetails" path="/param[@name='calledBy']"/>
    public static async Task<RobotDetails> ReadAsync(Robot robot, RobotPresence presence, RobotSockets sockets, Advertised advertised, string calledBy, Caller caller) => new(
        await RobotNow.ReadAsync(robot, presence),
        calledBy,
        caller,
        advertised.Paths(robot, await presence.AreViewersSpreadAsync(robot.Handle)),
        caller.Owns(robot) ? await ConnectionsView.ReadAsync(robot, presence, sockets) : null);

    [JsonPropertyName("robot_id")]
    public string RobotId { get; } = calledBy;

    /// <summary>Where the site's pages find the robot's services, below the site's base: <c>control</c>, <c>chat</c>, <c>relay</c>.</summary>
    [JsonPropertyName("paths")]
    public SitePaths Paths { get; } = paths;

    [JsonPropertyName("robot_name")]
    public string RobotName { get; } = now.Robot.Name;

    [JsonPropertyName("robot_description")]
    public string RobotDescription { get; } = now.Robot.Description;

    /// <summary>The width in pixels of the picture that the robot is to send.</summary>
    [JsonPropertyName("xres")]
    public int XRes { get; } = now.Robot.XRes;

    /// <summary>The height in pixels of the picture that the robot is to send.</summary>
    [JsonPropertyName("yres")]
    public int YRes { get; } = now.Robot.YRes;

    [JsonPropertyName("mic_enabled")]
    public bool MicEnabled { get; } = now.Robot.MicEnabled;

    /// <summary><c>public</c>, <c>unlisted</c> or <c>private</c>.</summary>
    [JsonPropertyName("visibility")]
    public string VisibilityWord { get; } = now.Robot.Visibility.ToWire();

    /// <summary>The same, as existing clients know it.</summary>
    [JsonPropertyName("public")]
    public bool IsPublic { get; } = now.Robot.Visibility == Visibility.Public;

    [JsonPropertyName("dev_mode")]
    public bool DevMode { get; } = now.Robot.DevMode;

    /// <summary>Who may drive: <c>everyone</c>, <c>signed_in</c>, <c>named</c> or <c>owner</c>.</summary>
    [JsonPropertyName("drive")]
    public string Drive { get; } = now.Robot.Drive.ToWire();

    /// <summary>The accounts that may drive by <c>named</c>.</summary>
    [JsonPropertyName("drivers"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Drivers { get; } = connections is null ? null : now.Robot.Drivers;

    /// <summary>From where the robot may come without its robot token: <c>everywhere</c>, <c>tls</c>, <c>networks</c> or <c>off</c>.</summary>
    [JsonPropertyName("bare_robot_id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? BareIds { get; } = connections is null ? null : now.Robot.BareIds.ToWire();

    /// <summary>The networks of <c>networks</c>.</summary>
    [JsonPropertyName("bare_robot_id_networks"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? BareIdNetworks { get; } = connections is null ? null : now.Robot.BareIdNetworks;

    [JsonPropertyName("connections"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ConnectionsView? Connections { get; } = connections;

    [JsonPropertyName("anonymous_control")]
    public bool AnonymousControl { get; } = now.Robot.AnonymousControl;

    /// <summary>The same, as an existing viewer knows it; and so with the others here.</summary>
    [JsonPropertyName("allow_anonymous_control")]
    public bool AllowAnonymousControl { get; } = now.Robot.AnonymousControl;

    [JsonPropertyName("non_global_chat")]
    public bool NonGlobalChat { get; } = now.Robot.NonGlobalChat;

    [JsonPropertyName("profanity_filter")]
    public bool ProfanityFilter { get; } = now.Robot.ProfanityFilter;

    [JsonPropertyName("strong_filtering")]
    public bool StrongFiltering { get; } = now.Robot.ProfanityFilter;

    [JsonPropertyName("no_exclusive_control_button")]
    public bool NoExclusiveControlButton { get; } = now.Robot.NoExclusiveControlButton;

    [JsonPropertyName("mute_text-to-speech")]
    public bool MuteTextToSpeech { get; } = now.Robot.MuteTextToSpeech;

    [JsonPropertyName("mute")]
    public bool Mute { get; } = now.Robot.MuteTextToSpeech;

    /// <summary>What the robot is sent when a viewer lets a key go: <c>up</c>, <c>stop</c> or <c>none</c>.</summary>
    [JsonPropertyName("release")]
    public string Release { get; } = now.Robot.Release.ToWire();

    /// <summary>Whether the owner has made the panels.</summary>
    [JsonPropertyName("custom_panels")]
    public bool CustomPanels { get; } = now.Robot.CustomPanels && now.Robot.ButtonPanels is not null;

    /// <summary>The control panels; see <see cref="Platform.Robots.ButtonPanels"/>. Access lists are for the owner alone.</summary>
    [JsonPropertyName("button_panels")]
    public JsonElement ButtonPanels { get; } = Platform.Robots.ButtonPanels.For(now.Robot, caller);
}
