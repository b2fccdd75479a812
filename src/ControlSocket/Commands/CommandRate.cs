namespace LiveRobot.ControlSocket.Commands;

/// <summary>A limit of so many commands a second; a second's worth may come at once.</summary>
internal sealed class CommandRate(int perSecond)
{
    private double _left = perSecond;
    private TimeSpan _filledAt;

    /// <summary>Takes one; false when there is none left.</summary>
    public bool TryTake(TimeSpan now)
    {
        _left = Math.Min(perSecond, _left + ((now - _filledAt).TotalSeconds * perSecond));
        _filledAt = now;
        if (_left < 1)
        {
            return false;
        }

        _left--;
        return true;
    }
}
