using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace WebSockets;

/// <summary>
/// The server's side of one WebSocket (RFC 6455) on any duplex stream. One reader calls <see cref="ReceiveAsync"/> in
/// a loop: pings are answered and pongs noticed there. All other members may be called from any thread; sending never
/// blocks the caller, and all bytes go through one writer.
/// </summary>
public sealed class WebSocketConnection : IAsyncDisposable
{
    private const int ReadBufferBytes = 4096;

    private readonly Stream _input;
    private readonly WebSocketOptions _options;
    private readonly FrameWriter _writer;
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private Action? _abortTransport;
    private TaskCompletionSource? _aborting;
    private TaskCompletionSource? _ended;
    private Queue<PendingPing>? _pings;
    private long _lastPing;
    private volatile WebSocketEnd _end;
    private bool _isClosing;
    private int _closeCode = WebSockets.CloseCode.Abnormal;

    private byte[]? _buffer;
    private int _start;
    private int _available;
    private byte[]? _message;
    private int _messageBytes;
    private Opcode _messageOpcode;
    private bool _messageIsReturned;

    /// <summary>Takes over a stream after its handshake. <paramref name="abortTransport"/> cuts it without ceremony.</summary>
    public WebSocketConnection(Stream stream, WebSocketOptions options, Action abortTransport, TimeProvider? time = null)
        : this(stream, stream, options, abortTransport, time, [])
    {
    }

