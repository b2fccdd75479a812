using LiveRobot.ControlSocket.Commands;

namespace LiveRobot.ControlSocket.Robots;

/// <summary>
/// What goes to one connection of a robot, and when. Two rules:
/// a release is written at once, always; a movement is written only to a robot that proves to read, so that none lies
/// in a buffer to come true late. At most one movement waits for such a proof, the newest; when it has waited too long
/// it becomes the release.
/// </summary>
/// <remarks>Not thread-safe; <see cref="RobotControl"/> calls it in turn. Time comes in as an argument.</remarks>
/// <param name="held">
/// Commands that are held while the robot connects: it may be moving by them still, as an earlier connection told it to.
/// </param>
internal sealed class RobotConnection(IRobotLink link, ControlOptions options, IEnumerable<string> held, TimeSpan now)
{
    /// <summary>
    /// After so many releases with no movement between them, more of them within
    /// <see cref="ControlOptions.SecondReleaseRepeat"/> say nothing new unless they end a hold. A stranger who floods
    /// the robot with releases gets so far.
    /// </summary>
    private const int EnoughReleases = 10;

    /// <summary>A proof is renewed at this part of its age, so that it is there when a key goes down.</summary>
    private const double ProbeAtAge = 0.8;

    private readonly TimeSpan _startGuardEnds = link.NeedsStartGuard ? now + options.StartGuard : now;

    /// <summary>Commands that the robot has been sent here since it was last released from them.</summary>
    private readonly HashSet<string> _announced = new(StringComparer.Ordinal);

    /// <summary>Commands that the robot may be moving by: the announced ones, and those of its earlier connections.</summary>
    private readonly HashSet<string> _moving = new(held, StringComparer.Ordinal);

    /// <summary>Releases to send again, by the command that they say.</summary>
    private readonly Dictionary<string, ReleaseRepeats> _repeats = new(StringComparer.Ordinal);

    private Waiting? _waiting;
    private Person? _owedStop;
    private long _arrivals;
    private long _provenArrival;
    private long? _probe;
    private TimeSpan? _probeStarted;
    private TimeSpan? _lastProof;
    private TimeSpan _lastRelease = now;
    private int _releasesInARow;
    private bool _hasEnded;

    public IRobotLink Link => link;

    public RobotCapabilities Capabilities { get; set; } = RobotCapabilities.None;

    /// <summary>Gets whether a movement has waited too long here. Only a fresh press moves the robot after that.</summary>
    public bool IsStalled { get; private set; }

    /// <summary>Gets whether the robot is still to be sent a stop, once it can take one.</summary>
    public bool OwesStop => _owedStop is not null;

    /// <summary>Gets whether a command would jam the robot now.</summary>
    public bool IsStarting(TimeSpan now) => now < _startGuardEnds;

    /// <summary>Sends a movement, now or when the robot has proven to read.</summary>
    public void Move(RobotCommand movement, bool isFresh, TimeSpan now)
    {
        if (isFresh)
        {
            IsStalled = false;
        }
        else if (IsStalled)
        {
            return;
        }

        if (_waiting is { IsUp: true } up)
        {
            _waiting = null;
            SendRelease(RobotCommand.Stop(up.Command.By), endsHold: true, now);
        }

        if (isFresh)
        {
            CancelRepeats(movement.Command);
        }

        if (isFresh && HasProof(now))
        {
            DropWaiting(movement.Command);
            Write(movement);
        }
        else
        {
            var since = !isFresh && _waiting is { } earlier ? earlier.Since : now;
            _waiting = new Waiting(movement, IsUp: false, now, since, ++_arrivals);
        }
    }

    /// <summary>
    /// Passes a viewer's own <c>up</c> on. To a robot that knows no key positions it is one more pulse, and so it is
    /// held to the rule of repeats: it waits for a new proof, one round trip. Where that fails, a stop takes its place.
    /// </summary>
    public void PassUp(RobotCommand up, TimeSpan now)
    {
        if (_waiting is { IsUp: false } tap && tap.Command.Command == up.Command && !_announced.Contains(up.Command))
        {
            // Let go before the robot could be told of the press: a tap. It goes out whole, or not at all.
            _waiting = tap with { Then = up };
            return;
        }

        DropWaiting(up.Command);
        if (IsStarting(now))
        {
            _owedStop = up.By;
        }
        else if (Capabilities.KeyPosition)
        {
            SendRelease(up, endsHold: true, now);
        }
        else if (_waiting is null)
        {
            _waiting = new Waiting(up, IsUp: true, now, now, ++_arrivals);
        }
        else
        {
            SendRelease(RobotCommand.Stop(up.By), endsHold: true, now);
        }
    }

