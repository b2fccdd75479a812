using System.Collections.Immutable;

using LiveRobot.ControlSocket.Commands;
using LiveRobot.ControlSocket.Holds;
using LiveRobot.Platform.Robots;

namespace LiveRobot.ControlSocket.Robots;

/// <summary>
/// What moves one robot: who holds which command on one side, the robot's connections on the other (two for the moment in
/// which a newer one takes over). Who may press is not asked here.
/// </summary>
/// <remarks>
/// Not thread-safe; <see cref="RobotControl"/> calls it in turn. Time comes in as an argument, and
/// <see cref="Tick"/> comes before anything else that happens at that time.
/// </remarks>
internal sealed class RobotDrive(Robot robot, ControlOptions options, IControlAudience audience)
{
    private readonly HoldTable _holds = new(options.HoldTimeout, options.HoldsPerViewer);

    /// <summary>When buttons with a cooldown were pressed last, by command.</summary>
    private readonly Dictionary<string, TimeSpan> _pressedAt = new(StringComparer.Ordinal);

    private ImmutableArray<RobotConnection> _connections = [];
    private Robot _robot = robot;
    private PanelCommands? _panels = PanelCommands.Of(robot);
    private Person _lastDriver = Person.Anonymous;
    private TimeSpan _proveUntil;

    /// <summary>Holds that began or ended so far, and how many of them a connection of the robot has proven to have read about.</summary>
    private long _changes;
    private long _provenChanges;

    /// <summary>Gets or sets the robot with its settings as last known.</summary>
    public Robot Robot
    {
        get => Volatile.Read(ref _robot);
        set
        {
            if (value.PanelsInUse != _robot.PanelsInUse)
            {
                Volatile.Write(ref _panels, PanelCommands.Of(value));
                _pressedAt.Clear();
            }

            Volatile.Write(ref _robot, value);
        }
    }

    /// <summary>Gets what its buttons do; null when any command may be said to it.</summary>
    public PanelCommands? Panels => Volatile.Read(ref _panels);

    public bool IsConnected => !_connections.IsEmpty;

    /// <summary>Gets the viewers who hold something that counts, with what they hold.</summary>
    public IEnumerable<(string Viewer, string Command)> Holds => _holds.All;

    /// <inheritdoc cref="HoldTable.Version"/>
    public long HoldsVersion => _holds.Version;

    /// <summary>Gets whether the robot may be moving by something of which it has not yet proven to have heard the end.</summary>
    public bool MayBeMoving => _changes > _provenChanges || _holds.Commands.Any();

    /// <summary>Tells whether a viewer has pressed a command and not let go.</summary>
    public bool IsPressed(string viewer, string command) => _holds.IsPressed(viewer, command);

    /// <summary>
    /// A robot has identified on a new connection. When holds began or ended of which it cannot have heard, it is
    /// first sent a stop, and what is held now must be pressed anew.
    /// </summary>
    public void Connect(IRobotLink link, RobotCapabilities capabilities, TimeSpan now)
    {
        var connection = new RobotConnection(link, options, _holds.Commands, now) { Capabilities = capabilities };
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
    }

    /// <summary>A robot's connection has ended.</summary>
    public void Disconnect(IRobotLink link)
    {
        if (Find(link) is not { } connection)
        {
            return;
        }

        _connections = _connections.Remove(connection);
        if (connection.OwesStop)
        {
            _changes++;
        }
    }

    /// <summary>Releases one connection of the robot, which is to end while another goes on, from everything that it was sent.</summary>
    public void Release(IRobotLink link, TimeSpan now) => Find(link)?.ReleaseAll(_lastDriver, now);

    /// <summary>A robot has said what it understands.</summary>
    public void Declare(IRobotLink link, RobotCapabilities capabilities)
    {
        if (Find(link) is { } connection)
        {
            connection.Capabilities = capabilities;
        }
    }

    /// <summary>What a former life of this service told the robot may move it still: it is sent a stop once it is here.</summary>
    public void Distrust() => _changes++;

    /// <summary>The robot's proof that it reads is kept fresh for a while: somebody may press soon.</summary>
    public void KeepProven(TimeSpan now) => _proveUntil = now + options.ProveFor;

    /// <summary>A viewer presses or repeats a command. Null when it was accepted.</summary>
    public Refusal? Press(string viewer, RobotCommand said, TimeSpan now)
    {
        var isPressed = _holds.IsPressed(viewer, said.Command);
        if (!isPressed && _connections.Any(connection => connection.IsStarting(now)))
        {
            return Refusal.RobotStarting;
        }

        var button = _panels?.Find(said.Command);
        if (!isPressed && CooldownLeft(said.Command, now) > TimeSpan.Zero)
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
                return Refusal.TooManyHolds(options.HoldsPerViewer);
        }

