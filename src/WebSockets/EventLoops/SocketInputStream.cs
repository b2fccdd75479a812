using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace WebSockets.EventLoops;

/// <summary>
/// The one way into a connection. A read of no bytes completes when there is something to read, so that an idle
/// connection holds no buffer; a read of what is there completes at once. One read at a time. A connection that the
/// peer broke off ends like any other, as an exception for each would cost more than the connection did.
/// </summary>
internal sealed class SocketInputStream : Stream, IEventLoopSocket
{
    private readonly Socket _socket;
    private readonly Action _onEnded;
    private readonly SocketReadiness _readiness = new();
    private volatile bool _hasPeerEnded;
    private volatile bool _isReaderInLoop;

    /// <summary>Takes the receiving side of a non-blocking socket over. <paramref name="onEnded"/> is called, perhaps more than once, when nothing more will come.</summary>
    internal SocketInputStream(Socket socket, Action onEnded)
    {
        _socket = socket;
        _onEnded = onEnded;
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

    /// <summary>Gets whether the peer has ended the connection, or it is broken.</summary>
    internal bool HasPeerEnded => _hasPeerEnded;

    /// <summary>Lets a waiting reader go on in the event loop itself, which it must not block. Not while a read is under way.</summary>
    internal void RunReaderInLoop()
    {
        _isReaderInLoop = true;
        _readiness.RunReaderInLoop();
    }

    /// <summary>Notices what the event loop was told.</summary>
    public void OnEvents(EpollEvents events)
    {
        if ((events & (EpollEvents.Error | EpollEvents.HungUp | EpollEvents.PeerEnded)) != 0)
        {
            _hasPeerEnded = true;
        }

        var isAwaited = _readiness.Set();
        if (_isReaderInLoop && isAwaited)
        {
            // Who reads here has seen the end by now, and needs nobody to tell it on a thread of its own.
            return;
        }

        // A reader finds the end himself. What came before it is still to be read, also when the connection broke then:
        // a peer that closes without having read everything breaks it (RFC 2525, section 2.17).
        if (!isAwaited && _hasPeerEnded && IsAtEnd())
        {
            _onEnded();
        }
    }

    /// <summary>Wakes a waiting reader, if there is one.</summary>
    internal void MakeReadable() => _readiness.Set();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        if (buffer.IsEmpty)
        {
            return _readiness.WaitAsync(cancellationToken);
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int count;
        do
        {
            await _readiness.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        while (!TryReceive(buffer.Span, out count));
        return count;
    }

    /// <summary>Receives what is there; 0 at the end. False when there is nothing yet.</summary>
    private bool TryReceive(Span<byte> buffer, out int count)
    {
        _readiness.Reset();
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
            _readiness.Set();
        }

        if (_hasPeerEnded && (count == 0 ? !_isReaderInLoop : IsAtEnd()))
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
