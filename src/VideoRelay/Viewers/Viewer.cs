using LiveRobot.VideoRelay.Edges;
using LiveRobot.VideoRelay.Feeds;

using WebSockets;

namespace LiveRobot.VideoRelay.Viewers;

/// <summary>
/// One who watches: a short queue of frames, and one frame at a time on its way. Who falls behind loses what waits and
/// goes on with a keyframe; who stands still is disconnected.
/// </summary>
/// <remarks>Frames come under the feed's lock, one after the other. While a frame is on its way, others wait in the queue, under a lock of its own.</remarks>
internal sealed class Viewer(WebSocketConnection connection, bool sideMessages, VideoRelayOptions options, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly Queue<Waiting> _queue = [];
    private long _queuedBytes;

    // Why the viewer waits for a keyframe, or None while it does not; and why the next one sent is a beginning.
    private Beginning _awaits = Beginning.Joined;
    private Beginning _owed;
    private bool _sending;
    private long _sendingSince;
    private long _sentBytes;
    private long _toldSkips;
    private long _droppedFrames;

    /// <summary>Gets or sets what an edge has told of itself; null: a person watches.</summary>
    public EdgeReport? Edge { get; set; }

    /// <summary>Gets how many people watch by this.</summary>
    public int People => Edge?.Viewers ?? 1;

    /// <summary>Gets whether the viewer was disconnected because it took nothing any more.</summary>
    public bool IsEvicted { get; private set; }

    /// <summary>Gets how often the viewer was moved on to a keyframe.</summary>
    public long Skips { get; private set; }

    /// <summary>Begins with what the feed remembers. True when there is something to send.</summary>
    public bool Begin(FeedHistory history)
    {
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            foreach (var frame in history.Frames)
            {
                Add(frame, now);
            }

            if (!history.ReachesNow)
            {
                // Either there is nothing yet, or only a keyframe that is too old for what follows on it.
                _awaits = Max(_awaits, _queue.Count > 0 ? Beginning.Skipped : Beginning.Joined);
            }

            _sending = _queue.Count > 0;
            _sendingSince = now;
            return _sending;
        }
    }

    /// <summary>What comes next does not follow on what came before: the viewer goes on with a keyframe of the next encoder.</summary>
    public void Restart()
    {
        lock (_gate)
        {
            _awaits = _awaits == Beginning.Joined ? Beginning.Joined : Beginning.Reset;
        }
    }

    /// <summary>
    /// Sends a frame, or queues it while another is on its way. Never waits. False when the viewer has taken nothing
    /// for so long that it is to be disconnected.
    /// </summary>
    public bool Offer(FeedFrame frame)
    {
        if (Volatile.Read(ref _sending))
        {
            lock (_gate)
            {
                if (_sending)
                {
                    return Queue(frame);
                }
            }
        }

        // Nothing is on its way and nothing waits, and only this caller, under the feed's lock, can change that.
        var beginning = _awaits;
        if (beginning != Beginning.None && !frame.IsEntryPoint)
        {
            Miss(beginning);
            return true;
        }

        _awaits = Beginning.None;
        _sendingSince = frame.Arrived;
        Volatile.Write(ref _sending, true);
        if (!TrySend(frame, beginning))
        {
            return true;
        }

        if (connection.BufferedBytes == 0)
        {
            Volatile.Write(ref _sending, false);
        }
        else
        {
            _ = FinishAsync();
        }

        return true;
    }

    /// <summary>Reads what the next <see cref="Offer"/> will need, see <see cref="WebSocketConnection.Prefetch"/>.</summary>
    public void Prefetch()
    {
        if (!Volatile.Read(ref _sending))
        {
            connection.Prefetch();
        }
    }

    /// <summary>Tells what has become of frames since it was last asked. Under the feed's lock, or when the viewer has left the feed.</summary>
    public Delivery TakeDelivery()
    {
        // Bytes may be sent meanwhile, by who empties the queue.
        var bytes = Volatile.Read(ref _sentBytes) == 0 ? 0 : Interlocked.Exchange(ref _sentBytes, 0);
        var taken = new Delivery(bytes, Skips - _toldSkips, _droppedFrames);
        (_toldSkips, _droppedFrames) = (Skips, 0);
        return taken;
    }

    /// <summary>Ends a viewer who stands still, without ceremony.</summary>
    public void Evict()
    {
        IsEvicted = true;
        connection.Abort();
    }

    /// <summary>Sends what is queued, as far as the connection takes it.</summary>
    public async Task SendAsync()
    {
        while (TryTake(out var frame, out var beginning))
        {
            if (!TrySend(frame, beginning) || (connection.BufferedBytes > 0 && !await connection.FlushAsync()))
            {
                return;
            }
        }
    }

    private async Task FinishAsync()
    {
        if (await connection.FlushAsync())
        {
            await SendAsync();
        }
    }

    /// <summary>Hands a frame to the connection. False when that is over: its receive loop ends the viewer, and nothing is sent again.</summary>
    private bool TrySend(FeedFrame frame, Beginning beginning)
    {
        if (beginning != Beginning.None
            && ((sideMessages && !TrySend(SideMessages.Begin(beginning, Skips, frame.Description)))
                || (frame.Tables is { } tables && !TrySend(tables))))
        {
            return false;
        }

        return (!sideMessages || frame.Clock is not { } time || TrySend(time)) && TrySend(frame.Message);
    }

    private bool TrySend(WebSocketFrame message)
    {
        Interlocked.Add(ref _sentBytes, message.Bytes.Length);
        return connection.TrySend(message);
    }

    /// <summary>A frame is not sent because the viewer waits for a keyframe; a newcomer, who may as well, loses nothing.</summary>
    private void Miss(Beginning awaited)
    {
        if (awaited == Beginning.Skipped && Skips > 0)
        {
            _droppedFrames++;
        }
    }

    private bool Queue(FeedFrame frame)
    {
        var now = frame.Arrived;
        MakeRoom(frame, now);
        if (_awaits == Beginning.None || frame.IsEntryPoint)
        {
            Add(frame, now);
        }
        else
        {
            Miss(_awaits);
        }

        return clock.GetElapsedTime(_sendingSince, now) < options.ViewerStallTimeout;
    }

    private bool TryTake(out FeedFrame frame, out Beginning beginning)
    {
        lock (_gate)
        {
            if (!_queue.TryDequeue(out var next))
            {
                _sending = false;
                frame = null!;
                beginning = Beginning.None;
                return false;
            }

            frame = next.Frame;
            beginning = Max(next.Beginning, _owed);
            _owed = Beginning.None;
            _queuedBytes -= frame.Length;
            _sendingSince = clock.GetTimestamp();
            return true;
        }
    }

    /// <summary>Drops what has waited too long, or is too much, up to a keyframe that waits as well; all of it when there is none.</summary>
    private void MakeRoom(FeedFrame frame, long now)
    {
        if (!IsTooSlow(frame, now))
        {
            return;
        }

        Skips++;
        do
        {
            Drop();
            while (_queue.TryPeek(out var next) && !next.Frame.IsEntryPoint)
            {
                Drop();
            }
        }
        while (_queue.Count > 0 && IsTooSlow(frame, now));

        var reason = Max(_owed, Beginning.Skipped);
        if (_queue.Count > 0)
        {
            _owed = reason;
        }
        else
        {
            _awaits = Max(_awaits, reason);
            _owed = Beginning.None;
        }
    }

    private bool IsTooSlow(FeedFrame frame, long now) =>
        _queue.TryPeek(out var oldest)
        && (clock.GetElapsedTime(oldest.Queued, now) > options.MaxViewerDelay || _queuedBytes + frame.Length > options.MaxViewerBytes);

    private void Add(FeedFrame frame, long now)
    {
        _queue.Enqueue(new Waiting(frame, now, _awaits));
        _queuedBytes += frame.Length;
        _awaits = Beginning.None;
    }

    private void Drop()
    {
        var dropped = _queue.Dequeue();
        _queuedBytes -= dropped.Frame.Length;
        _droppedFrames++;
        _owed = Max(dropped.Beginning, _owed);
    }

    private static Beginning Max(Beginning one, Beginning other) => one > other ? one : other;

    /// <summary>A frame that waits.</summary>
    /// <param name="Frame">The frame.</param>
    /// <param name="Queued">Since when.</param>
    /// <param name="Beginning">Why the viewer begins with it, if it does; then PAT and PMT go before it.</param>
    private readonly record struct Waiting(FeedFrame Frame, long Queued, Beginning Beginning);
}
