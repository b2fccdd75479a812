namespace LiveRobot.RobotClient.Sockets;

/// <summary>
/// Tells the server whether video is being sent: at once when that changes and when the status socket is new, and
/// every 30 seconds while it lasts, as the robot API asks.
/// </summary>
internal sealed class VideoStatus(Func<string, object, CancellationToken, Task> emit, int cameraId, TimeProvider time)
{
    public const string EventName = "send_video_status";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly Nudge _nudge = new();
    private volatile bool _isSending;

    /// <summary>The feed has begun or ended.</summary>
    public void Set(bool isSending)
    {
        _isSending = isSending;
        Send();
    }

    /// <summary>Sends the present state now.</summary>
    public void Send() => _nudge.Give();

    /// <summary>Sends until cancelled, and at the end that nothing is being sent any more.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            // What is sent is always the present state, so changes that came together are sent as one.
            var nudge = _nudge.Next;
            var isSending = _isSending;
            await EmitAsync(isSending);
            await WaitAsync(nudge, isSending ? Interval : Timeout.InfiniteTimeSpan, cancellationToken);
        }

        await EmitAsync(false);
    }

    private async Task WaitAsync(Task nudge, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            await nudge.WaitAsync(timeout, time, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // The interval is over, or everything is.
        }
    }

    private async Task EmitAsync(bool isSending)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(1), time);
        try
        {
            await emit(EventName, new { send_video_process_exists = isSending, camera_id = cameraId }, timeout.Token);
        }
        catch (Exception)
        {
            // The socket is going down; the next one begins with the state.
        }
    }
}
