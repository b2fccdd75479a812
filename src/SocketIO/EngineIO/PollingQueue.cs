using System.Runtime.InteropServices;

using WebSockets;

namespace SocketIO.EngineIO;

/// <summary>
/// What waits for a client that polls: packets, the poll that hangs until there is one, and the probes that a later
/// poll answers. The session's lock guards it, but for <see cref="Bytes"/> and <see cref="HasPoll"/>.
/// </summary>
/// <remarks>Tasks it gave out complete on threads of their own, so they are completed under the lock.</remarks>
internal sealed class PollingQueue(int version)
{
    /// <summary>More packets in one answer make the Python clients of protocol 4 end the connection.</summary>
    private const int MaxPacketsPerAnswer = 16;

    /// <summary>The place of a probe whose packets are still held back.</summary>
    private const long Unplaced = long.MaxValue;

    private List<WebSocketFrame>? _packets;
    private List<WebSocketFrame>? _held;
    private List<PendingProbe>? _probes;
    private TaskCompletionSource<List<WebSocketFrame>?>? _poll;
    private long _bytes;
    private long _added;
    private long _taken;

    /// <summary>Gets the bytes of all packets that wait, held ones included.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Gets whether a poll hangs.</summary>
    public bool HasPoll => Volatile.Read(ref _poll) is not null;

    public bool IsEmpty => _packets is null or [];

    public void Add(WebSocketFrame packet)
    {
        (_packets ??= []).Add(packet);
        _added++;
        Interlocked.Add(ref _bytes, packet.Bytes.Length);
    }

    /// <summary>Adds a packet that waits aside, behind all that <see cref="Add"/> takes meanwhile, until <see cref="Release"/>.</summary>
    public void Hold(WebSocketFrame packet)
    {
        (_held ??= []).Add(packet);
        Interlocked.Add(ref _bytes, packet.Bytes.Length);
    }

    /// <summary>Lets the held packets follow the others.</summary>
    public void Release()
    {
        foreach (var packet in _held ?? [])
        {
            (_packets ??= []).Add(packet);
            _added++;
        }

        _held = null;
        foreach (var probe in _probes ?? [])
        {
            probe.Place = _added;
        }
    }

    /// <summary>Begins a poll: gives what to answer it with, as soon as there is something. Null when another poll hangs.</summary>
    public Task<List<WebSocketFrame>?>? BeginPoll()
    {
        if (_poll is not null)
        {
            return null;
        }

        // Who polls again has read the answer before.
        foreach (var probe in _probes ?? [])
        {
            if (probe.Place <= _taken)
            {
                probe.Answered.TrySetResult(true);
            }
        }

        _probes?.RemoveAll(static probe => probe.Answered.Task.IsCompleted);
        if (!IsEmpty)
        {
            return Task.FromResult<List<WebSocketFrame>?>(TakeAnswer());
        }

        _poll = new TaskCompletionSource<List<WebSocketFrame>?>(TaskCreationOptions.RunContinuationsAsynchronously);
        return _poll.Task;
    }

    /// <summary>Answers the poll that hangs, if there is one and something to answer it with.</summary>
    public void TryAnswerPoll()
    {
        if (HasPoll && !IsEmpty)
        {
            EndPoll(TakeAnswer());
        }
    }

    /// <summary>Answers the poll that hangs, if there is one; null refuses it.</summary>
    public void EndPoll(List<WebSocketFrame>? answer)
    {
        var poll = _poll;
        Volatile.Write(ref _poll, null);
        poll?.TrySetResult(answer);
    }

    /// <summary>Takes what one answer may carry.</summary>
    public List<WebSocketFrame> TakeAnswer() => Take(version == 3 ? int.MaxValue : MaxPacketsPerAnswer);

    /// <summary>Takes everything that is not held.</summary>
    public List<WebSocketFrame> TakeAll() => Take(int.MaxValue);

    /// <summary>Takes what is held.</summary>
    public List<WebSocketFrame> TakeHeld()
    {
        var held = _held ?? [];
        _held = null;
        Interlocked.Add(ref _bytes, -SizeOf(CollectionsMarshal.AsSpan(held)));
        return held;
    }

    /// <summary>Completes with true once a poll has proven that the client read what was added and held before.</summary>
    public Task<bool> ProbeAsync(bool isHolding)
    {
        if (!isHolding && IsEmpty)
        {
            // The poll that hangs was sent before this call; only the one after it proves anything.
            Add(EngineIOFrames.Noop);
        }

        var probe = new PendingProbe { Place = isHolding ? Unplaced : _added };
        (_probes ??= []).Add(probe);
        return probe.Answered.Task;
    }

    /// <summary>Lets the pongs of a WebSocket answer the probes: a client that has moved there does not poll again.</summary>
    public void MoveProbes(WebSocketConnection webSocket)
    {
        foreach (var probe in _probes ?? [])
        {
            _ = AnswerAsync(probe, webSocket.PingAsync());
        }

        _probes = null;

        static async Task AnswerAsync(PendingProbe probe, Task<bool> pong) =>
            probe.Answered.TrySetResult(await pong.ConfigureAwait(false));
    }

    /// <summary>Tells those who wait for a probe that the session has ended.</summary>
    public void FailProbes()
    {
        foreach (var probe in _probes ?? [])
        {
            probe.Answered.TrySetResult(false);
        }

        _probes = null;
    }

    /// <summary>Gets what packets count while they wait.</summary>
    public static long SizeOf(ReadOnlySpan<WebSocketFrame> packets)
    {
        var bytes = 0L;
        foreach (var packet in packets)
        {
            bytes += packet.Bytes.Length;
        }

        return bytes;
    }

    private List<WebSocketFrame> Take(int max)
    {
        var taken = _packets ?? [];
        if (taken.Count <= max)
        {
            _packets = null;
        }
        else
        {
            taken = taken.GetRange(0, max);
            _packets!.RemoveRange(0, max);
        }

        _taken += taken.Count;
        Interlocked.Add(ref _bytes, -SizeOf(CollectionsMarshal.AsSpan(taken)));
        return taken;
    }

    private sealed class PendingProbe
    {
        public TaskCompletionSource<bool> Answered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Gets or sets how many packets must have been taken before a poll answers the probe.</summary>
        public long Place { get; set; }
    }
}
