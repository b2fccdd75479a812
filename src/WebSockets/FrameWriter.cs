using System.Buffers;

using WebSockets.EventLoops;

namespace WebSockets;

/// <summary>
/// The one writer of a connection. Whoever sends first while nobody writes becomes the writer and goes on until the
/// queue is empty; everybody else only queues. Small frames that waited are written together. In an event loop the
/// writing begins at the end of the round, so that all that its handlers send goes out at once.
/// </summary>
internal sealed class FrameWriter(Stream stream, long maxBufferedBytes)
{
    private const int BatchBytes = 16 * 1024;

    private readonly Lock _gate = new();
    private EntryQueue _queue;
    private TaskCompletionSource? _idle;
    private long _bufferedBytes;
    private bool _isWriting;
    private bool _isDeferred;
    private volatile bool _isBlocked;
    private bool _isClosed;

    /// <summary>Gets the bytes that were accepted and wait for the stream, which does not take them at once.</summary>
    public long BufferedBytes => _isBlocked ? Interlocked.Read(ref _bufferedBytes) : 0;

    /// <summary>Queues bytes. <paramref name="written"/> completes with true when the stream has taken them, with false when it never will.</summary>
    public WriteResult TryWrite(ReadOnlyMemory<byte> bytes, TaskCompletionSource<bool>? written = null, bool isLast = false)
    {
        var entry = new Entry(bytes, written);
        bool isWriter;
        lock (_gate)
        {
            if (_isClosed)
            {
                return WriteResult.Closed;
            }

            if (_bufferedBytes + bytes.Length > maxBufferedBytes && bytes.Length > 0)
            {
                return WriteResult.Full;
            }

            _isClosed = isLast;
            isWriter = TryBegin(entry) || TryResume(out entry);
        }

        if (isWriter)
        {
            Write(entry);
        }

        return WriteResult.Accepted;
    }

    /// <summary>Queues frames so that nothing comes between them; all of them or none.</summary>
    public WriteResult TryWrite(ReadOnlySpan<WebSocketFrame> frames)
    {
        var total = 0L;
        foreach (var frame in frames)
        {
            total += frame.Bytes.Length;
        }

        Entry first = default;
        var isWriter = false;
        lock (_gate)
        {
            if (_isClosed)
            {
                return WriteResult.Closed;
            }

            if (_bufferedBytes + total > maxBufferedBytes)
            {
                return WriteResult.Full;
            }

            foreach (var frame in frames)
            {
                var entry = new Entry(frame.Bytes, null);
                if (TryBegin(entry))
                {
                    (first, isWriter) = (entry, true);
                }
            }

            isWriter = isWriter || TryResume(out first);
        }

        if (isWriter)
        {
            Write(first);
        }

        return WriteResult.Accepted;
    }

    /// <summary>See <see cref="WebSocketConnection.Prefetch"/>.</summary>
    public void Prefetch() => _ = Volatile.Read(ref _isWriting) || stream.CanWrite;

    /// <summary>Begins with the writing that was put off.</summary>
    public void WriteDeferred()
    {
        Entry only = default;
        lock (_gate)
        {
            if (!_isDeferred)
            {
                return;
            }

            _isDeferred = false;
            if (_queue.Count == 1)
            {
                only = _queue.Dequeue();
            }
        }

        Write(only);
    }