    /// <summary>Releases the robot from one command, in the form that this robot understands.</summary>
    /// <param name="command">The command.</param>
    /// <param name="by">Who held it.</param>
    /// <param name="endsHold">False when nobody held it; then it is not sent again later.</param>
    public void Release(string command, Person by, bool endsHold, TimeSpan now)
    {
        DropWaiting(command);
        var release = Capabilities.KeyPosition ? RobotCommand.Up(command, by) : RobotCommand.Stop(by);
        SendReleaseOrOwe(release, endsHold, now);
    }

    /// <summary>Releases the robot from everything that it has been sent.</summary>
    public void ReleaseAll(Person by, TimeSpan now)
    {
        _waiting = null;
        if (!Capabilities.KeyPosition && _moving.Count > 0)
        {
            SendReleaseOrOwe(RobotCommand.Stop(by), endsHold: true, now);
            return;
        }

        foreach (var command in _moving.ToArray())
        {
            Release(command, by, endsHold: true, now);
        }
    }

    /// <summary>Sends a stop, whatever the robot understands.</summary>
    public void Stop(RobotCommand stop, TimeSpan now)
    {
        _waiting = null;
        SendReleaseOrOwe(stop, endsHold: _releasesInARow == 0, now);
    }

    /// <summary>Nobody holds the command any longer, and the robot need not be told.</summary>
    public void Forget(string command)
    {
        DropWaiting(command);
        NoLongerMoves(command);
    }

    /// <summary>Does what has fallen due; true when a movement has waited too long and became a release.</summary>
    public bool Tick(TimeSpan now)
    {
        if (_owedStop is { } by && !IsStarting(now))
        {
            _owedStop = null;
            SendRelease(RobotCommand.Stop(by), endsHold: true, now);
        }

        foreach (var (command, repeats) in _repeats)
        {
            if (repeats.Due <= now)
            {
                Send(repeats.Release);
                Repeated(command, repeats);
            }
        }

        if (_waiting is not { } waiting || DueOf(waiting) > now)
        {
            return false;
        }

        _waiting = null;
        if (waiting.IsUp)
        {
            SendRelease(RobotCommand.Stop(waiting.Command.By), endsHold: true, now);
            return false;
        }

        IsStalled = true;
        _moving.Add(waiting.Command.Command);
        ReleaseAll(waiting.Command.By, now);
        return true;
    }

    /// <summary>Gets when <see cref="Tick"/> or <see cref="TakeProbe"/> has something to do next.</summary>
    /// <param name="proveUntil">Until when the proof is kept fresh.</param>
    public TimeSpan? NextDue(TimeSpan proveUntil, TimeSpan now)
    {
        TimeSpan?[] due =
        [
            _owedStop is null ? null : _startGuardEnds,
            _waiting is { } waiting ? DueOf(waiting) : null,
            _probe is null && !_hasEnded ? NextRenewal(proveUntil, now) : null,
            .. _repeats.Values.Select(repeats => repeats.Due),
        ];
        return due.Min();
    }

    /// <summary>Tells whether to probe the robot now; if so, <see cref="ProbeAnswered"/> must follow.</summary>
    /// <param name="isUnproven">Whether a hold began or ended of which the robot has not yet proven to have read.</param>
    /// <param name="proveUntil">Until when the proof is kept fresh.</param>
    public bool TakeProbe(bool isUnproven, TimeSpan proveUntil, TimeSpan now)
    {
        if (_probe is not null || _hasEnded || IsStarting(now))
        {
            return false;
        }

        if (_waiting is null && !isUnproven && !(NextRenewal(proveUntil, now) <= now))
        {
            return false;
        }

        _probe = _arrivals;
        _probeStarted = now;
        return true;
    }

    /// <summary>A probe has been answered (true), or never will be.</summary>
    public void ProbeAnswered(bool reads, TimeSpan now)
    {
        var probe = _probe;
        _probe = null;
        if (!reads)
        {
            _hasEnded = true;
            return;
        }

        _lastProof = now;
        _provenArrival = probe ?? _provenArrival;
        foreach (var (command, repeats) in _repeats)
        {
            if (repeats.Due is null && HasRead(repeats))
            {
                _repeats[command] = repeats with { Due = now + options.FirstReleaseRepeat };
            }
        }

        // What came after the probe had started waits for the next one.
        if (_waiting is { } waiting && waiting.Arrival <= probe)
        {
            _waiting = null;
            if (waiting.IsUp)
            {
                WriteUp(waiting.Command);
            }
            else
            {
                Write(waiting.Command);
                switch (waiting.Then)
                {
                    case { } up when Capabilities.KeyPosition:
                        SendRelease(up, endsHold: true, now);
                        break;
                    case { } up:
                        WriteUp(up);
                        break;
                }
            }
        }
    }

