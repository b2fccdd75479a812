using LiveRobot.ControlSocket.Commands;

namespace LiveRobot.ControlSocket.Holds;

/// <summary>
/// Who holds which command of one robot. A hold is (viewer, command). It begins with a fresh press and ends with
/// <see cref="End"/>, <see cref="EndAll"/>, or, for viewers that repeat at all, some time after the last repeat.
/// A hold whose robot was released meanwhile is void: it no longer counts, and lies there only to tell the repeats
/// of an old press from a fresh one. Pure: time comes in as an argument, what follows comes out as a result.
/// </summary>
/// <param name="timeout">How long a hold lasts without a repeat.</param>
/// <param name="holdsPerViewer">How many commands a viewer may hold at once.</param>
internal sealed class HoldTable(TimeSpan timeout, int holdsPerViewer)
{
    private readonly Dictionary<string, ViewerHolds> _viewers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Held> _heldByCommand = new(StringComparer.Ordinal);

    /// <summary>Gets when to call <see cref="Lapse"/> next. A lower bound, so that a repeat costs nothing however many hold.</summary>
    public TimeSpan? NextLapse { get; private set; }

    /// <summary>Gets a number that rises whenever a hold begins, ends or becomes void.</summary>
    public long Version { get; private set; }

    /// <summary>Gets the commands that somebody holds.</summary>
    public IEnumerable<string> Commands => _heldByCommand.Keys;

    /// <summary>Gets whether somebody holds the command.</summary>
    public bool IsHeld(string command) => _heldByCommand.ContainsKey(command);

    /// <summary>Gets the viewers who hold something that counts, with what they hold.</summary>
    public IEnumerable<(string Viewer, string Command)> All =>
        from viewer in _viewers
        from hold in viewer.Value.ByCommand
        where !hold.Value.IsVoid
        select (viewer.Key, hold.Key);

    /// <summary>Gets whether the viewer has pressed the command and not let go, even if the hold is void.</summary>
    public bool IsPressed(string viewer, string command) =>
        _viewers.TryGetValue(viewer, out var holds) && holds.ByCommand.ContainsKey(command);

    /// <summary>Takes a press: every key position but <c>up</c>.</summary>
    public HoldPress Press(string viewer, Person by, string command, KeyPosition position, TimeSpan now)
    {
        var holds = HoldsOf(viewer);
        if (holds.ByCommand.TryGetValue(command, out var hold))
        {
            if (!holds.Repeats)
            {
                holds.Repeats = true;
                LapseNotBefore(now);
            }

            hold.LastPress = now;
            if (hold.IsVoid)
            {
                return HoldPress.Void;
            }

            _heldByCommand[command].IsTap = false;
            return HoldPress.Repeated;
        }

        if (position == KeyPosition.Intermediate)
        {
            return HoldPress.NotHeld;
        }

        if (holds.ByCommand.Count >= holdsPerViewer)
        {
            return HoldPress.TooMany;
        }

        Version++;
        var isPulse = position == KeyPosition.Pulse;
        holds.ByCommand.Add(command, new Hold(by, isPulse) { LastPress = now });
        if (!_heldByCommand.TryGetValue(command, out var held))
        {
            _heldByCommand.Add(command, held = new Held());
        }

        held.Holders++;
        held.IsTap &= isPulse && !holds.Repeats;
        LapseNotBefore(now + timeout);
        return HoldPress.Began;
    }

    /// <summary>The viewer has let the command go. Null when it held none that counts, or when others still hold it.</summary>
    public EndedHold? End(string viewer, string command) =>
        _viewers.TryGetValue(viewer, out var holds) && holds.ByCommand.Remove(command, out var hold)
            ? Ended(command, hold)
            : null;

    /// <summary>The viewer is gone, or has lost its right. It keeps no hold; gives the commands that nobody holds now.</summary>
    public IReadOnlyList<EndedHold> EndAll(string viewer)
    {
        if (!_viewers.Remove(viewer, out var holds))
        {
            return [];
        }

        return [.. holds.ByCommand.Select(hold => Ended(hold.Key, hold.Value)).OfType<EndedHold>()];
    }