    /// <summary>Accepts nothing more and completes when nothing is being written any more. What was queued is still written unless the stream fails.</summary>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
            if (!_isWriting)
            {
                return Task.CompletedTask;
            }

            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }

    /// <summary>Counts an entry. True when the caller is the writer and begins with it; otherwise it is queued.</summary>
    private bool TryBegin(in Entry entry)
    {
        Interlocked.Add(ref _bufferedBytes, entry.Bytes.Length);
        if (!_isWriting)
        {
            _isWriting = true;
            if (EventLoop.Current is not { } loop)
            {
                return true;
            }

            _isDeferred = true;
            loop.WriteAtEndOfRound(this);
        }

        _queue.Enqueue(entry);
        return false;
    }

    /// <summary>Puts the writing off no longer when what waits is enough for a write of its own. True when the caller is the writer.</summary>
    private bool TryResume(out Entry first)
    {
        first = default;
        var isEnough = _isDeferred && _bufferedBytes >= BatchBytes;
        _isDeferred &= !isEnough;
        return isEnough;
    }

    /// <summary>Writes, and is done at once when the stream takes all of it at once, as a socket with room does.</summary>
    private void Write(in Entry entry)
    {
        if (entry.Written is not null || entry.Bytes.IsEmpty)
        {
            _ = WriteAsync(entry, null);
            return;
        }

        ValueTask writing;
        try
        {
            writing = stream.WriteAsync(entry.Bytes);
        }
#pragma warning disable CA1031 // Whatever a transport throws, the connection is over and its reader will say so.
        catch (Exception)
#pragma warning restore CA1031
        {
            Fail(null);
            return;
        }

        if (!writing.IsCompletedSuccessfully)
        {
            _ = WriteAsync(entry, writing);
            return;
        }

        writing.GetAwaiter().GetResult();
        lock (_gate)
        {
            Interlocked.Add(ref _bufferedBytes, -entry.Bytes.Length);
            if (_queue.Count == 0)
            {
                _isWriting = false;
                _idle?.TrySetResult();
                return;
            }
        }

        _ = WriteAsync(default, null);
    }

    /// <summary>Writes on until the queue is empty.</summary>
    /// <param name="entry">What is written first.</param>
    /// <param name="begun">The write of it, if it has begun.</param>
    private async Task WriteAsync(Entry entry, ValueTask? begun)
    {
        byte[]? batch = null;
        List<TaskCompletionSource<bool>>? written = null;
        try
        {
            var bytes = entry.Bytes;
            if (entry.Written is not null)
            {
                written = [entry.Written];
            }

            do
            {
                var writing = begun ?? (bytes.IsEmpty ? default : stream.WriteAsync(bytes));
                begun = null;
                _isBlocked = !writing.IsCompleted;
                await writing.ConfigureAwait(false);
                _isBlocked = false;

                Complete(written, true);
                Interlocked.Add(ref _bufferedBytes, -bytes.Length);
            }
            while (TryTake(ref bytes, ref batch, ref written));
        }
#pragma warning disable CA1031 // Whatever a transport throws, the connection is over and its reader will say so.
        catch (Exception)
#pragma warning restore CA1031
        {
            Fail(written);
        }
        finally
        {
            if (batch is not null)
            {
                ArrayPool<byte>.Shared.Return(batch);
            }
        }
    }

    private bool TryTake(ref ReadOnlyMemory<byte> bytes, ref byte[]? batch, ref List<TaskCompletionSource<bool>>? written)
    {
        lock (_gate)
        {
            if (_queue.Count == 0)
            {
                _isWriting = false;
                _idle?.TrySetResult();
                _queue.GiveBack();
                return false;
            }

            var first = Take(ref written);
            if (_queue.Count == 0 || first.Length + _queue.Peek().Bytes.Length > BatchBytes)
            {
                bytes = first;
                return true;
            }

            batch ??= ArrayPool<byte>.Shared.Rent(BatchBytes);
            first.CopyTo(batch);
            var length = first.Length;
            while (_queue.Count > 0 && length + _queue.Peek().Bytes.Length <= BatchBytes)
            {
                var next = Take(ref written);
                next.CopyTo(batch.AsMemory(length));
                length += next.Length;
            }

            bytes = batch.AsMemory(0, length);
            return true;
        }
    }

    private ReadOnlyMemory<byte> Take(ref List<TaskCompletionSource<bool>>? written)
    {
        var entry = _queue.Dequeue();
        if (entry.Written is not null)
        {
            (written ??= []).Add(entry.Written);
        }

        return entry.Bytes;
    }

    private void Fail(List<TaskCompletionSource<bool>>? written)
    {
        List<Entry> queued = [];
        lock (_gate)
        {
            _isClosed = true;
            _isWriting = false;
            _isDeferred = false;
            _isBlocked = false;
            _idle?.TrySetResult();
            while (_queue.Count > 0)
            {
                queued.Add(_queue.Dequeue());
            }

            Interlocked.Exchange(ref _bufferedBytes, 0);
        }

        Complete(written, false);
        foreach (var entry in queued)
        {
            entry.Written?.TrySetResult(false);
        }
    }

    private static void Complete(List<TaskCompletionSource<bool>>? written, bool result)
    {
        if (written is null)
        {
            return;
        }

        foreach (var source in written)
        {
            source.TrySetResult(result);
        }

        written.Clear();
    }

    private readonly record struct Entry(ReadOnlyMemory<byte> Bytes, TaskCompletionSource<bool>? Written);

    /// <summary>A queue that takes no memory of its own for one entry, as most connections never have more waiting.</summary>
    private struct EntryQueue
    {
        private const int KeptEntries = 64;

        private Entry _first;
        private Queue<Entry>? _others;

        public int Count { get; private set; }

        public void Enqueue(in Entry entry)
        {
            if (Count++ == 0)
            {
                _first = entry;
            }
            else
            {
                (_others ??= new Queue<Entry>()).Enqueue(entry);
            }
        }

        public readonly Entry Peek() => _first;

        public Entry Dequeue()
        {
            var first = _first;
            _first = --Count == 0 ? default : _others!.Dequeue();
            return first;
        }

        /// <summary>Gives the memory of an empty queue back, if it was a long one.</summary>
        public void GiveBack()
        {
            if (_others?.EnsureCapacity(0) > KeptEntries)
            {
                _others = null;
            }
        }
    }
}

/// <summary>What became of bytes given to a <see cref="FrameWriter"/>.</summary>
internal enum WriteResult
{
    /// <summary>They will be written in turn.</summary>
    Accepted,

    /// <summary>The limit would be passed.</summary>
    Full,

    /// <summary>Nothing is written any more.</summary>
    Closed,
}
