using LiveRobot.RobotClient.Configuration;

namespace LiveRobot.RobotClient.Server;

/// <summary>What the owner set on the server and the robot obeys: <c>xres</c>, <c>yres</c> and <c>mic_enabled</c>.</summary>
internal sealed record RobotSettings(PictureSize Size, bool MicEnabled);
