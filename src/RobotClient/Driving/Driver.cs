using Microsoft.Extensions.Logging;

namespace LiveRobot.RobotClient.Driving;

/// <summary>
/// Hands commands to the motors and knows which keys are held, so that the robot can stop by itself when nobody can
/// tell it to any more. Thread safe.
/// </summary>
internal sealed partial class Driver(IReadOnlyList<IMotors> motors, ILogger<Driver> logger)
{
    /// <summary>More keys than this cannot be held at once; further ones are refused, which is the safe side.</summary>
    public const int MostHeldKeys = 64;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _held = [];

    /// <summary>Obeys a command; a release or stop always passes.</summary>
    public void Obey(RobotCommand command)
    {
        lock (_lock)
        {
            if (command.IsStop)
            {
                _held.Clear();
            }
            else if (command.IsRelease)
            {
                _held.Remove(command.Command);
            }
            else if (command.IsHeld)
            {
                if (_held.Count >= MostHeldKeys && !_held.Contains(command.Command))
                {
                    Log.TooManyKeys(logger, MostHeldKeys);
                    return;
                }

                _held.Add(command.Command);
            }

            Tell(motor => motor.Obey(command));
        }
    }

    /// <summary>Stops if a key is held.</summary>
    public void StopIfMoving(string reason)
    {
        lock (_lock)
        {
            if (_held.Count > 0)
            {
                _held.Clear();
                Tell(motor => motor.Stop(reason));
            }
        }
    }

    // One that fails must not keep the next from stopping.
    private void Tell(Action<IMotors> action)
    {
        foreach (var motor in motors)
        {
            try
            {
                action(motor);
            }
            catch (Exception exception)
            {
                Log.MotorFailed(logger, motor.GetType().Name, exception);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A command is refused: {Limit} keys are held already.", EventName = "TooManyKeys")]
        public static partial void TooManyKeys(ILogger logger, int limit);

        [LoggerMessage(2, LogLevel.Error, "{Motors} failed.", EventName = "MotorFailed")]
        public static partial void MotorFailed(ILogger logger, string motors, Exception exception);
    }
}
