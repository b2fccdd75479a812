using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace WebSockets.EventLoops;

/// <summary>
/// The one way out of a connection: everything, from the first answer to the last frame, is written here, straight to
/// the socket and without waiting while the kernel takes it.
/// </summary>
/// <remarks>
/// <para>
/// It is what HTTP answers go through, the one to a WebSocket's handshake included; frames that are written here
/// afterwards can therefore not overtake it, and skip the layers above. Under TLS only the encryption may write here.
/// </para>
/// <para>
/// Like the transport it stands for, it does not fail: what is written to a lost connection is discarded, and the
/// reader of the connection learns of the loss. One write at a time.
/// </para>
/// </remarks>
public sealed partial class SocketOutputStream : Stream
{
    private const int ProtocolTcp = 6;
    private const int TcpNotSentLowWaterMark = 25;
    private const int DontWait = 0x40;
    private const int NoSignal = 0x4000;
    private const int Interrupted = 4;
    private const int WouldBlock = 11;

    private readonly SafeSocketHandle _handle;
    private readonly Socket _socket;
    private readonly Action _abort;

    /// <summary>Takes the sending side of a socket over, and makes it non-blocking.</summary>
    internal SocketOutputStream(Socket socket, Action abort)
    {
        _handle = socket.SafeHandle;
        _socket = socket;
        _abort = abort;
        socket.Blocking = false;
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => !_handle.IsClosed;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>
    /// Limits how many bytes the kernel holds that it has not yet sent, so that what waits for a slow reader waits
    /// where it can still be dropped.
    /// </summary>
    /// <remarks><c>TCP_NOTSENT_LOWAT</c> (tcp(7)): it bounds neither the window nor the throughput, as <c>SO_SNDBUF</c> would.</remarks>
    public void LimitUnsent(int bytes)
    {
        try
        {
            _socket.SetRawSocketOption(ProtocolTcp, TcpNotSentLowWaterMark, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in bytes)));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Gone already.
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var rest = buffer.Span;
            while (!rest.IsEmpty)
            {
                // Past the socket's own send, which costs more than a tenth of a frame.
                var count = (int)send(_handle, ref MemoryMarshal.GetReference(rest), rest.Length, DontWait | NoSignal);
                if (count >= 0)
                {
                    rest = rest[count..];
                    continue;
                }

                switch (Marshal.GetLastPInvokeError())
                {
                    case Interrupted:
                        break;
                    case WouldBlock:
                        return WriteRestAsync(buffer[^rest.Length..], cancellationToken);
                    default:
                        _abort();
                        return default;
                }
            }
        }
        catch (ObjectDisposedException)
        {
            // The connection was aborted.
        }

        return default;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
        // Nothing is held back.
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Writing here never blocks.");

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Waits until the kernel has taken the rest. A cancelled write leaves half of it sent, so it ends the connection.</summary>
    private async ValueTask WriteRestAsync(ReadOnlyMemory<byte> rest, CancellationToken cancellationToken)
    {
        try
        {
            while (!rest.IsEmpty)
            {
                rest = rest[await _socket.SendAsync(rest, SocketFlags.None, cancellationToken).ConfigureAwait(false)..];
            }
        }
        catch (OperationCanceledException)
        {
            _abort();
            throw;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            _abort();
        }
    }

#pragma warning disable IDE1006, SYSLIB1054 // The name is libc's.
    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(SafeSocketHandle socket, ref byte bytes, nint length, int flags);
#pragma warning restore IDE1006, SYSLIB1054
}
