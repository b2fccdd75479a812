using LiveRobot.ControlSocket.Commands;
using LiveRobot.ControlSocket.Turns;

namespace LiveRobot.ControlSocket.Robots;

/// <summary>
/// What is told of one robot's control. Everybody is told of everybody who comes, presses or waits, so it is told at most
/// ten times a second, with what is true then: a rush of a thousand must not make a million messages.
/// </summary>
/// <remarks>Not thread-safe; <see cref="RobotControl"/> calls it in turn. Time comes in as an argument.</remarks>
internal sealed class Announcements(RobotControl robot, RobotDrive drive, TurnMachine turns, VotedDrive voted, IControlAudience audience)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly PressBoard _board = new();
    private TimeSpan _toldAt = -Interval;
    private bool _haveViewersChanged;
    private State _told;
    private string _obeys = RobotCommand.StopCommand;
    private bool _mayBeMoving;
    private bool _isRegisteredActive;

    /// <summary>Gets when <see cref="Tell"/> has something to tell; null: nothing has changed.</summary>
    public TimeSpan? NextDue => _haveViewersChanged || _told != Now ? _toldAt + Interval : null;

    private State Now => new(turns.Version, drive.HoldsVersion, voted.Version);

    /// <summary>A viewer has come or gone. Whoever has come wants to know how many they are, even if they are as many as before.</summary>
    public void ViewersChanged() => _haveViewersChanged = true;

    /// <summary>Tells what has changed, unless it was told a moment ago; what the robot's safety hangs on is told at once.</summary>
    public void Tell(int viewers, TimeSpan now)
    {
        if (drive.MayBeMoving != _mayBeMoving)
        {
            _mayBeMoving = !_mayBeMoving;
            audience.MovingChanged(robot.Robot, _mayBeMoving);
        }

        if (turns.IsRegisteredActive(now) != _isRegisteredActive)
        {
            _isRegisteredActive = !_isRegisteredActive;
            if (_isRegisteredActive)
            {
                audience.RegisteredActive(robot.Robot);
            }
        }

        if (NextDue is not { } due || due > now)
        {
            return;
        }

        var state = Now;
        if (_haveViewersChanged)
        {
            _toldAt = now;
            audience.ViewersChanged(robot, viewers);
        }

        if (state.Turns != _told.Turns)
        {
            _toldAt = now;
            audience.TurnsChanged(robot, turns.State(now));
        }

        if (state != _told)
        {
            // With the turns too: who presses may be somebody else by name since then.
            TellPresses(now);
        }

        _haveViewersChanged = false;
        _told = state;
    }

    /// <summary>Gives what a viewer is told who has just come.</summary>
    public Greeting Greet(string viewer, TimeSpan now) =>
        new(turns.State(now), turns.Find(viewer)?.Number, _board.Told, _obeys, [.. drive.Cooldowns(now)]);

    private void TellPresses(TimeSpan now)
    {
        var holds = drive.Holds.ToArray();
        var pressed = holds.Concat(voted.Votes).Where(press => press.Viewer != VotedDrive.Viewer)
            .Select(press => (press.Command, Presser: turns.Find(press.Viewer)))
            .Where(press => press.Presser is not null)
            .Select(press => (press.Command, new Presser(press.Presser!.Number, press.Presser.Person)));
        foreach (var (command, pressers) in _board.Tell(pressed))
        {
            _toldAt = now;
            audience.PressersChanged(robot.Robot, command, pressers);
        }

        var obeys = holds.Select(hold => hold.Command).FirstOrDefault() ?? RobotCommand.StopCommand;
        if (obeys != _obeys)
        {
            _toldAt = now;
            _obeys = obeys;
            audience.ObeysChanged(robot.Robot, obeys);
        }
    }

    /// <summary>What changes seldom and is told when it does, by the versions of its sources.</summary>
    private readonly record struct State(long Turns, long Holds, long Votes);
}
