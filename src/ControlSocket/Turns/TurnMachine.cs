using LiveRobot.ControlSocket.Commands;
using LiveRobot.Platform.Control;

namespace LiveRobot.ControlSocket.Turns;

/// <summary>
/// Who may drive one robot now, among those whom its owner lets drive at all. Above everything stands an emergency stop,
/// then exclusive control, then the picture that must move, then the mode. The clock of a turn stands still while one of
/// the former keeps its driver from driving.
/// </summary>
/// <remarks>
/// Not thread-safe; <see cref="Robots.RobotControl"/> calls it in turn. Time comes in as an argument, and
/// <see cref="Tick"/> comes before anything else that happens at that time.
/// </remarks>
internal sealed class TurnMachine(ControlOptions options)
{
    private readonly Dictionary<string, Participant> _participants = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Participant> _byViewer = new(StringComparer.Ordinal);
    private readonly List<Participant> _line = [];

    /// <summary>Those whose last socket went, and who are waited for.</summary>
    private readonly HashSet<Participant> _absent = [];

    private ControlRules _rules = new();
    private ExclusiveControl? _exclusive;
    private TimeSpan? _exclusiveEnds;
    private TimeSpan? _exclusiveAbsentSince;
    private ExclusiveControl? _endedExclusive;
    private bool _isVideoStalled;

    private Participant? _driver;
    private TimeSpan _turnEnds;

    /// <summary>When a driver who has pressed nothing loses the turn to one who waits; null once it has pressed.</summary>
    private TimeSpan? _mustBeginBy;
    private TimeSpan? _pausedAt;
    private TimeSpan _registeredUntil;
    private int _lastNumber;

    /// <summary>Gets a number that rises whenever somebody's right to drive, or what viewers are shown, may have changed.</summary>
    public long Version { get; private set; }

    public ControlMode Mode => _rules.Mode;

    /// <summary>Gets how long votes are counted.</summary>
    public TimeSpan VoteWindow => TimeSpan.FromSeconds(_rules.VoteSeconds);

    public ControlRules Rules => _rules;

    private bool IsPaused => _rules.Closed is not null || _exclusive is not null || _isVideoStalled;

    /// <summary>Tells how things stand.</summary>
    public TurnState State(TimeSpan now) => new(
        _rules,
        _exclusive?.Username,
        FindExclusive()?.Number,
        _exclusiveEnds - now,
        _isVideoStalled,
        _driver is null ? null : Place.Of(_driver),
        _driver is null || _line.Count == 0 ? null : Max(TimeSpan.Zero, _turnEnds - (_pausedAt ?? now)),
        [.. _line.Select(Place.Of)]);

    /// <summary>Takes the owner's rules. What was read before others that are here already is passed over.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="exclusiveEnds">When exclusive control ends by itself.</param>
    public void Apply(ControlRules rules, TimeSpan? exclusiveEnds, TimeSpan now)
    {
        if (rules.Version <= _rules.Version)
        {
            return;
        }

        if (rules.Mode != _rules.Mode)
        {
            _driver = null;
            _line.Clear();
            _registeredUntil = TimeSpan.Zero;
        }

        _rules = rules;
        if (_exclusive != rules.Exclusive)
        {
            _exclusive = rules.Exclusive;
            _exclusiveAbsentSince = null;
        }

        _exclusiveEnds = exclusiveEnds;
        LookForExclusive(now);
        Changed(now);
    }

    /// <summary>Closes the control at once; the rules that say so follow.</summary>
    public void Close(ControlClosing closing, TimeSpan now)
    {
        _rules = _rules with { Closed = closing };
        Changed(now);
    }

    /// <summary>The picture moves, or no longer does.</summary>
    public void VideoStalled(bool isStalled, TimeSpan now)
    {
        if (_isVideoStalled != isStalled)
        {
            _isVideoStalled = isStalled;
            Changed(now);
        }
    }

    /// <summary>Somebody has come, or come back.</summary>
    /// <param name="viewer">Its socket.</param>
    /// <param name="ticket">What somebody without an account is recognised by; null: nothing.</param>
    public void Come(string viewer, string? ticket, Person person, bool owns, TimeSpan now)
    {
        Go(viewer, now);
        var key = !person.IsAnonymous ? $"account {person.User}" : ticket is not null ? $"ticket {ticket}" : $"socket {viewer}";
        if (!_participants.TryGetValue(key, out var participant))
        {
            _participants.Add(key, participant = new Participant(key, ++_lastNumber));
        }

        (participant.Person, participant.Owns) = (person, owns);
        participant.Viewers.Add(viewer);
        _byViewer[viewer] = participant;
        if (_absent.Remove(participant))
        {
            participant.AbsentSince = null;
            Changed(now);
        }

        LookForExclusive(now);
    }

