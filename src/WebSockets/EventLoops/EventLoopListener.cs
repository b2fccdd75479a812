using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

using Microsoft.AspNetCore.Connections;

namespace WebSockets.EventLoops;

/// <summary>Accepts connections in an event loop and deals them out to all.</summary>
internal sealed partial class EventLoopListener : IConnectionListener, IEventLoopSocket
{
    private const int NonBlockingCloseOnExec = 0x80800;
    private const int Interrupted = 4;
    private const int TryAgain = 11;
    private const int ConnectionAborted = 103;

    /// <summary>How long nothing is accepted after a failure, which as a rule is that there is no room for another connection.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly EventLoop _loop = EventLoop.Next();
    private readonly SocketReadiness _readiness = new();
    private readonly Lock _closing = new();
    private volatile bool _isClosed;

    /// <summary>Takes over a socket that listens.</summary>
    public EventLoopListener(Socket socket)
    {
        _socket = socket;
        socket.Blocking = false;
        EndPoint = socket.LocalEndPoint!;
        _readiness.RunReaderInLoop();
        _loop.Watch(socket, this);
    }

    public EndPoint EndPoint { get; }

    public void OnEvents(EpollEvents events) => _readiness.Set();

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (!_isClosed)
        {
            _readiness.Reset();
            var (accepted, error) = Accept();
            if (accepted is not null)
            {
                // There may be more, and it is told only once.
                _readiness.Set();
                try
                {
                    return new EventLoopConnection(accepted, EventLoop.Next());
                }
                catch (SocketException)
                {
                    // The client is gone already.
                    accepted.Dispose();
                }
            }
            else if (error == TryAgain)
            {
                await _readiness.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            else if (error is not (Interrupted or ConnectionAborted))
            {
                await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
            }
        }

        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        lock (_closing)
        {
            if (!_isClosed)
            {
                _isClosed = true;
                _loop.Forget(_socket);
                _socket.Dispose();
            }
        }

        _readiness.Set();
        return default;
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    /// <summary>Accepts a connection, if one waits; otherwise gives the error (accept(2)).</summary>
    private (Socket? Accepted, int Error) Accept()
    {
        lock (_closing)
        {
            if (_isClosed)
            {
                return (null, 0);
            }

            var descriptor = accept4(_socket.SafeHandle, 0, 0, NonBlockingCloseOnExec);
            return descriptor >= 0 ? (new Socket(new SafeSocketHandle(descriptor, ownsHandle: true)), 0) : (null, Marshal.GetLastPInvokeError());
        }
    }

#pragma warning disable IDE1006, SYSLIB1054 // The name is libc's.
    [LibraryImport("libc", SetLastError = true)]
    private static partial int accept4(SafeSocketHandle listener, nint address, nint addressBytes, int flags);
#pragma warning restore IDE1006, SYSLIB1054
}
