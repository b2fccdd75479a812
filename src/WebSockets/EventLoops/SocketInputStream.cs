using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace WebSockets.EventLoops;

/// <summary>
/// The one way into a connection. A read of no bytes completes when there is something to read, so that an idle
/// connection holds no buffer; a read of what is there completes at once. One read at a time. A connection that the
/// peer broke off ends like any other, as an exception for each would cost more than the connection did.
/// </summary>
internal sealed class SocketInputStream : Stream, IValueTaskSource<int>
{
    private readonly Socket _socket;
    private readonly Action _onEnded;
    private ManualResetValueTaskSourceCore<int> _readable = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private volatile bool _hasPeerEnded;
    private int _state = (int)State.Drained;

    /// <summary>Takes the receiving side of a non-blocking socket over. <paramref name="onEnded"/> is called, perhaps more than once, when nothing more will come.</summary>
    internal SocketInputStream(Socket socket, Action onEnded)
    {
        _socket = socket;
        _onEnded = onEnded;
    }

    private enum State
    {
        /// <summary>All was read that came so far.</summary>
        Drained,

        /// <summary>There may be something to read.</summary>
        Readable,

        /// <summary>A reader waits.</summary>
        Awaited,
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Lets a waiting reader go on in the event loop itself, which it must not block. Not while a read is under way.</summary>
    internal void RunReaderInLoop() => _readable.RunContinuationsAsynchronously = false;

    /// <summary>Notices what the event loop was told.</summary>
    internal void OnEvents(EpollEvents events)
    {
        var isOver = (events & (EpollEvents.Error | EpollEvents.HungUp)) != 0;
        if (isOver || (events & EpollEvents.PeerEnded) != 0)
        {
            _hasPeerEnded = true;
        }

        var isAwaited = MakeReadable();
        if (isOver || (_hasPeerEnded && !isAwaited && IsAtEnd()))
        {
            _onEnded();
        }
    }

    /// <summary>Wakes a waiting reader, if there is one.</summary>
    internal bool MakeReadable()
    {
        var isAwaited = Interlocked.Exchange(ref _state, (int)State.Readable) == (int)State.Awaited;
        if (isAwaited)
        {
            _readable.SetResult(0);
        }

        return isAwaited;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        if (buffer.IsEmpty)
        {
            return WaitAsync(cancellationToken);
        }

        return TryReceive(buffer.Span, out var count) ? new ValueTask<int>(count) : ReceiveAsync(buffer, cancellationToken);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Reading here never blocks.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    int IValueTaskSource<int>.GetResult(short token)
    {
        // Waits for a cancellation that is under way, so that it cannot hit the next read.
        _cancellation.Dispose();
        _cancellation = default;
        return _readable.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _readable.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _readable.OnCompleted(continuation, state, token, flags);

    /// <summary>Completes with 0 when there may be something to read.</summary>
    private ValueTask<int> WaitAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _state) == (int)State.Readable)
        {
            return new ValueTask<int>(0);
        }

        _readable.Reset();
        if (Interlocked.CompareExchange(ref _state, (int)State.Awaited, (int)State.Drained) != (int)State.Drained)
        {
            return new ValueTask<int>(0);
        }

        _cancellation = cancellationToken.UnsafeRegister(static (input, token) => ((SocketInputStream)input!).Cancel(token), this);
        return new ValueTask<int>(this, _readable.Version);
    }

    private void Cancel(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _state, (int)State.Drained, (int)State.Awaited) == (int)State.Awaited)
        {
            _readable.SetException(new OperationCanceledException(cancellationToken));
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int count;
        do
        {
            await WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        while (!TryReceive(buffer.Span, out count));
        return count;
    }

    /// <summary>Receives what is there; 0 at the end. False when there is nothing yet.</summary>
    private bool TryReceive(Span<byte> buffer, out int count)
    {
        // Before the receive: what comes after it must not be missed.
        Interlocked.Exchange(ref _state, (int)State.Drained);
        SocketError error;
        try
        {
            count = _socket.Receive(buffer, SocketFlags.None, out error);
        }
        catch (ObjectDisposedException)
        {
            // The connection was aborted.
            (count, error) = (0, SocketError.Success);
        }

        if (error is SocketError.WouldBlock or SocketError.TryAgain)
        {
            return false;
        }

        // An error ends the connection; a short read has drained the socket (epoll(7), question 9), unless its end was told before.
        _hasPeerEnded |= count == 0 || error != SocketError.Success;
        if (count == buffer.Length || _hasPeerEnded)
        {
            Interlocked.Exchange(ref _state, (int)State.Readable);
        }

        if (_hasPeerEnded && (count == 0 || IsAtEnd()))
        {
            _onEnded();
        }

        return true;
    }

    /// <summary>Looks whether the end comes next, where nobody reads and so nobody would see it.</summary>
    private bool IsAtEnd()
    {
        Span<byte> next = stackalloc byte[1];
        try
        {
            return _socket.Receive(next, SocketFlags.Peek, out var error) == 0 && error is not (SocketError.WouldBlock or SocketError.TryAgain);
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }
}
