using LiveRobot.ControlSocket.Commands;
using LiveRobot.ControlSocket.Robots;

namespace LiveRobot.ControlSocket.Turns;

/// <summary>
/// Drives a robot by what its viewers vote for: window after window, the winner of one is held until the next is
/// counted, and never longer than somebody wants it. Windows follow each other while somebody votes.
/// </summary>
/// <remarks>Not thread-safe; <see cref="RobotControl"/> calls it in turn. Time comes in as an argument.</remarks>
internal sealed class VotedDrive(RobotDrive drive, ControlOptions options, IControlAudience audience)
{
    /// <summary>Who holds the winner: the name of no socket.</summary>
    public const string Viewer = "vote";

    private readonly VoteCount _votes = new(options.HoldTimeout);
    private RobotCommand? _winner;
    private TimeSpan? _windowEnds;
    private TimeSpan _repeatDue;

    /// <inheritdoc cref="VoteCount.Version"/>
    public long Version => _votes.Version;

    /// <summary>Gets who votes for what.</summary>
    public IEnumerable<(string Viewer, string Command)> Votes => _votes.All;

    /// <summary>A viewer presses, repeats or lets go a command, or wants the robot to stop. Null when it counts.</summary>
    /// <param name="window">How long votes are counted.</param>
    public Refusal? Cast(string viewer, RobotCommand said, TimeSpan window, TimeSpan now)
    {
        if (said.Position == KeyPosition.Up && !said.IsStop)
        {
            _votes.LetGo(viewer, said.Command);
            ReleaseUnwanted(now);
            return null;
        }

        if (!drive.IsConnected)
        {
            return Refusal.RobotOffline;
        }

        if (_winner?.Command != said.Command && drive.CooldownLeft(said.Command, now) > TimeSpan.Zero)
        {
            return Refusal.CoolingDown;
        }

        _votes.Cast(viewer, said.IsStop ? said with { Position = KeyPosition.Pulse } : said, now);
        _windowEnds ??= now + window;
        ReleaseUnwanted(now);
        return null;
    }

    /// <summary>Takes away the votes of those who may not vote.</summary>
    public void RemoveWhere(Func<string, bool> mayNotVote, TimeSpan now)
    {
        _votes.RemoveWhere(mayNotVote);
        ReleaseUnwanted(now);
    }

    /// <summary>Takes away all votes; what was being driven by them is released.</summary>
    public void End(TimeSpan now)
    {
        _votes.RemoveWhere(_ => true);
        _windowEnds = null;
        Release(now);
    }

    /// <summary>Does what has fallen due.</summary>
    public void Tick(TimeSpan window, TimeSpan now)
    {
        _votes.Expire(now);
        if (_windowEnds <= now)
        {
            Elect(_votes.Close(), now);
            _windowEnds = _winner is null ? null : now + window;
        }

        ReleaseUnwanted(now);

        if (_winner is { IsStop: false } winner && _repeatDue <= now)
        {
            Hold(winner with { Position = KeyPosition.Intermediate }, now);
        }
    }

    /// <summary>Gets when to call <see cref="Tick"/> next.</summary>
    public TimeSpan? NextDue()
    {
        TimeSpan?[] due = [_windowEnds, _votes.NextExpiry(), _winner is { IsStop: false } ? _repeatDue : null];
        return due.Min();
    }

    private void Elect(RobotCommand? winner, TimeSpan now)
    {
        if (winner?.Command == _winner?.Command)
        {
            return;
        }

        Release(now);
        _winner = winner;
        if (winner is { IsStop: true })
        {
            audience.Elected(drive.Robot, winner);
            drive.Stop(Viewer, RobotCommand.Stop(winner.By), now);
        }
        else if (winner is not null)
        {
            audience.Elected(drive.Robot, winner);
            Hold(winner, now);
        }
    }

    private void Hold(RobotCommand said, TimeSpan now)
    {
        _repeatDue = now + options.VoteRepeat;
        if (drive.Press(Viewer, said, now) is not null)
        {
            // The robot is away or was released: the next window begins with a fresh press.
            _winner = null;
            drive.EndAll(Viewer, now);
        }
    }

    /// <summary>Also here a held key does not outlive those who hold it.</summary>
    private void ReleaseUnwanted(TimeSpan now)
    {
        if (_winner is { IsStop: false } winner && !_votes.IsWanted(winner.Command))
        {
            Release(now);
        }
    }

    /// <summary>Nobody lets go of a winner by hand: the robot is released by the server.</summary>
    private void Release(TimeSpan now)
    {
        _winner = null;
        drive.EndAll(Viewer, now);
    }
}
