using LiveRobot.ControlSocket.Commands;
using LiveRobot.ControlSocket.Turns;
using LiveRobot.Platform.Control;
using LiveRobot.Platform.Robots;

namespace LiveRobot.ControlSocket.Robots;

/// <summary>
/// The control of one robot: its viewers, whose turn it is, and what they do to it. Every call is taken in turn, and none
/// waits for the network. Thread-safe.
/// </summary>
internal sealed class RobotControl : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ControlOptions _options;
    private readonly TimeProvider _clock;
    private readonly IControlAudience _audience;
    private readonly RobotDrive _drive;
    private readonly TurnMachine _turns;
    private readonly VotedDrive _voted;
    private readonly Announcements _announcements;
    private readonly CommandRate _rate;
    private readonly HashSet<string> _viewers = new(StringComparer.Ordinal);
    private readonly long _origin;
    private readonly ITimer _timer;

    private long _enforcedTurns;

    public RobotControl(Robot robot, ControlOptions options, TimeProvider clock, IControlAudience audience)
    {
        _options = options;
        _clock = clock;
        _audience = audience;
        _drive = new RobotDrive(robot, options, audience);
        _turns = new TurnMachine(options);
        _rate = new CommandRate(options.RobotCommandsPerSecond);
        _voted = new VotedDrive(_drive, options, audience);
        _announcements = new Announcements(this, _drive, _turns, _voted, audience);
        _origin = clock.GetTimestamp();
        _timer = clock.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Gets the robot with its settings as last known.</summary>
    public Robot Robot => _drive.Robot;

    /// <summary>Gets what its buttons do; null when any command may be said to it.</summary>
    public PanelCommands? Panels => _drive.Panels;

    public bool IsConnected => _drive.IsConnected;

    public int ViewerCount
    {
        get
        {
            lock (_gate)
            {
                return _viewers.Count;
            }
        }
    }

    /// <summary>Gets the owner's rules as last known.</summary>
    public ControlRules Rules
    {
        get
        {
            lock (_gate)
            {
                return _turns.Rules;
            }
        }
    }

    /// <summary>The robot's settings may have changed.</summary>
    public void Update(Robot robot)
    {
        lock (_gate)
        {
            _drive.Robot = robot;
        }
    }

    /// <summary>The owner's rules may have changed.</summary>
    public void Update(ControlRules rules) => InTurn(now =>
    {
        var wasClosed = _turns.Rules.Closed is not null;
        _turns.Apply(rules, rules.Exclusive?.Until is { } until ? now + (until - _clock.GetUtcNow()) : null, now);
        if (!wasClosed && _turns.Rules.Closed is { } closing)
        {
            // Another process stopped it, or this one's start finds it stopped.
            _drive.StopAll(new Person(closing.By, IsAnonymous: false), Refusal.ControlClosed, now);
        }
    });

    /// <summary>Stops the robot and closes its control, until rules come that open it.</summary>
    /// <param name="by">The name of the account that stops it.</param>
    public void EmergencyStop(string by) => InTurn(now =>
    {
        _turns.Close(new ControlClosing(by, _clock.GetUtcNow()), now);
        _drive.StopAll(new Person(by, IsAnonymous: false), Refusal.ControlClosed, now);
    });

    /// <summary>The robot's picture moves, or no longer does; only told of robots that are bound to it.</summary>
    public void VideoStalled(bool isStalled) => InTurn(now =>
    {
        var version = _turns.Version;
        _turns.VideoStalled(isStalled, now);
        if (isStalled && version != _turns.Version)
        {
            _drive.StopAll(Person.Anonymous, Refusal.VideoStalled, now);
        }
    });

    /// <inheritdoc cref="RobotDrive.Distrust"/>
    public void Distrust() => InTurn(_ => _drive.Distrust());

    /// <inheritdoc cref="RobotDrive.Connect"/>
    public void Connect(IRobotLink link, RobotCapabilities capabilities) => InTurn(now => _drive.Connect(link, capabilities, now));

    /// <inheritdoc cref="RobotDrive.Disconnect"/>
    public void Disconnect(IRobotLink link) => InTurn(_ => _drive.Disconnect(link));

    /// <inheritdoc cref="RobotDrive.Release(IRobotLink, TimeSpan)"/>
    public void Release(IRobotLink link)
    {
        lock (_gate)
        {
            var now = Begin();
            _drive.Release(link, now);
            Settle(now);
        }
    }

    /// <inheritdoc cref="RobotDrive.Declare"/>
    public void Declare(IRobotLink link, RobotCapabilities capabilities)
    {
        lock (_gate)
        {
            _drive.Declare(link, capabilities);
        }
    }

    /// <summary>A viewer has chosen the robot. Null when it may.</summary>
    /// <param name="viewer">Its socket.</param>
    /// <param name="ticket">What somebody without an account is recognised by when it comes back; null: nothing.</param>
    /// <param name="by">Who it is.</param>
    /// <param name="owns">Whether the robot is its own.</param>
    public Refusal? Join(string viewer, string? ticket, Person by, bool owns)
    {
        lock (_gate)
        {
            var now = Begin();
            if (_viewers.Count >= _options.ViewersPerRobot && !_viewers.Contains(viewer))
            {
                return Refusal.RobotFull(_options.ViewersPerRobot);
            }

            if (_viewers.Add(viewer))
            {
                _announcements.ViewersChanged();
            }

            _turns.Come(viewer, ticket, by, owns, now);
            _drive.KeepProven(now);
            Settle(now);
            return null;
        }
    }

    /// <summary>Tells one viewer how things stand. In turn, so that nothing older reaches it later.</summary>
    public void Greet(string viewer)
    {
        lock (_gate)
        {
            _audience.Greeted(viewer, Robot, _announcements.Greet(viewer, Begin()));
        }
    }

    /// <summary>A viewer is gone, or has chosen another robot. Whatever it held ends.</summary>
    public void Leave(string viewer) => InTurn(now =>
    {
        _drive.EndAll(viewer, now);
        _voted.RemoveWhere(voter => voter == viewer, now);
        _turns.Go(viewer, now);
        if (_viewers.Remove(viewer))
        {
            _announcements.ViewersChanged();
        }
    });

    /// <summary>A viewer wants a turn. Null when it has one, or stands in line.</summary>
    public Refusal? JoinLine(string viewer)
    {
        Refusal? refusal = null;
        InTurn(now => refusal = _turns.Join(viewer, now));
        return refusal;
    }

    /// <summary>A viewer wants its turn no longer.</summary>
    public void LeaveLine(string viewer) => InTurn(now => _turns.Leave(viewer, now));

    /// <summary>Makes exclusive control for whom others know by a number; null when nobody with that number is here.</summary>
    /// <param name="until">When it is to end by itself.</param>
    public ExclusiveControl? ExclusiveFor(int number, DateTimeOffset? until)
    {
        lock (_gate)
        {
            return _turns.Find(number) is not { } participant ? null
                : participant.Person is { IsAnonymous: false, User: var user } ? new ExclusiveControl(user, until)
                : new ExclusiveControl(CommandMessages.NameOf(participant.Number, participant.Person), until, participant.Mark);
        }
    }

    /// <summary>Tells whether a viewer has exclusive control.</summary>
    public bool HasExclusive(string viewer)
    {
        lock (_gate)
        {
            Begin();
            return _turns.HasExclusive(viewer);
        }
    }

    /// <summary>A viewer floods the robot.</summary>
    public void Flooded(string viewer) => InTurn(now => _turns.Flooded(viewer, now));

    /// <summary>Tells whether a viewer has pressed a command and not let go.</summary>
    public bool IsPressed(string viewer, string command)
    {
        lock (_gate)
        {
            return _drive.IsPressed(viewer, command);
        }
    }

    /// <summary>Ends what a viewer holds and may not hold any longer; the viewer is told why.</summary>
    /// <param name="viewer">The viewer.</param>
    /// <param name="forbids">Why a command may not be held; null when it may.</param>
    public void Withdraw(string viewer, Func<string, Refusal?> forbids) => InTurn(now =>
    {
        _drive.EndForbidden((holder, command) => holder == viewer ? forbids(command) : null, now);
        if (_voted.Votes.Any(vote => vote.Viewer == viewer && forbids(vote.Command) is not null))
        {
            _voted.RemoveWhere(voter => voter == viewer, now);
        }

        if (forbids(RobotCommand.StopCommand) is not null)
        {
            // It may not even say stop: it may not drive at all.
            _turns.Leave(viewer, now);
        }
    });

    /// <summary>A viewer presses, repeats or lets go a command. Null when it was accepted.</summary>
    /// <param name="owns">Whether the robot is its own.</param>
    /// <param name="mayStop">Whether it may stop the robot out of turn.</param>
    public Refusal? Command(string viewer, Person by, string command, KeyPosition position, bool owns = false, bool mayStop = false)
    {
        lock (_gate)
        {
            var now = Begin();
            var said = new RobotCommand(command, position, by);
            _turns.Recognise(viewer, by, owns, now);
            var refusal = Command(viewer, said, mayStop, now);
            if (refusal is null)
            {
                _audience.CommandAccepted(Robot, said);
            }

            Settle(now);
            return refusal;
        }
    }

    public void Dispose() => _timer.Dispose();

    private Refusal? Command(string viewer, RobotCommand said, bool mayStop, TimeSpan now)
    {
        if (said.IsStop && mayStop)
        {
            return _drive.Stop(viewer, said, now);
        }

        var isRelease = said.Position == KeyPosition.Up && !said.IsStop;
        if (_turns.Forbids(viewer, now) is { } refusal && !(isRelease && _drive.IsPressed(viewer, said.Command)))
        {
            return refusal;
        }

        _turns.Pressed(viewer, now);
        if (_turns.Mode == ControlMode.Vote && _turns.ForbidsVote() is null)
        {
            return _voted.Cast(viewer, said, _turns.VoteWindow, now);
        }

        if (said.IsStop)
        {
            return _drive.Stop(viewer, said, now);
        }

        if (isRelease)
        {
            _drive.LetGo(viewer, said, now);
            return null;
        }

        // What is held goes on: repeats follow the robot's own pace anyway.
        return _drive.IsPressed(viewer, said.Command) || _rate.TryTake(now)
            ? _drive.Press(viewer, said, now)
            : Refusal.RobotTooFast(_options.RobotCommandsPerSecond);
    }

    private void InTurn(Action<TimeSpan> action)
    {
        lock (_gate)
        {
            var now = Begin();
            var wasConnected = _drive.IsConnected;
            action(now);
            Settle(now);
            if (wasConnected != _drive.IsConnected)
            {
                _audience.ConnectedChanged(this);
            }
        }
    }

    /// <summary>Opens a turn: does what fell due before it.</summary>
    private TimeSpan Begin()
    {
        var now = _clock.GetElapsedTime(_origin);
        _drive.Tick(now);
        _turns.Tick(now);
        _voted.Tick(_turns.VoteWindow, now);
        Enforce(now);
        return now;
    }

    /// <summary>Closes a turn: starts the probes that are due and sets the timer for what comes next.</summary>
    private void Settle(TimeSpan now)
    {
        Enforce(now);
        foreach (var (connection, changes) in _drive.TakeProbes(now))
        {
            _ = ProbeAsync(connection, changes);
        }

        _announcements.Tell(_viewers.Count, now);
        TimeSpan?[] due = [_drive.NextDue(now), _turns.NextDue(), _voted.NextDue(), _announcements.NextDue];
        // Rounded up: a timer that fires a moment early would only be set again.
        _timer.Change(
            due.Min() is { } next ? TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling((next - now).TotalMilliseconds))) : Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>Holds end with the right to them.</summary>
    private void Enforce(TimeSpan now)
    {
        if (_enforcedTurns == _turns.Version)
        {
            return;
        }

        _enforcedTurns = _turns.Version;
        if (_turns.ForbidsVote() is not null)
        {
            _voted.End(now);
        }
        else
        {
            _voted.RemoveWhere(viewer => _turns.Forbids(viewer, now) is not null, now);
        }

        _drive.EndForbidden((viewer, _) => viewer == VotedDrive.Viewer ? null : _turns.Forbids(viewer, now) ?? VoteInstead(), now);
        if (_turns.TakeEndedExclusive() is { } ended)
        {
            _audience.ExclusiveEnded(Robot, ended);
        }
    }

    /// <summary>Nobody drives by hand where the vote does.</summary>
    private Refusal? VoteInstead() => _turns.ForbidsVote() is null ? Refusal.Released : null;

    private async Task ProbeAsync(RobotConnection connection, long changes)
    {
        bool reads;
        try
        {
            reads = await connection.Link.ProbeAsync();
        }
        catch (Exception exception) when (exception is InvalidOperationException or ObjectDisposedException or IOException)
        {
            // The connection ended under the probe; its owner will be told.
            reads = false;
        }

        InTurn(now => _drive.ProbeAnswered(connection, changes, reads, now));
    }

    private void OnTimer() => InTurn(_ => { });
}
