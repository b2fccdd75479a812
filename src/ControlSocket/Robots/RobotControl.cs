using System.Collections.Immutable;

using LiveRobot.ControlSocket.Commands;
using LiveRobot.ControlSocket.Holds;
using LiveRobot.Platform.Robots;

namespace LiveRobot.ControlSocket.Robots;

/// <summary>
/// The control of one robot: its viewers, what they hold, and its connections (two for the moment in which a newer one
/// takes over). Every call is taken in turn, and none waits for the network. Thread-safe.
/// </summary>
internal sealed class RobotControl : IDisposable
{
    /// <summary>Everybody is told of everybody who comes or goes; a rush of a thousand must not make a million messages.</summary>
    private static readonly TimeSpan ViewersChangedInterval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly ControlOptions _options;
    private readonly TimeProvider _clock;
    private readonly IControlAudience _audience;
    private readonly HoldTable _holds;
    private readonly HashSet<string> _viewers = new(StringComparer.Ordinal);
    private readonly long _origin;
    private readonly ITimer _timer;

    private ImmutableArray<RobotConnection> _connections = [];
    /// <summary>When buttons with a cooldown were pressed last, by command.</summary>
    private readonly Dictionary<string, TimeSpan> _pressedAt = new(StringComparer.Ordinal);

    private Robot _robot;
    private PanelCommands? _panels;
    private Person _lastDriver = Person.Anonymous;
    private TimeSpan _proveUntil;
    private TimeSpan _viewersToldAt = -ViewersChangedInterval;
    private bool _haveViewersChanged;

    /// <summary>Holds that began or ended so far, and how many of them a connection of the robot has proven to have read about.</summary>
    private long _changes;
    private long _provenChanges;

