namespace LiveRobot.ControlSocket.Robots;

/// <summary>What a robot has said that it understands, with <c>robot_capabilities</c>. Existing robots say nothing and understand neither.</summary>
/// <param name="KeyPosition">It moves from <c>down</c> to <c>up</c>, and an <c>up</c> stops it.</param>
/// <param name="Acknowledge">It acknowledges each command once it has read it.</param>
internal sealed record RobotCapabilities(bool KeyPosition, bool Acknowledge)
{
    public static RobotCapabilities None { get; } = new(false, false);
}
