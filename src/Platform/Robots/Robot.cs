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
/// <param name="ButtonPanels">The owner's control panels (a JSON array, see <see cref="Robots.ButtonPanels"/>), or null for the default panel.</param>
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
    IReadOnlyList<Camera> Cameras);

/// <summary>A camera of a robot.</summary>
/// <param name="CameraId">The camera's public number. It opens nothing by itself.</param>
/// <param name="Handle">The handle of the robot it belongs to.</param>
public sealed record Camera(int CameraId, string Handle);

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
