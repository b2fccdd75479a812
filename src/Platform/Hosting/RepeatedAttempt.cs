namespace LiveRobot.Platform.Hosting;

/// <summary>
/// Work in the background that is tried again and again, whatever comes of it. Told are only the first of several failures,
/// and that it works again: an outage is no reason for a line a second.
/// </summary>
/// <param name="failed">Told when it begins to fail.</param>
/// <param name="worksAgain">Told when it works after that.</param>
public sealed class RepeatedAttempt(Action<Exception> failed, Action worksAgain)
{
    private bool _isFailing;

    /// <summary>Tries once more. Not to be called by two at a time.</summary>
    /// <returns>Whether it worked.</returns>
    public async Task<bool> RunAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
#pragma warning disable CA1031 // Whatever it is, the next attempt comes.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (!_isFailing)
            {
                _isFailing = true;
                failed(exception);
            }

            return false;
        }

        if (_isFailing)
        {
            _isFailing = false;
            worksAgain();
        }

        return true;
    }
}
