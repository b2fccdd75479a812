using LiveRobot.RobotClient.Text;

namespace LiveRobot.RobotClient.Driving;

/// <summary>Prints commands, one line each. A key's repeats are left out: they say nothing new, ten times a second.</summary>
internal sealed class ConsoleMotors(Output output) : IMotors
{
    public void Obey(RobotCommand command)
    {
        if (!command.IsRepeat)
        {
            var position = command.KeyPosition.Length == 0 ? "" : " " + command.KeyPosition;
            output.WriteLine($"command {command.Command}{position} from {command.User}");
        }
    }

    public void Stop(string reason) => output.WriteLine($"stop ({reason})");
}
