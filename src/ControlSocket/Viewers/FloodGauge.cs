namespace LiveRobot.ControlSocket.Viewers;

/// <summary>Tells a finger on a key from a flood: so many refused commands with no rest of a second between them.</summary>
internal sealed class FloodGauge(int limit)
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private int _refused;
    private TimeSpan _lastRefused;

    /// <summary>Counts a command that came too fast; true when it is one too many.</summary>
    public bool Refused(TimeSpan now)
    {
        _refused = now - _lastRefused < Rest ? _refused + 1 : 1;
        _lastRefused = now;
        if (_refused < limit)
        {
            return false;
        }

        _refused = 0;
        return true;
    }
}