    public RobotControl(Robot robot, ControlOptions options, TimeProvider clock, IControlAudience audience)
    {
        _robot = robot;
        _panels = PanelCommands.Of(robot);
        _options = options;
        _clock = clock;
        _audience = audience;
        _holds = new HoldTable(options.HoldTimeout, options.HoldsPerViewer);
        _origin = clock.GetTimestamp();
        _timer = clock.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Gets the robot with its settings as last known.</summary>
    public Robot Robot => Volatile.Read(ref _robot);

    /// <summary>Gets what its buttons do; null when any command may be said to it.</summary>
    public PanelCommands? Panels => Volatile.Read(ref _panels);

    public bool IsConnected => !_connections.IsEmpty;

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
            if (robot.PanelsInUse != _robot.PanelsInUse)
            {
                Volatile.Write(ref _panels, PanelCommands.Of(robot));
                _pressedAt.Clear();
            }

            Volatile.Write(ref _robot, robot);
        }
    }

    /// <summary>
    /// A robot has identified on a new connection. When holds began or ended of which it cannot have heard, it is
    /// first sent a stop, and what is held now must be pressed anew.
    /// </summary>
    public void Connect(IRobotLink link, RobotCapabilities capabilities)
    {
        lock (_gate)
        {
            var now = Begin();
            var connection = new RobotConnection(link, _options, _holds.Commands, now) { Capabilities = capabilities };
            if (_changes > _provenChanges)
            {
                RefuseHolds(Refusal.Released);
                foreach (var other in _connections)
                {
                    other.ReleaseAll(_lastDriver, now);
                }

                connection.Stop(RobotCommand.Stop(_lastDriver), now);
            }

            _connections = _connections.Add(connection);
            Settle(now);
            if (_connections.Length == 1)
            {
                _audience.ConnectedChanged(this);
            }
        }
    }

    /// <summary>A robot's connection has ended.</summary>
    public void Disconnect(IRobotLink link)
    {
        lock (_gate)
        {
            var now = Begin();
            if (Find(link) is not { } connection)
            {
                return;
            }

            _connections = _connections.Remove(connection);
            if (connection.OwesStop)
            {
                _changes++;
            }

            Settle(now);
            if (_connections.IsEmpty)
            {
                _audience.ConnectedChanged(this);
            }
        }
    }

    /// <summary>Releases one connection of the robot, which is to end while another goes on, from everything that it was sent.</summary>
    public void Release(IRobotLink link)
    {
        lock (_gate)
        {
            var now = Begin();
            Find(link)?.ReleaseAll(_lastDriver, now);
            Settle(now);
        }
    }

    /// <summary>A robot has said what it understands.</summary>
    public void Declare(IRobotLink link, RobotCapabilities capabilities)
    {
        lock (_gate)
        {
            if (Find(link) is { } connection)
            {
                connection.Capabilities = capabilities;
            }
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
            KeepProven(now);
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
            Release(_holds.EndAll(viewer), now);
            _haveViewersChanged |= _viewers.Remove(viewer);
            Settle(now);
        }
    }

    /// <summary>Tells whether a viewer has pressed a command and not let go.</summary>
    public bool IsPressed(string viewer, string command)
    {
        lock (_gate)
        {
            return _holds.IsPressed(viewer, command);
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
            foreach (var command in _holds.All.Where(hold => hold.Viewer == viewer).Select(hold => hold.Command).ToArray())
            {
                if (forbids(command) is { } refusal)
                {
                    if (_holds.End(viewer, command) is { } ended)
                    {
                        Release([ended], now);
                    }

                    _audience.HoldRefused(viewer, _robot, command, refusal);
                }
            }

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
            var refusal = said switch
            {
                { IsStop: true } => Stop(viewer, said, now),
                { Position: KeyPosition.Up } => LetGo(viewer, said, now),
                _ => Press(viewer, said, now),
            };
            if (refusal is null)
            {
                _audience.CommandAccepted(_robot, said);
            }

            Settle(now);
            return refusal;
        }
    }

    public void Dispose() => _timer.Dispose();

    private Refusal? Press(string viewer, RobotCommand said, TimeSpan now)
    {
        var isPressed = _holds.IsPressed(viewer, said.Command);
        if (!isPressed && _connections.Any(connection => connection.IsStarting(now)))
        {
            return Refusal.RobotStarting;
        }

        var button = _panels?.Find(said.Command);
        if (!isPressed && button is { Cooldown.Ticks: > 0 } && _pressedAt.TryGetValue(said.Command, out var last) && now - last < button.Cooldown)
        {
            return Refusal.CoolingDown;
        }

        var press = _holds.Press(viewer, said.By, said.Command, said.Position, now);
        if (press == HoldPress.Began)
        {
            _changes++;
            _lastDriver = said.By;
        }

        if (_connections.IsEmpty)
        {
            if (press == HoldPress.Began)
            {
                // It began while the robot was away: the robot will be stopped first, so this press does not count.
                _holds.Void(viewer, said.Command);
            }

            return Refusal.RobotOffline;
        }

        switch (press)
        {
            case HoldPress.NotHeld:
                return Refusal.NotHeld;
            case HoldPress.Void:
                return Refusal.Released;
            case HoldPress.TooMany:
                return Refusal.TooManyHolds(_options.HoldsPerViewer);
        }

        if (press == HoldPress.Began && button is { Cooldown.Ticks: > 0 })
        {
            _pressedAt[said.Command] = now;
        }

        // The robot gets the server's own copy of what the button says.
        said = button is null ? said : said with { Command = button.Command };
        var ready = _connections.RemoveAll(connection => connection.IsStarting(now));
        foreach (var connection in ready)
        {
            connection.Move(said, isFresh: press == HoldPress.Began, now);
        }

        KeepProven(now);
        return ready.IsEmpty ? Refusal.RobotStarting : null;
    }

    private Refusal? LetGo(string viewer, RobotCommand up, TimeSpan now)
    {
        if (_holds.End(viewer, up.Command) is null)
        {
            // Others who hold it still drive. When nobody does, the robot was released before, or nothing is known
            // of it (the server is new): it is released once more, in the form that cannot move it.
            if (!_holds.IsHeld(up.Command))
            {
                foreach (var connection in _connections)
                {
                    connection.Release(up.Command, up.By, endsHold: false, now);
                }
            }

            return null;
        }

        _changes++;
        foreach (var connection in _connections)
        {
            switch (_robot.Release)
            {
                case ReleaseRule.Up:
                    connection.PassUp(up, now);
                    break;
                case ReleaseRule.Stop:
                    connection.Stop(RobotCommand.Stop(up.By), now);
                    break;
                case ReleaseRule.None:
                    connection.Forget(up.Command);
                    break;
            }
        }

        return null;
    }

    /// <summary>A viewer sends <c>stop</c>, as a button may. It makes no hold; what this viewer holds must be pressed anew.</summary>
    private Refusal? Stop(string viewer, RobotCommand stop, TimeSpan now)
    {
        _changes++;
        Release(_holds.VoidAll(viewer), now);
        foreach (var connection in _connections)
        {
            connection.Stop(stop, now);
        }

        return _connections.IsEmpty ? Refusal.RobotOffline : null;
    }

    /// <summary>The server releases the robot from commands that nobody holds any longer.</summary>
    private void Release(IReadOnlyList<EndedHold> ended, TimeSpan now)
    {
        foreach (var hold in ended)
        {
            if (!hold.NeedsRelease)
            {
                foreach (var connection in _connections)
                {
                    connection.Forget(hold.Command);
                }

                continue;
            }

            _changes++;
            foreach (var connection in _connections)
            {
                connection.Release(hold.Command, hold.By, endsHold: true, now);
            }

            _audience.CommandAccepted(_robot, RobotCommand.Up(hold.Command, hold.By));
        }
    }

    /// <summary>Voids all holds and tells those who hold.</summary>
    private void RefuseHolds(Refusal refusal)
    {
        foreach (var (viewer, command) in _holds.All.ToArray())
        {
            _audience.HoldRefused(viewer, _robot, command, refusal);
        }

        _holds.VoidAll();
    }

    private RobotConnection? Find(IRobotLink link) => _connections.FirstOrDefault(connection => connection.Link == link);

    private void KeepProven(TimeSpan now) => _proveUntil = now + _options.ProveFor;

    /// <summary>Opens a turn: does what fell due before it.</summary>
    private TimeSpan Begin()
    {
        var now = _clock.GetElapsedTime(_origin);
        Release(_holds.Lapse(now), now);
        var hasStalled = false;
        foreach (var connection in _connections)
        {
            hasStalled |= connection.Tick(now);
        }

        if (hasStalled && _connections.All(connection => connection.IsStalled || connection.IsStarting(now)))
        {
            _changes++;
            RefuseHolds(Refusal.RobotNotReading);
        }

        return now;
    }

    /// <summary>Closes a turn: starts the probes that are due and sets the timer for what comes next.</summary>
    private void Settle(TimeSpan now)
    {
        foreach (var connection in _connections)
        {
            if (connection.TakeProbe(_changes > _provenChanges, _proveUntil, now))
            {
                _ = ProbeAsync(connection, _changes);
            }
        }

        TellViewers(now);
        TimeSpan?[] due =
        [
            _holds.NextLapse,
            _haveViewersChanged ? _viewersToldAt + ViewersChangedInterval : null,
            .. _connections.Select(connection => connection.NextDue(_proveUntil)),
        ];
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
            connection.ProbeAnswered(reads, now);
            if (reads)
            {
                _provenChanges = Math.Max(_provenChanges, changes);
            }

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
