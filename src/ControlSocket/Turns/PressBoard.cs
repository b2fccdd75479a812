using LiveRobot.ControlSocket.Commands;

namespace LiveRobot.ControlSocket.Turns;

/// <summary>Who presses what, as viewers were told last. What changes often is told once in a while, with what is true then.</summary>
internal sealed class PressBoard
{
    private readonly Dictionary<string, HashSet<Presser>> _told = new(StringComparer.Ordinal);

    /// <summary>Gets who presses what, as was told.</summary>
    public IReadOnlyList<(string Command, IReadOnlyCollection<Presser> Pressers)> Told =>
        [.. _told.Select(press => (press.Key, (IReadOnlyCollection<Presser>)press.Value.ToArray()))];

    /// <summary>Gives the commands whose pressers are others than were told, with those of now; they count as told from here on.</summary>
    public IReadOnlyList<(string Command, IReadOnlyCollection<Presser> Pressers)> Tell(IEnumerable<(string Command, Presser Presser)> pressed)
    {
        var now = pressed.GroupBy(press => press.Command, press => press.Presser).ToDictionary(group => group.Key, group => group.ToHashSet(), StringComparer.Ordinal);
        var changed = now
            .Where(press => !_told.TryGetValue(press.Key, out var told) || !told.SetEquals(press.Value))
            .Select(press => (press.Key, (IReadOnlyCollection<Presser>)press.Value))
            .Concat(_told.Keys.Where(command => !now.ContainsKey(command)).Select(command => (command, (IReadOnlyCollection<Presser>)[])))
            .ToArray();
        foreach (var (command, pressers) in changed)
        {
            if (pressers.Count == 0)
            {
                _told.Remove(command);
            }
            else
            {
                _told[command] = [.. pressers];
            }
        }

        return changed;
    }
}

/// <summary>Somebody who presses a button.</summary>
/// <param name="Number">Tells it from others without a name.</param>
/// <param name="Person">Who it is.</param>
internal sealed record Presser(int Number, Person Person);