    /// <summary>Ends the holds whose repeats have failed to come; gives the commands that nobody holds now.</summary>
    public IReadOnlyList<EndedHold> Lapse(TimeSpan now)
    {
        if (NextLapse is not { } next || next > now)
        {
            return [];
        }

        NextLapse = null;
        var ended = new List<EndedHold>();
        foreach (var holds in _viewers.Values)
        {
            foreach (var (command, hold) in holds.ByCommand)
            {
                if (LapsesAt(holds, hold) is not { } lapses)
                {
                    continue;
                }

                if (lapses > now)
                {
                    LapseNotBefore(lapses);
                    continue;
                }

                holds.ByCommand.Remove(command);
                var isTap = !hold.IsVoid && _heldByCommand[command].IsTap;
                if (Ended(command, hold) is { } end)
                {
                    ended.Add(end with { NeedsRelease = !isTap });
                }
            }
        }

        return ended;
    }

    /// <summary>The robot has been released: what is pressed now moves it no more until it is pressed anew.</summary>
    public void VoidAll()
    {
        foreach (var hold in _viewers.Values.SelectMany(holds => holds.ByCommand.Values))
        {
            hold.IsVoid = true;
            LapseNotBefore(hold.LastPress + timeout);
        }

        _heldByCommand.Clear();
        Version++;
    }

    /// <summary>As <see cref="VoidAll()"/>, for what one viewer holds; gives the commands that nobody holds now.</summary>
    public IReadOnlyList<EndedHold> VoidAll(string viewer) =>
        _viewers.TryGetValue(viewer, out var holds)
            ? [.. holds.ByCommand.Keys.Select(command => Void(viewer, command)).OfType<EndedHold>()]
            : [];

    /// <summary>As <see cref="VoidAll()"/>, for one hold. Null when it did not count, or when others hold the command.</summary>
    public EndedHold? Void(string viewer, string command)
    {
        if (!_viewers.TryGetValue(viewer, out var holds) || !holds.ByCommand.TryGetValue(command, out var hold))
        {
            return null;
        }

        var ended = Ended(command, hold);
        hold.IsVoid = true;
        LapseNotBefore(hold.LastPress + timeout);
        return ended;
    }

    private ViewerHolds HoldsOf(string viewer)
    {
        if (!_viewers.TryGetValue(viewer, out var holds))
        {
            _viewers.Add(viewer, holds = new ViewerHolds());
        }

        return holds;
    }

    /// <summary>Takes one holder off a command. Null when the hold did not count, or was not the last.</summary>
    private EndedHold? Ended(string command, Hold hold)
    {
        Version++;
        if (hold.IsVoid || --_heldByCommand[command].Holders > 0)
        {
            return null;
        }

        _heldByCommand.Remove(command);
        return new EndedHold(command, hold.By, NeedsRelease: true);
    }

    private void LapseNotBefore(TimeSpan time) => NextLapse = NextLapse is { } next && next < time ? next : time;

    /// <summary>A client that never repeats may hold a key for as long as it is connected.</summary>
    private TimeSpan? LapsesAt(ViewerHolds holds, Hold hold) =>
        holds.Repeats || hold.IsPulse || hold.IsVoid ? hold.LastPress + timeout : null;

    private sealed class ViewerHolds
    {
        public Dictionary<string, Hold> ByCommand { get; } = new(StringComparer.Ordinal);

        /// <summary>Gets or sets whether this client has ever repeated a press.</summary>
        public bool Repeats { get; set; }
    }

    private sealed record Hold(Person By, bool IsPulse)
    {
        public TimeSpan LastPress { get; set; }

        public bool IsVoid { get; set; }
    }

    /// <summary>A command that somebody holds.</summary>
    private sealed class Held
    {
        public int Holders { get; set; }

        /// <summary>Gets or sets whether all that was pressed is single pulses of clients that never repeat.</summary>
        public bool IsTap { get; set; } = true;
    }
}