    /// <summary>Takes who somebody is now; one who has not come comes.</summary>
    public void Recognise(string viewer, Person person, bool owns, TimeSpan now)
    {
        if (_byViewer.TryGetValue(viewer, out var participant))
        {
            (participant.Person, participant.Owns) = (person, owns);
            LookForExclusive(now);
        }
        else
        {
            Come(viewer, ticket: null, person, owns, now);
        }
    }

    /// <summary>A socket is gone. A place in the line, or the turn, is kept for <see cref="ControlOptions.TurnGrace"/>.</summary>
    public void Go(string viewer, TimeSpan now)
    {
        if (!_byViewer.Remove(viewer, out var participant))
        {
            return;
        }

        participant.Viewers.Remove(viewer);
        if (participant.Viewers.Count > 0)
        {
            return;
        }

        LookForExclusive(now);

        if (HasPlace(participant) || participant.PausedUntil > now)
        {
            participant.AbsentSince = now;
            _absent.Add(participant);
            Changed(now);
        }
        else
        {
            _participants.Remove(participant.Key);
        }
    }

    /// <summary>Somebody wants a turn. Null when it stands in line, or drives, now.</summary>
    public Refusal? Join(string viewer, TimeSpan now)
    {
        if (_rules.Mode != ControlMode.Queue)
        {
            return Refusal.NoLine;
        }

        if (!_byViewer.TryGetValue(viewer, out var participant))
        {
            return Refusal.NothingSelected;
        }

        if (HasPlace(participant))
        {
            return null;
        }

        if (participant.PausedUntil > now)
        {
            return Refusal.Flooding;
        }

        if (_line.Count >= options.LineLength)
        {
            return Refusal.LineFull(options.LineLength);
        }

        var firstAnonymous = _rules.RegisteredFirst && !participant.Person.IsAnonymous ? _line.FindIndex(other => other.Person.IsAnonymous) : -1;
        _line.Insert(firstAnonymous < 0 ? _line.Count : firstAnonymous, participant);
        if (_driver is not null)
        {
            // Nobody is cut off from one moment to the next because somebody else has come, nor when the clock goes on.
            var at = _pausedAt ?? now;
            if (_turnEnds <= at)
            {
                _turnEnds = at + options.TurnGrace;
            }

            if (_mustBeginBy <= at)
            {
                _mustBeginBy = at + options.TurnGrace;
            }
        }

        Changed(now);
        return null;
    }

    /// <summary>Somebody wants its turn no longer.</summary>
    public void Leave(string viewer, TimeSpan now)
    {
        if (_byViewer.TryGetValue(viewer, out var participant))
        {
            Remove(participant, now);
        }
    }

    /// <summary>Somebody floods the robot: it loses its place, and may do nothing for <see cref="ControlOptions.FloodPause"/>.</summary>
    public void Flooded(string viewer, TimeSpan now)
    {
        if (_byViewer.TryGetValue(viewer, out var participant))
        {
            participant.PausedUntil = now + options.FloodPause;
            Remove(participant, now);
            Changed(now);
        }
    }

    /// <summary>Somebody who may has pressed something.</summary>
    public void Pressed(string viewer, TimeSpan now)
    {
        if (!_byViewer.TryGetValue(viewer, out var participant))
        {
            return;
        }

        if (participant == _driver)
        {
            _mustBeginBy = null;
        }

        if (_rules.RegisteredFirst && !participant.Person.IsAnonymous)
        {
            var wasActive = IsRegisteredActive(now);
            _registeredUntil = now + options.RegisteredPriority;
            if (!wasActive)
            {
                Version++;
            }
        }
    }

    /// <summary>Finds the participant that a socket is of.</summary>
    public Participant? Find(string viewer) => _byViewer.GetValueOrDefault(viewer);

    /// <summary>Gets whether somebody who has signed in is driving, and those who have not wait.</summary>
    public bool IsRegisteredActive(TimeSpan now) => _rules.RegisteredFirst && now < _registeredUntil;

    /// <summary>Tells why somebody may not drive now; null when it may.</summary>
    public Refusal? Forbids(string viewer, TimeSpan now)
    {
        if (ForbidsAll() is { } refusal)
        {
            return refusal;
        }

        if (!_byViewer.TryGetValue(viewer, out var participant))
        {
            return Refusal.NothingSelected;
        }

        if (participant.PausedUntil > now)
        {
            return Refusal.Flooding;
        }

        if (_exclusive is { } exclusive)
        {
            return IsExclusive(participant, exclusive) ? null : Refusal.ExclusiveControl;
        }

        return _rules.Mode switch
        {
            ControlMode.Owner => participant.Owns ? null : Refusal.OwnerOnly,
            ControlMode.Queue => participant == _driver ? null : Refusal.NotYourTurn,
            _ => participant.Person.IsAnonymous && IsRegisteredActive(now) ? Refusal.RegisteredFirst : null,
        };
    }

    /// <summary>Tells why what was voted for may not be sent now; null when it may.</summary>
    public Refusal? ForbidsVote() =>
        ForbidsAll() ?? (_exclusive is not null ? Refusal.ExclusiveControl : _rules.Mode == ControlMode.Vote ? null : Refusal.NoVote);

