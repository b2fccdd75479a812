namespace LiveRobot.RobotClient;

/// <summary>
/// How long to wait before the next try. The delay doubles with every failure up to a maximum; half of it is chance,
/// so that many robots that lost the same server do not come back in the same instant. Not thread safe.
/// </summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, TimeProvider time)
{
    private int _failures;

    /// <summary>Starts again at the first delay: what was tried has worked for a while.</summary>
    public void Reset() => _failures = 0;

    /// <summary>Gives the next delay, never shorter than the first and never longer than the longest.</summary>
    public TimeSpan Next()
    {
        var delay = first * Math.Pow(2, _failures);
        if (delay < longest)
        {
            _failures++;
        }
        else
        {
            delay = longest;
        }

        var chosen = delay * (0.5 + (0.5 * Random.Shared.NextDouble()));
        return chosen > first ? chosen : first;
    }

    /// <summary>Waits for the next delay.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => Task.Delay(Next(), time, cancellationToken);
}
