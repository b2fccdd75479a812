using System.Threading.Tasks.Sources;

namespace WebSockets.EventLoops;

/// <summary>
/// Whether there may be something to take from a socket: the event loop tells so, one reader waits for it. Edge-triggered
/// (epoll(7)): who takes something says so before, and goes on until there is nothing.
/// </summary>
internal sealed class SocketReadiness : IValueTaskSource<int>
{
    private ManualResetValueTaskSourceCore<int> _ready = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private int _state = (int)State.Drained;

    private enum State
    {
        /// <summary>All was taken that came so far.</summary>
        Drained,

        /// <summary>There may be something.</summary>
        Ready,

        /// <summary>A reader waits.</summary>
        Awaited,
    }

    /// <summary>Lets a waiting reader go on in the event loop itself, which it must not block. Not while one waits.</summary>
    public void RunReaderInLoop() => _ready.RunContinuationsAsynchronously = false;

    /// <summary>Notes that there may be something, and wakes a waiting reader. True if there was one.</summary>
    public bool Set()
    {
        var isAwaited = Interlocked.Exchange(ref _state, (int)State.Ready) == (int)State.Awaited;
        if (isAwaited)
        {
            _ready.SetResult(0);
        }

        return isAwaited;
    }

    /// <summary>Notes that all will be taken: before it is, so that what comes after is not missed. For the reader.</summary>
    public void Reset() => Interlocked.Exchange(ref _state, (int)State.Drained);

    /// <summary>Completes with 0 when there may be something. For the reader, and one at a time.</summary>
    public ValueTask<int> WaitAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _state) == (int)State.Ready)
        {
            return new ValueTask<int>(0);
        }

        _ready.Reset();
        if (Interlocked.CompareExchange(ref _state, (int)State.Awaited, (int)State.Drained) != (int)State.Drained)
        {
            return new ValueTask<int>(0);
        }

        _cancellation = cancellationToken.UnsafeRegister(static (readiness, token) => ((SocketReadiness)readiness!).Cancel(token), this);
        return new ValueTask<int>(this, _ready.Version);
    }

    int IValueTaskSource<int>.GetResult(short token)
    {
        // Waits for a cancellation that is under way, so that it cannot hit the next read.
        _cancellation.Dispose();
        _cancellation = default;
        return _ready.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _ready.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _ready.OnCompleted(continuation, state, token, flags);

    private void Cancel(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _state, (int)State.Drained, (int)State.Awaited) == (int)State.Awaited)
        {
            _ready.SetException(new OperationCanceledException(cancellationToken));
        }
    }
}