        if (press == HoldPress.Began && button is { Cooldown.Ticks: > 0 })
        {
            _pressedAt[said.Command] = now;
            audience.CoolsDown(_robot, said.Command, button.Cooldown);
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

    /// <summary>A viewer lets a command go.</summary>
    public void LetGo(string viewer, RobotCommand up, TimeSpan now)
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

            return;
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
    }

    /// <summary>A viewer sends <c>stop</c>, as a button may. It makes no hold; what this viewer holds must be pressed anew.</summary>
    public Refusal? Stop(string viewer, RobotCommand stop, TimeSpan now)
    {
        _changes++;
        Release(_holds.VoidAll(viewer), now);
        foreach (var connection in _connections)
        {
            connection.Stop(stop, now);
        }

        return _connections.IsEmpty ? Refusal.RobotOffline : null;
    }

    /// <summary>The server stops the robot, whatever it was told: nobody holds anything from here on.</summary>
    public void StopAll(Person by, Refusal refusal, TimeSpan now)
    {
        _changes++;
        RefuseHolds(refusal);
        foreach (var connection in _connections)
        {
            connection.Stop(RobotCommand.Stop(by), now);
        }

        audience.Released(_robot, RobotCommand.Stop(by));
    }

    /// <summary>Ends whatever a viewer holds; it is gone.</summary>
    public void EndAll(string viewer, TimeSpan now) => Release(_holds.EndAll(viewer), now);

    /// <summary>Ends what may not be held any longer; those who held it are told why.</summary>
    /// <param name="forbids">Why a viewer may not hold a command; null when it may.</param>
    public void EndForbidden(Func<string, string, Refusal?> forbids, TimeSpan now)
    {
        foreach (var (viewer, command) in _holds.All.ToArray())
        {
            if (forbids(viewer, command) is { } refusal)
            {
                if (_holds.End(viewer, command) is { } ended)
                {
                    Release([ended], now);
                }

                audience.HoldRefused(viewer, _robot, command, refusal);
            }
        }
    }

    /// <summary>Tells how long nobody can press a button again.</summary>
    public TimeSpan CooldownLeft(string command, TimeSpan now) =>
        _panels?.Find(command) is { Cooldown.Ticks: > 0 } button && _pressedAt.TryGetValue(command, out var last)
            ? last + button.Cooldown - now
            : TimeSpan.Zero;

    /// <summary>Tells which buttons nobody can press, and for how long.</summary>
    public IEnumerable<(string Command, TimeSpan Left)> Cooldowns(TimeSpan now) =>
        _pressedAt.Keys.Select(command => (command, CooldownLeft(command, now))).Where(cooldown => cooldown.Item2 > TimeSpan.Zero);

    /// <summary>Does what has fallen due.</summary>
    public void Tick(TimeSpan now)
    {
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
    }

    /// <summary>Gives the connections to probe now; <see cref="ProbeAnswered"/> must follow for each, with the number given here.</summary>
    public IEnumerable<(RobotConnection Connection, long Changes)> TakeProbes(TimeSpan now)
    {
        foreach (var connection in _connections)
        {
            if (connection.TakeProbe(_changes > _provenChanges, _proveUntil, now))
            {
                yield return (connection, _changes);
            }
        }
    }

    /// <summary>A probe has been answered (true), or never will be.</summary>
    public void ProbeAnswered(RobotConnection connection, long changes, bool reads, TimeSpan now)
    {
        connection.ProbeAnswered(reads, now);
        if (reads)
        {
            _provenChanges = Math.Max(_provenChanges, changes);
        }
    }

    /// <summary>Gets when something falls due next.</summary>
    public TimeSpan? NextDue(TimeSpan now) =>
        _connections.Select(connection => connection.NextDue(_proveUntil, now)).Append(_holds.NextLapse).Min();

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

            audience.Released(_robot, RobotCommand.Up(hold.Command, hold.By));
        }
    }

    /// <summary>Voids all holds and tells those who hold.</summary>
    private void RefuseHolds(Refusal refusal)
    {
        foreach (var (viewer, command) in _holds.All.ToArray())
        {
            audience.HoldRefused(viewer, _robot, command, refusal);
        }

        _holds.VoidAll();
    }

    private RobotConnection? Find(IRobotLink link) => _connections.FirstOrDefault(connection => connection.Link == link);
}
