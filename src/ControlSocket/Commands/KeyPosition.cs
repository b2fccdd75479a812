namespace LiveRobot.ControlSocket.Commands;

/// <summary>The field <c>key_position</c> of a command.</summary>
internal enum KeyPosition
{
    /// <summary>Empty or missing: one pulse.</summary>
    Pulse,

    /// <summary><c>down</c>: a key goes down. Some viewers also repeat it while they hold the key.</summary>
    Down,

    /// <summary><c>intermediate</c>: a key is still down.</summary>
    Intermediate,

    /// <summary><c>up</c>: a key is let go.</summary>
    Up,
}

/// <summary>The spelling of <see cref="KeyPosition"/>.</summary>
internal static class KeyPositions
{
    public static string ToWire(this KeyPosition position) => position switch
    {
        KeyPosition.Down => "down",
        KeyPosition.Intermediate => "intermediate",
        KeyPosition.Up => "up",
        _ => "",
    };

    public static bool TryParse(string? text, out KeyPosition position)
    {
        (var known, position) = text switch
        {
            null or "" => (true, KeyPosition.Pulse),
            "down" => (true, KeyPosition.Down),
            "intermediate" => (true, KeyPosition.Intermediate),
            "up" => (true, KeyPosition.Up),
            _ => (false, KeyPosition.Pulse),
        };
        return known;
    }
}
