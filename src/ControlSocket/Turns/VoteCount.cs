using LiveRobot.ControlSocket.Commands;

namespace LiveRobot.ControlSocket.Turns;

/// <summary>
/// What viewers want the robot to do: each has one vote, its newest press. A vote counts while its key is down, and in
/// the window in which it came even if it was let go. Pure: time comes in as an argument.
/// </summary>
/// <param name="timeout">How long the vote of a client that repeats counts without a repeat.</param>
internal sealed class VoteCount(TimeSpan timeout)
{
    private readonly Dictionary<string, Vote> _votes = new(StringComparer.Ordinal);

    // Who wanted the last winner and had let its key go before the count: a tap, which asks for one window.
    private readonly HashSet<string> _tapped = new(StringComparer.Ordinal);
    private long _order;

    /// <summary>Gets a number that rises whenever somebody votes for something else, or no longer.</summary>
    public long Version { get; private set; }

    /// <summary>Gets who votes for what.</summary>
    public IEnumerable<(string Viewer, string Command)> All => _votes.Select(vote => (vote.Key, vote.Value.Command));

    /// <summary>A viewer presses or repeats a command.</summary>
    public void Cast(string viewer, RobotCommand said, TimeSpan now)
    {
        if (_votes.TryGetValue(viewer, out var vote) && vote.Command == said.Command)
        {
            vote.Repeats |= vote.IsDown;
            vote.IsDown = said.Position != KeyPosition.Pulse;
            vote.LastPress = now;
        }
        else if (said.Position != KeyPosition.Intermediate)
        {
            _votes[viewer] = new Vote(said.Command, said.By, ++_order) { LastPress = now, IsDown = said.Position == KeyPosition.Down };
            Version++;
        }
    }

    /// <summary>A viewer lets a command go. Its vote is over, unless it came in this window: then it counts once.</summary>
    public void LetGo(string viewer, string command)
    {
        if (_votes.TryGetValue(viewer, out var vote) && vote.Command == command)
        {
            vote.IsDown = false;
            if (vote.IsCounted)
            {
                Remove(voter => voter == viewer);
            }
        }
    }

    /// <summary>Takes away the votes of those who may not vote, also those that were counted.</summary>
    public void RemoveWhere(Func<string, bool> mayNotVote)
    {
        _tapped.RemoveWhere(viewer => mayNotVote(viewer));
        Remove(mayNotVote);
    }

    /// <summary>Takes away the votes of clients that repeat and have stopped repeating.</summary>
    public void Expire(TimeSpan now) => Remove(viewer => Expiry(_votes[viewer]) <= now);

    /// <summary>Gets when <see cref="Expire"/> takes a vote away next, if nothing comes.</summary>
    public TimeSpan? NextExpiry() => _votes.Values.Min(Expiry);

    /// <summary>Tells whether anybody still wants the winner of the last window: holds it, votes for it again, or had tapped it and is here.</summary>
    public bool IsWanted(string winner) => _tapped.Count > 0 || _votes.Values.Any(vote => vote.Command == winner);

    private TimeSpan? Expiry(Vote vote) => vote is { IsDown: true, Repeats: true } ? vote.LastPress + timeout : null;

    private void Remove(Func<string, bool> mayNotVote)
    {
        foreach (var viewer in _votes.Keys.Where(mayNotVote).ToArray())
        {
            _votes.Remove(viewer);
            Version++;
        }
    }

    /// <summary>Ends a window: gives the command that most want, of several the one that was wanted first; null when nobody wants anything.</summary>
    public RobotCommand? Close()
    {
        var winner = _votes.Values
            .GroupBy(vote => vote.Command)
            .OrderByDescending(votes => votes.Count())
            .ThenBy(votes => votes.Min(vote => vote.Order))
            .FirstOrDefault()
            ?.MinBy(vote => vote.Order);
        _tapped.Clear();
        foreach (var (viewer, vote) in _votes)
        {
            vote.IsCounted = true;
            if (!vote.IsDown && vote.Command == winner?.Command)
            {
                _tapped.Add(viewer);
            }
        }

        Remove(viewer => !_votes[viewer].IsDown);
        return winner is null ? null : new RobotCommand(winner.Command, KeyPosition.Down, winner.By);
    }

    private sealed record Vote(string Command, Person By, long Order)
    {
        public TimeSpan LastPress { get; set; }

        public bool IsDown { get; set; }

        public bool Repeats { get; set; }

        public bool IsCounted { get; set; }
    }
}