    /// <summary>Gets when the proof is renewed; null when it no longer is: an answer may come later than that, and so may this question.</summary>
    private TimeSpan? NextRenewal(TimeSpan proveUntil, TimeSpan now)
    {
        var next = _probeStarted is { } started && started + (options.ProofAge * ProbeAtAge) is var due && due > _startGuardEnds ? due : _startGuardEnds;
        return now < proveUntil && next < proveUntil ? next : null;
    }

    private TimeSpan DueOf(Waiting waiting)
    {
        var tooOld = waiting.Arrived + options.MaxCommandAge;
        var notReading = waiting.Since + options.NotReadingAfter;
        return tooOld < notReading ? tooOld : notReading;
    }

    private bool HasProof(TimeSpan now) => _lastProof is { } proof && now - proof <= options.ProofAge;

    private void Write(RobotCommand movement)
    {
        // A robot that has not seen the key go down would not know what goes on.
        var isFirst = _announced.Add(movement.Command);
        _moving.Add(movement.Command);
        Send(isFirst && movement.Position == KeyPosition.Intermediate ? movement with { Position = KeyPosition.Down } : movement);
        CancelRepeats(movement.Command);
        _releasesInARow = 0;
    }

    private void WriteUp(RobotCommand up)
    {
        NoLongerMoves(up.Command);
        Send(up);
    }

    private void SendReleaseOrOwe(RobotCommand release, bool endsHold, TimeSpan now)
    {
        if (IsStarting(now))
        {
            _owedStop = release.By;
        }
        else
        {
            SendRelease(release, endsHold, now);
        }
    }

    private void SendRelease(RobotCommand release, bool endsHold, TimeSpan now)
    {
        if (release.IsStop)
        {
            _announced.Clear();
            _moving.Clear();
        }
        else
        {
            NoLongerMoves(release.Command);
        }

        if (!endsHold && _releasesInARow >= EnoughReleases && now - _lastRelease < options.SecondReleaseRepeat)
        {
            return;
        }

        _releasesInARow++;
        _lastRelease = now;
        Send(release);
        if (endsHold && !Capabilities.Acknowledge)
        {
            _repeats[release.Command] = new ReleaseRepeats(release, ++_arrivals, now + options.FirstReleaseRepeat, now + options.SecondReleaseRepeat);
        }
    }

    /// <summary>
    /// Sets when a release is sent next. A robot that has read nothing since the release finds all repeats at once
    /// when it comes to itself, and may be deaf to all of them for the rest of its old movement: it gets one more
    /// some time after it has proven to read.
    /// </summary>
    private void Repeated(string command, ReleaseRepeats repeats)
    {
        if (repeats.Due < repeats.Last)
        {
            _repeats[command] = repeats with { Due = repeats.Last };
        }
        else if (HasRead(repeats))
        {
            _repeats.Remove(command);
        }
        else
        {
            _repeats[command] = repeats with { Due = null };
        }
    }

    private bool HasRead(ReleaseRepeats repeats) => repeats.Arrival <= _provenArrival;

    private void NoLongerMoves(string command)
    {
        _announced.Remove(command);
        _moving.Remove(command);
    }

    private void Send(RobotCommand command) => link.Send(command, Capabilities.Acknowledge);

    /// <summary>A press takes back what is still to be said of an earlier release.</summary>
    private void CancelRepeats(string command)
    {
        _repeats.Remove(command);
        _repeats.Remove(RobotCommand.StopCommand);
    }

    private void DropWaiting(string command)
    {
        if (_waiting is { } waiting && waiting.Command.Command == command)
        {
            _waiting = null;
        }
    }

    /// <summary>What waits for the robot to prove that it reads.</summary>
    /// <param name="Command">A movement, or a viewer's own <c>up</c>.</param>
    /// <param name="IsUp">Whether it is an <c>up</c>.</param>
    /// <param name="Arrived">When it came.</param>
    /// <param name="Since">When the first of those came whose place it took.</param>
    /// <param name="Arrival">Its number among all that came; a probe with this number or more was started later.</param>
    /// <param name="Then">The <c>up</c> that follows at once, when the key was let go meanwhile.</param>
    private sealed record Waiting(RobotCommand Command, bool IsUp, TimeSpan Arrived, TimeSpan Since, long Arrival, RobotCommand? Then = null);

    /// <summary>A release that is sent again.</summary>
    /// <param name="Release">The release.</param>
    /// <param name="Arrival">Its number among all that came; a probe with this number or more was started later.</param>
    /// <param name="Due">When it is sent next; null while that waits for the robot to read.</param>
    /// <param name="Last">When it is sent for the last time to a robot that reads.</param>
    private sealed record ReleaseRepeats(RobotCommand Release, long Arrival, TimeSpan? Due, TimeSpan Last);
}
