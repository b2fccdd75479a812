namespace LiveRobot.ChatSocket;

/// <summary>
/// One after the other: lines have the same order in the store and for all who hear them, and none comes behind the ban
/// of who said it.
/// </summary>
public sealed class ChatTurn : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    public void Dispose() => _turn.Dispose();

    /// <summary>Does something when it is its turn.</summary>
    internal async Task<T> TakeAsync<T>(Func<Task<T>> act)
    {
        await _turn.WaitAsync();
        try
        {
            return await act();
        }
        finally
        {
            _turn.Release();
        }
    }
}