    /// <summary>Takes over a connection whose two directions are streams of their own, and of which some bytes were received already.</summary>
    internal WebSocketConnection(
        Stream input, Stream output, WebSocketOptions options, Action abortTransport, TimeProvider? time = null, ReadOnlySpan<byte> received = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        _input = input;
        _options = options;
        _abortTransport = abortTransport;
        _time = time ?? TimeProvider.System;
        _writer = new FrameWriter(output, options.MaxBufferedBytes);
        if (!received.IsEmpty)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(received.Length, ReadBufferBytes));
            received.CopyTo(_buffer);
            _available = received.Length;
        }
    }

    /// <summary>Gets how the connection ended.</summary>
    public WebSocketEnd End => _end;

    /// <summary>Gets the bytes that were accepted by a send and that the stream does not take yet, because the peer reads too slowly.</summary>
    public long BufferedBytes => _writer.BufferedBytes;

    /// <summary>
    /// Reads what a send will need, and does nothing. Who sends to many does it for several of them first: the processor
    /// then waits for their memory at the same time, not for each in turn, which was a tenth of a broadcast's cost.
    /// </summary>
    public void Prefetch() => _writer.Prefetch();

    /// <summary>
    /// Queues a message and returns at once. False when the connection has ended or is closing; also when the message
    /// would pass <see cref="WebSocketOptions.MaxBufferedBytes"/>, which ends the connection.
    /// </summary>
    public bool TrySend(WebSocketFrame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        return TryWrite(frame.Bytes, null);
    }

    /// <summary>Queues messages so that no other comes between them; otherwise as <see cref="TrySend(WebSocketFrame)"/>.</summary>
    public bool TrySend(ReadOnlySpan<WebSocketFrame> frames) => Check(frames.Length == 1 ? _writer.TryWrite(frames[0].Bytes) : _writer.TryWrite(frames));

    /// <summary>
    /// Queues a message and completes with true when it, and all before it, were handed to the stream; with false
    /// when the connection ended first. For a sender that keeps its own queue and sends the next message only then.
    /// </summary>
    public ValueTask<bool> SendAsync(WebSocketFrame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        var written = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        return TryWrite(frame.Bytes, written) ? new ValueTask<bool>(written.Task) : ValueTask.FromResult(false);
    }

    /// <summary>Completes with true when everything queued before was handed to the stream, with false when the connection ended first.</summary>
    public ValueTask<bool> FlushAsync()
    {
        var written = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        return _writer.TryWrite(default, written) == WriteResult.Accepted
            ? new ValueTask<bool>(written.Task)
            : ValueTask.FromResult(false);
    }

    /// <summary>
    /// Sends a ping behind everything queued and completes with true on its pong (section 5.5.3), or with false when
    /// the connection ended first. The pong proves that the peer's reader got everything sent before the ping.
    /// </summary>
    public Task<bool> PingAsync()
    {
        TaskCompletionSource<bool> answered;
        lock (_gate)
        {
            if (_end != WebSocketEnd.None)
            {
                return Task.FromResult(false);
            }

            answered = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            var payload = new byte[sizeof(long)];
            BinaryPrimitives.WriteInt64BigEndian(payload, ++_lastPing);
            (_pings ??= new Queue<PendingPing>()).Enqueue(new PendingPing(_lastPing, answered));
            // Within the lock, so that pings are on the wire in the order in which their pongs are awaited.
            if (_writer.TryWrite(WebSocketFrame.Control(Opcode.Ping, payload).Bytes) == WriteResult.Accepted)
            {
                return answered.Task;
            }
        }

        // Closing, or too slow to take even a ping: in both cases no pong can be expected.
        answered.TrySetResult(false);
        return answered.Task;
    }

    /// <summary>
    /// Sends a close frame behind everything queued, waits for the peer's and ends; cuts the connection after
    /// <see cref="WebSocketOptions.CloseTimeout"/>. The receive loop must go on until it returns <see cref="WebSocketMessageKind.Closed"/>.
    /// </summary>
    public async Task CloseAsync(int code = WebSockets.CloseCode.Normal, string reason = "")
    {
        SendClose(code, reason);
        await WaitForEndAsync().ConfigureAwait(false);
    }

    /// <summary>Writes what is queued and ends without a close frame, for peers that break on one. Waits at most <see cref="WebSocketOptions.CloseTimeout"/> for the writing.</summary>
    public async Task EndAsync()
    {
        try
        {
            await _writer.CloseAsync().WaitAsync(_options.CloseTimeout, _time).ConfigureAwait(false);
            Finish(WebSocketEnd.ClosedByUs);
        }
        catch (TimeoutException)
        {
            Cut(WebSocketEnd.ClosedByUs);
        }
    }

    /// <summary>Cuts the connection. What is queued is lost.</summary>
    public void Abort() => Cut(WebSocketEnd.Aborted);

    /// <summary>
    /// Waits for the next message. Text is checked to be UTF-8, fragments are put together. After
    /// <see cref="WebSocketMessageKind.Closed"/> it returns the same again.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was cancelled; the connection goes on.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<WebSocketMessage> ReceiveAsync(CancellationToken cancellationToken = default)
    {
        ReleaseMessage();
        using var linked = cancellationToken.CanBeCanceled
            ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ending.Token)
            : null;
        var token = linked?.Token ?? _ending.Token;
        while (_end == WebSocketEnd.None)
        {
            if (TryReadMessage(out var message))
            {
                return message;
            }

            if (_end != WebSocketEnd.None)
            {
                break;
            }

            try
            {
                if (!await FillAsync(token).ConfigureAwait(false))
                {
                    Finish(_isClosing ? WebSocketEnd.ClosedByUs : WebSocketEnd.Lost);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && _end == WebSocketEnd.None)
            {
                throw;
            }
#pragma warning disable CA1031 // Whatever a transport throws, the connection is over: the caller gets Closed.
            catch (Exception)
#pragma warning restore CA1031
            {
                Finish(_isClosing ? WebSocketEnd.ClosedByUs : WebSocketEnd.Lost);
            }
        }

        return new WebSocketMessage(WebSocketMessageKind.Closed, default, _closeCode);
    }

    /// <summary>Ends the connection if it has not ended, and completes when the stream is no longer used.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_end == WebSocketEnd.None)
        {
            Abort();
        }

        try
        {
            await _writer.CloseAsync().WaitAsync(_options.CloseTimeout, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            AbortTransport();
            await _writer.CloseAsync().ConfigureAwait(false);
        }

        Task? aborting;
        lock (_gate)
        {
            _abortTransport = null;
            aborting = _aborting?.Task;
        }

        if (aborting is not null)
        {
            // What is aborted must not be gone before: the HTTP context, which ends with this call's caller.
            await aborting.ConfigureAwait(false);
        }

        ReleaseMessage();
        ReleaseBuffer();
        _ending.Dispose();
    }

    private bool TryWrite(ReadOnlyMemory<byte> bytes, TaskCompletionSource<bool>? written) => Check(_writer.TryWrite(bytes, written));

    private bool Check(WriteResult result)
    {
        if (result == WriteResult.Full)
        {
            Cut(WebSocketEnd.TooSlow);
        }

        return result == WriteResult.Accepted;
    }

    private bool TryReadMessage(out WebSocketMessage message)
    {
        message = default;
        while (_available > 0)
        {
            var bytes = _buffer.AsSpan(_start, _available);
            switch (FrameHeader.Read(bytes, out var header))
            {
                case FrameHeaderResult.NeedMore:
                    return false;
                case FrameHeaderResult.Malformed:
                    Fail(WebSocketEnd.ProtocolError, WebSockets.CloseCode.ProtocolError);
                    return false;
                default:
                    break;
            }

            if (!header.IsControl && header.PayloadBytes + _messageBytes > _options.MaxMessageBytes)
            {
                Fail(WebSocketEnd.MessageTooLong, WebSockets.CloseCode.MessageTooLong);
                return false;
            }

            if (bytes.Length < header.HeaderBytes + header.PayloadBytes)
            {
                return false;
            }

            var payload = _buffer.AsMemory(_start + header.HeaderBytes, (int)header.PayloadBytes);
            var consumed = header.HeaderBytes + payload.Length;
            _start += consumed;
            _available -= consumed;
            Masking.Apply(payload.Span, header.MaskingKey);
            if (header.IsControl)
            {
                OnControl(header.Opcode, payload.Span);
                if (_end != WebSocketEnd.None)
                {
                    return false;
                }
            }
            else if (TryAssemble(header, payload, out message))
            {
                return true;
            }
            else if (_end != WebSocketEnd.None)
            {
                return false;
            }
        }

        return false;
    }

    private bool TryAssemble(in FrameHeader header, Memory<byte> payload, out WebSocketMessage message)
    {
        message = default;
        var isContinuation = header.Opcode == Opcode.Continuation;
        if (isContinuation != (_messageOpcode != default))
        {
            // A continuation of nothing, or a new message inside another (section 5.4).
            Fail(WebSocketEnd.ProtocolError, WebSockets.CloseCode.ProtocolError);
            return false;
        }

        var opcode = isContinuation ? _messageOpcode : header.Opcode;
        if (!isContinuation && header.IsFinal)
        {
            return TryFinishMessage(opcode, payload, out message);
        }

        Append(payload.Span);
        _messageOpcode = opcode;
        if (!header.IsFinal)
        {
            return false;
        }

        _messageOpcode = default;
        _messageIsReturned = true;
        return TryFinishMessage(opcode, _message.AsMemory(0, _messageBytes), out message);
    }

    private bool TryFinishMessage(Opcode opcode, ReadOnlyMemory<byte> payload, out WebSocketMessage message)
    {
        message = new WebSocketMessage(opcode == Opcode.Text ? WebSocketMessageKind.Text : WebSocketMessageKind.Binary, payload);
        if (opcode == Opcode.Text && !Utf8.IsValid(payload.Span))
        {
            Fail(WebSocketEnd.ProtocolError, WebSockets.CloseCode.InvalidPayload);
            return false;
        }

        return true;
    }

    private void Append(ReadOnlySpan<byte> fragment)
    {
        var needed = _messageBytes + fragment.Length;
        if (_message is null || _message.Length < needed)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Min(2 * needed, _options.MaxMessageBytes)));
            _message.AsSpan(0, _messageBytes).CopyTo(larger);
            Return(ref _message);
            _message = larger;
        }

        fragment.CopyTo(_message.AsSpan(_messageBytes));
        _messageBytes = needed;
    }

    private void OnControl(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        switch (opcode)
        {
            case Opcode.Ping:
                TryWrite(WebSocketFrame.Control(Opcode.Pong, payload).Bytes, null);
                break;
            case Opcode.Pong:
                OnPong(payload);
                break;
            default:
                OnClose(payload);
                break;
        }
    }

    private void OnPong(ReadOnlySpan<byte> payload)
    {
        if (payload.Length != sizeof(long))
        {
            return; // Unsolicited (section 5.5.3).
        }

        var id = BinaryPrimitives.ReadInt64BigEndian(payload);
        lock (_gate)
        {
            // A peer may answer only the latest of several pings.
            while (id <= _lastPing && _pings is { Count: > 0 } && _pings.Peek().Id <= id)
            {
                _pings.Dequeue().Answered.TrySetResult(true);
            }
        }
    }

    private void OnClose(ReadOnlySpan<byte> payload)
    {
        var code = payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(payload) : WebSockets.CloseCode.None;
        if (payload.Length == 1
            || (payload.Length >= 2 && (!WebSockets.CloseCode.IsValidOnWire(code) || !Utf8.IsValid(payload[2..]))))
        {
            Fail(WebSocketEnd.ProtocolError, WebSockets.CloseCode.ProtocolError);
            return;
        }

        var isAnswer = _isClosing;
        SendClose(code == WebSockets.CloseCode.None ? WebSockets.CloseCode.Normal : code, "");
        _closeCode = code;
        Finish(isAnswer ? WebSocketEnd.ClosedByUs : WebSocketEnd.ClosedByPeer);
    }

    private void Fail(WebSocketEnd end, int code)
    {
        SendClose(code, "");
        _closeCode = code;
        Finish(end);
    }

    private void SendClose(int code, string reason)
    {
        lock (_gate)
        {
            if (_isClosing)
            {
                return;
            }

            _isClosing = true;
        }

        Span<byte> payload = stackalloc byte[FrameHeader.MaxControlPayloadBytes];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        Utf8.FromUtf16(reason, payload[2..], out _, out var reasonBytes);
        _writer.TryWrite(WebSocketFrame.Control(Opcode.Close, payload[..(2 + reasonBytes)]).Bytes, isLast: true);
    }

    private async Task WaitForEndAsync()
    {
        Task ended;
        lock (_gate)
        {
            if (_end != WebSocketEnd.None)
            {
                return;
            }

            _ended ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            ended = _ended.Task;
        }

        try
        {
            await ended.WaitAsync(_options.CloseTimeout, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Cut(WebSocketEnd.ClosedByUs);
        }
    }

    private void Cut(WebSocketEnd end)
    {
        if (Finish(end))
        {
            AbortTransport();
        }
    }

    private void AbortTransport()
    {
        Action? abort;
        lock (_gate)
        {
            abort = _abortTransport;
            _abortTransport = null;
            if (abort is null)
            {
                return;
            }

            _aborting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        try
        {
            abort();
        }
        finally
        {
            _aborting.TrySetResult();
        }
    }

    /// <summary>Records the end, once; wakes the reader and everybody who waits for a pong or for the end.</summary>
    private bool Finish(WebSocketEnd end)
    {
        Queue<PendingPing>? pings;
        lock (_gate)
        {
            if (_end != WebSocketEnd.None)
            {
                return false;
            }

            _end = end;
            pings = _pings;
            _pings = null;
            _ended?.TrySetResult();
        }

        _ = _writer.CloseAsync();
        foreach (var ping in pings ?? [])
        {
            ping.Answered.TrySetResult(false);
        }

        try
        {
            _ending.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Disposed meanwhile: nobody reads any more.
        }

        return true;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_available == 0)
        {
            // An idle connection holds no buffer: it waits for data without one.
            ReleaseBuffer();
            await _input.ReadAsync(Memory<byte>.Empty, cancellationToken).ConfigureAwait(false);
        }

        MakeRoom();
        var read = await _input.ReadAsync(_buffer.AsMemory(_start + _available), cancellationToken).ConfigureAwait(false);
        _available += read;
        return read > 0;
    }

    private void MakeRoom()
    {
        _buffer ??= ArrayPool<byte>.Shared.Rent(ReadBufferBytes);
        if (_start + _available < _buffer.Length)
        {
            return;
        }

        if (_start > 0)
        {
            _buffer.AsSpan(_start, _available).CopyTo(_buffer);
        }
        else
        {
            // Only a frame longer than the buffer comes here, and TryReadMessage has refused one past the limit.
            var larger = ArrayPool<byte>.Shared.Rent(2 * _buffer.Length);
            _buffer.AsSpan(0, _available).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        _start = 0;
    }

    private void ReleaseMessage()
    {
        if (_messageIsReturned)
        {
            Return(ref _message);
            _messageBytes = 0;
            _messageIsReturned = false;
        }
    }

    private void ReleaseBuffer()
    {
        Return(ref _buffer);
        _start = 0;
    }

    private static void Return(ref byte[]? buffer)
    {
        if (buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = null;
        }
    }

    private readonly record struct PendingPing(long Id, TaskCompletionSource<bool> Answered);
}
