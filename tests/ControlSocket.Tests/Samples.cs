using LiveRobot.Platform.Robots;

namespace LiveRobot.ControlSocket.Tests;

internal static class Samples
{
    public static Robot Robot { get; } = new(
        "12345678901234567890", "rover", "Rover", "olga", "", 640, 480, true, ReleaseRule.Up, false, null, Visibility.Public, [new Camera(1, "rover")]);
}
