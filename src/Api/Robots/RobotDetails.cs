using System.Text.Json;
using System.Text.Json.Serialization;

using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;

namespace LiveRobot.Api.Robots;

/// <summary>A robot with the settings that existing robots and viewers read. Robots die when <c>mic_enabled</c> is missing.</summary>
/// <param name="calledBy">The name the caller used: a robot gets its own robot-id back, a viewer the handle.</param>
internal sealed class RobotDetails(Robot robot, RobotState state, IReadOnlyList<CameraView> cameras, string calledBy)
    : RobotSummary(robot, state, cameras)
{
    [JsonPropertyName("robot_id")]
    public string RobotId { get; } = calledBy;

    [JsonPropertyName("robot_name")]
    public string RobotName { get; } = robot.Name;

    [JsonPropertyName("robot_description")]
    public string RobotDescription { get; } = robot.Description;

    /// <summary>The width in pixels of the picture that the robot is to send.</summary>
    [JsonPropertyName("xres")]
    public int XRes { get; } = robot.XRes;

    /// <summary>The height in pixels of the picture that the robot is to send.</summary>
    [JsonPropertyName("yres")]
    public int YRes { get; } = robot.YRes;

    [JsonPropertyName("mic_enabled")]
    public bool MicEnabled { get; } = robot.MicEnabled;

    [JsonPropertyName("non_global_chat")]
    public bool NonGlobalChat { get; } = robot.NonGlobalChat;

    /// <summary>What the robot is sent when a viewer lets a key go: <c>up</c>, <c>stop</c> or <c>none</c>.</summary>
    [JsonPropertyName("release")]
    public string Release { get; } = robot.Release.ToWire();

    /// <summary>Whether the owner has made the panels.</summary>
    [JsonPropertyName("custom_panels")]
    public bool CustomPanels { get; } = robot.ButtonPanels is not null;

    /// <summary>The control panels; see <see cref="Platform.Robots.ButtonPanels"/>.</summary>
    [JsonPropertyName("button_panels")]
    public JsonElement ButtonPanels { get; } = JsonElement.Parse(robot.ButtonPanels ?? Platform.Robots.ButtonPanels.Default);
}