    /// <summary>Does what has fallen due.</summary>
    public void Tick(TimeSpan now)
    {
        if (_exclusive is not null && (_exclusiveEnds <= now || _exclusiveAbsentSince + options.ExclusiveAbsence <= now))
        {
            _endedExclusive = _exclusive;
            _exclusive = null;
            Changed(now);
        }

        if (_registeredUntil > TimeSpan.Zero && _registeredUntil <= now)
        {
            _registeredUntil = TimeSpan.Zero;
            Version++;
        }

        foreach (var absent in _absent.Where(participant => EndOfAbsence(participant) <= now).ToArray())
        {
            _absent.Remove(absent);
            _participants.Remove(absent.Key);
            Remove(absent, now);
        }

        Advance(now);
    }

    /// <summary>Takes exclusive control that has ended by itself; null when there is none.</summary>
    public ExclusiveControl? TakeEndedExclusive()
    {
        var ended = _endedExclusive;
        _endedExclusive = null;
        return ended;
    }

    /// <summary>Gets when to call <see cref="Tick"/> next.</summary>
    public TimeSpan? NextDue()
    {
        TimeSpan?[] due =
        [
            _exclusiveEnds is { } ends && _exclusive is not null ? ends : null,
            _exclusive is not null ? _exclusiveAbsentSince + options.ExclusiveAbsence : null,
            _registeredUntil > TimeSpan.Zero ? _registeredUntil : null,
            _driver is not null && !IsPaused && _line.Any(waiting => waiting.IsPresent) ? Min(_turnEnds, _mustBeginBy) : null,
            .. _absent.Select(EndOfAbsence),
        ];
        return due.Min();
    }

    /// <summary>Finds whom others know by a number.</summary>
    public Participant? Find(int number) => _participants.Values.FirstOrDefault(participant => participant.Number == number);

    /// <summary>Tells whether a viewer has exclusive control.</summary>
    public bool HasExclusive(string viewer) => _exclusive is not null && Find(viewer) is { } participant && IsExclusive(participant, _exclusive);

    private static bool IsExclusive(Participant participant, ExclusiveControl exclusive) =>
        exclusive.Viewer is { } mark ? participant.Person.IsAnonymous && participant.Mark == mark
        : !participant.Person.IsAnonymous && string.Equals(participant.Person.User, exclusive.Username, StringComparison.OrdinalIgnoreCase);

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static TimeSpan Min(TimeSpan a, TimeSpan? b) => b < a ? b.Value : a;

    /// <summary>Notes since when nobody is there who has exclusive control.</summary>
    private void LookForExclusive(TimeSpan now)
    {
        var wasAbsent = _exclusiveAbsentSince is not null;
        _exclusiveAbsentSince = _exclusive is null || FindExclusive() is not null ? null : _exclusiveAbsentSince ?? now;
        if (wasAbsent != _exclusiveAbsentSince is not null)
        {
            Version++;
        }
    }

    private Participant? FindExclusive() =>
        _exclusive is null ? null : _byViewer.Values.FirstOrDefault(participant => IsExclusive(participant, _exclusive));

    private Refusal? ForbidsAll() =>
        _rules.Closed is not null ? Refusal.ControlClosed
        : _isVideoStalled ? Refusal.VideoStalled
        : null;

    private bool HasPlace(Participant participant) => participant == _driver || _line.Contains(participant);

    private TimeSpan? EndOfAbsence(Participant participant) =>
        participant.AbsentSince is { } since ? Max(since + options.TurnGrace, participant.PausedUntil) : null;

    private void Remove(Participant participant, TimeSpan now)
    {
        if (participant == _driver)
        {
            _driver = null;
            Changed(now);
        }
        else if (_line.Remove(participant))
        {
            Changed(now);
        }
    }

    /// <summary>Something has changed: the turn's clock stops or goes on, and a free turn goes to who waits first.</summary>
    private void Changed(TimeSpan now)
    {
        Version++;
        if (IsPaused)
        {
            _pausedAt ??= now;
        }
        else if (_pausedAt is { } pausedAt)
        {
            _pausedAt = null;
            _turnEnds += now - pausedAt;
            _mustBeginBy += now - pausedAt;
        }

        Advance(now);
    }

    private void Advance(TimeSpan now)
    {
        if (_rules.Mode != ControlMode.Queue || IsPaused)
        {
            return;
        }

        var next = _line.FirstOrDefault(waiting => waiting.IsPresent);
        if (next is null || (_driver is not null && now < _turnEnds && !(_mustBeginBy <= now)))
        {
            return;
        }

        // A turn that is over ends here; whoever had it stands in line anew if it wants another.
        _line.Remove(next);
        _driver = next;
        _turnEnds = now + TimeSpan.FromSeconds(_rules.TurnSeconds);
        _mustBeginBy = now + options.TurnGrace;
        Version++;
    }
}
