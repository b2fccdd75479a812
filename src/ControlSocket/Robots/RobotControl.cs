using LiveRobot.ControlSocket.Commands;
using LiveRobot.Platform.Robots;

namespace LiveRobot.ControlSocket.Robots;

/// <summary>
/// The control of one robot: its viewers, and what they do to it. Every call is taken in turn, and none waits for the
/// network. Thread-safe.
/// </summary>
internal sealed class RobotControl : IDisposable
{
    /// <summary>Everybody is told of everybody who comes or goes; a rush of a thousand must not make a million messages.</summary>
    private static readonly TimeSpan ViewersChangedInterval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly ControlOptions _options;
    private readonly TimeProvider _clock;
    private readonly IControlAudience _audience;
    private readonly RobotDrive _drive;
    private readonly HashSet<string> _viewers = new(StringComparer.Ordinal);
    private readonly long _origin;
    private readonly ITimer _timer;

    private TimeSpan _viewersToldAt = -ViewersChangedInterval;
    private bool _haveViewersChanged;

    public RobotControl(Robot robot, ControlOptions options, TimeProvider clock, IControlAudience audience)
    {
        _options = options;
        _clock = clock;
        _audience = audience;
        _drive = new RobotDrive(robot, options, audience);
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

    /// <summary>The robot's settings may have changed.</summary>
    public void Update(Robot robot)
    {
        lock (_gate)
        {
            _drive.Robot = robot;
        }
    }

    /// <inheritdoc cref="RobotDrive.Connect"/>
    public void Connect(IRobotLink link, RobotCapabilities capabilities)
    {
        lock (_gate)
        {
            var now = Begin();
            var wasConnected = _drive.IsConnected;
            _drive.Connect(link, capabilities, now);
            Settle(now);
            if (!wasConnected)
            {
                _audience.ConnectedChanged(this);
            }
        }
    }

    /// <inheritdoc cref="RobotDrive.Disconnect"/>
    public void Disconnect(IRobotLink link)
    {
        lock (_gate)
        {
            var now = Begin();
            var wasConnected = _drive.IsConnected;
            _drive.Disconnect(link);
            Settle(now);
            if (wasConnected && !_drive.IsConnected)
            {
                _audience.ConnectedChanged(this);
            }
        }
    }

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
    public Refusal? Join(string viewer)
    {
        lock (_gate)
        {
            var now = Begin();
            if (_viewers.Count >= _options.ViewersPerRobot && !_viewers.Contains(viewer))
            {
                return Refusal.RobotFull(_options.ViewersPerRobot);
            }

            _haveViewersChanged |= _viewers.Add(viewer);
            _drive.KeepProven(now);
            Settle(now);
            return null;
        }
    }

    /// <summary>A viewer is gone, or has chosen another robot. Whatever it held ends.</summary>
    public void Leave(string viewer)
    {
        lock (_gate)
        {
            var now = Begin();
            _drive.EndAll(viewer, now);
            _haveViewersChanged |= _viewers.Remove(viewer);
            Settle(now);
        }
    }

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
    public void Withdraw(string viewer, Func<string, Refusal?> forbids)
    {
        lock (_gate)
        {
            var now = Begin();
            _drive.EndForbidden((holder, command) => holder == viewer ? forbids(command) : null, now);
            Settle(now);
        }
    }

    /// <summary>A viewer presses, repeats or lets go a command. Null when it was accepted.</summary>
    public Refusal? Command(string viewer, Person by, string command, KeyPosition position)
    {
        lock (_gate)
        {
            var now = Begin();
            var said = new RobotCommand(command, position, by);
            var refusal = Command(viewer, said, now);
            if (refusal is null)
            {
                _audience.CommandAccepted(Robot, said);
            }

            Settle(now);
            return refusal;
        }
    }

    public void Dispose() => _timer.Dispose();

    private Refusal? Command(string viewer, RobotCommand said, TimeSpan now)
    {
        if (said.IsStop)
        {
            return _drive.Stop(viewer, said, now);
        }

        if (said.Position != KeyPosition.Up)
        {
            return _drive.Press(viewer, said, now);
        }

        _drive.LetGo(viewer, said, now);
        return null;
    }

    /// <summary>Opens a turn: does what fell due before it.</summary>
    private TimeSpan Begin()
    {
        var now = _clock.GetElapsedTime(_origin);
        _drive.Tick(now);
        return now;
    }

    /// <summary>Closes a turn: starts the probes that are due and sets the timer for what comes next.</summary>
    private void Settle(TimeSpan now)
    {
        foreach (var (connection, changes) in _drive.TakeProbes(now))
        {
            _ = ProbeAsync(connection, changes);
        }

        TellViewers(now);
        TimeSpan?[] due = [_drive.NextDue(), _haveViewersChanged ? _viewersToldAt + ViewersChangedInterval : null];
        // Rounded up: a timer that fires a moment early would only be set again.
        _timer.Change(
            due.Min() is { } next ? TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling((next - now).TotalMilliseconds))) : Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    private void TellViewers(TimeSpan now)
    {
        if (_haveViewersChanged && now - _viewersToldAt >= ViewersChangedInterval)
        {
            _haveViewersChanged = false;
            _viewersToldAt = now;
            _audience.ViewersChanged(this, _viewers.Count);
        }
    }

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

        lock (_gate)
        {
            var now = Begin();
            _drive.ProbeAnswered(connection, changes, reads, now);
            Settle(now);
        }
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            Settle(Begin());
        }
    }
}
