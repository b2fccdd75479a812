using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;

using Microsoft.AspNetCore.Connections;

namespace WebSockets.EventLoops;

/// <summary>A connection as the server above sees it: two pipes right on the socket, and both streams as features.</summary>
internal sealed class EventLoopConnection : DefaultConnectionContext
{
    private static long _lastNumber;

    private readonly Socket _socket;
    private readonly EventLoop _loop;
    private readonly SocketInputStream _input;
    private readonly SocketOutputStream _output;
    private readonly DuplexPipe _pipes;
    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _closing = new();
    private bool _isClosed;

    public EventLoopConnection(Socket socket, EventLoop loop)
        : base(Interlocked.Increment(ref _lastNumber).ToString("X8", CultureInfo.InvariantCulture))
    {
        _socket = socket;
        _loop = loop;
        socket.NoDelay = true;
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        ConnectionClosed = _ended.Token;
        _output = new SocketOutputStream(socket, Abort);
        _input = new SocketInputStream(socket, OnEnded);
        _pipes = new DuplexPipe(
            PipeReader.Create(_input, new StreamPipeReaderOptions(useZeroByteReads: true)),
            PipeWriter.Create(_output));
        Transport = _pipes;
        Features.Set(this);
        Features.Set(_output);
        loop.Watch(socket, _input);
    }

    /// <summary>
    /// Hands both ends of the socket to who goes on without the pipes, with the bytes that were received already. False
    /// when something stands between, such as encryption. Nobody may be reading.
    /// </summary>
    public bool TryTakeOver([NotNullWhen(true)] out Stream? input, [NotNullWhen(true)] out Stream? output, out byte[] received)
    {
        (input, output, received) = (null, null, []);
        if (!ReferenceEquals(Transport, _pipes))
        {
            return false;
        }

        if (_pipes.Input.TryRead(out var result))
        {
            received = result.Buffer.ToArray();
            _pipes.Input.AdvanceTo(result.Buffer.End);
        }

        _input.RunReaderInLoop();
        (input, output) = (_input, _output);
        return true;
    }

    /// <summary>Cuts the connection; what the kernel has not sent yet is lost, and its memory given back.</summary>
    public override void Abort(ConnectionAbortedException abortReason)
    {
        Close(reset: true);
        OnEnded();
    }

    public override async ValueTask DisposeAsync()
    {
        await Transport.Input.CompleteAsync().ConfigureAwait(false);
        await Transport.Output.CompleteAsync().ConfigureAwait(false);
        Close(reset: false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Tells whoever registered, on a thread where that may take its time.</summary>
    private void OnEnded()
    {
        if (!_ended.IsCancellationRequested)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static ended => ended.Cancel(), _ended, preferLocal: false);
        }
    }

    private void Close(bool reset)
    {
        lock (_closing)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
            _loop.Forget(_socket);
        }

        if (reset)
        {
            _socket.Close(timeout: 0);
        }
        else if (_input.HasPeerEnded)
        {
            _socket.Dispose();
        }
        else
        {
            try
            {
                _socket.Shutdown(SocketShutdown.Both);
            }
            catch (SocketException)
            {
                // The peer was faster.
            }

            _socket.Dispose();
        }

        _input.MakeReadable();
    }

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
