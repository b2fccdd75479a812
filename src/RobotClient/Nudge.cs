namespace LiveRobot.RobotClient;

/// <summary>Wakes whoever waits. A waiter takes <see cref="Next"/> first and looks around afterwards, so it misses nothing. Thread safe.</summary>
internal sealed class Nudge
{
    private TaskCompletionSource _next = New();

    /// <summary>Completes with the next call of <see cref="Give"/>.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public void Give() => Interlocked.Exchange(ref _next, New()).SetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
