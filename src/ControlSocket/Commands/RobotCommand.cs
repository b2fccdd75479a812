namespace LiveRobot.ControlSocket.Commands;

/// <summary>What is said to a robot: the fields of <c>command_to_robot</c> less its robot-id, which the connection knows.</summary>
internal sealed record RobotCommand(string Command, KeyPosition Position, Person By)
{
    /// <summary>The command that means: do not move. Existing robots know no other way to be released.</summary>
    public const string StopCommand = "stop";

    /// <summary>Gets whether every robot stops at this. One that knows no key positions takes an <c>up</c> for a pulse.</summary>
    public bool IsStop => Command == StopCommand;

    public static RobotCommand Stop(Person by) => new(StopCommand, KeyPosition.Up, by);

    public static RobotCommand Up(string command, Person by) => new(command, KeyPosition.Up, by);
}
