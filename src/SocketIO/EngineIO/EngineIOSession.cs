using System.Text;

using WebSockets;

namespace SocketIO.EngineIO;

/// <summary>
/// One Engine.IO session: a stream of packets each way that begins on polling or on a WebSocket and may move from the
/// one to the other once. Packets are sent from any thread, in order, without blocking.
/// </summary>
internal sealed class EngineIOSession
{
    /// <summary>More packets in one answer make the Python clients of protocol 4 end the connection.</summary>
    private const int MaxPacketsPerAnswer = 16;

    /// <summary>How long a poll may hang during an upgrade: long enough to see a 5 that was sent before it.</summary>
    private static readonly TimeSpan NoopDelay = TimeSpan.FromMilliseconds(20);

    private readonly Lock _gate = new();
    private readonly SocketIOOptions _options;
    private readonly TimeProvider _time;
    private readonly Action<EngineIOSession> _forget;
    private readonly ITimer _timer;
    private IEngineIOListener _listener = null!;

    private List<WebSocketFrame> _queue = [];
    private long _queuedBytes;
    private List<WebSocketFrame>? _held;
    private TaskCompletionSource<List<WebSocketFrame>?>? _poll;
    private List<PendingProbe>? _probes;
    private volatile WebSocketConnection? _webSocket;
    private WebSocketConnection? _upgrading;
    private volatile bool _isHolding;
    private volatile bool _isOpened;
    private volatile bool _isConfirmed;
    private long _secondBegan;
    private int _packetsThisSecond;
    private volatile bool _isClosed;
    private bool _isTakingLeave;

    private long _lastHeard;
    private bool _isAwaitingPong;
    private long _heartbeatDue;
    private long _unusedDue = long.MaxValue;
    private long _releaseDue = long.MaxValue;
    private long _noopDue = long.MaxValue;
    private long _confirmDue = long.MaxValue;
    private long _leaveDue = long.MaxValue;
    private long _armedDue = long.MaxValue;

    public EngineIOSession(
        string sid, int version, bool usesBase64, bool holdsMessages, SocketIOOptions options, TimeProvider time, Action<EngineIOSession> forget)
    {
        Sid = sid;
        Version = version;
        UsesBase64 = usesBase64;
        _options = options;
        _time = time;
        _forget = forget;
        _isHolding = holdsMessages;
        _lastHeard = time.GetTimestamp();
        _heartbeatDue = After(version == 3 ? options.PingInterval + options.PingTimeout : options.PingInterval);
        _timer = time.CreateTimer(static session => ((EngineIOSession)session!).CheckTime(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string Sid { get; }

    public int Version { get; }

    /// <summary>Gets whether the client asked for text only (<c>b64=1</c>).</summary>
    public bool UsesBase64 { get; }

    public bool IsClosed => _isClosed;

    /// <summary>Gets whether the session is on a WebSocket; polls and posts are refused then.</summary>
    public bool IsOnWebSocket => _webSocket is not null;

    /// <summary>Gets whether a poll hangs.</summary>
    public bool IsPolling => Volatile.Read(ref _poll) is not null;

    /// <summary>Gets whether a ping of the server is not answered yet.</summary>
    public bool IsAwaitingPong => Volatile.Read(ref _isAwaitingPong);

    /// <summary>Gets the turn of those who hand packets in: posts may overlap each other, and the last of them an upgrade.</summary>
    public SemaphoreSlim Receiving { get; } = new(1);

    public long BufferedBytes => Interlocked.Read(ref _queuedBytes) + (_webSocket?.BufferedBytes ?? 0);

    /// <summary>Gives the session its listener, before anybody can know it.</summary>
    public void Listen(IEngineIOListener listener) => _listener = listener;

    /// <summary>Begins and starts the clocks. A session on polling must be used within <see cref="SocketIOOptions.FirstPollTimeout"/>.</summary>
    public void Start(WebSocketConnection? webSocket)
    {
        lock (_gate)
        {
            _webSocket = webSocket;
            if (webSocket is null)
            {
                _unusedDue = After(_options.FirstPollTimeout);
            }

            _confirmDue = After(_options.ConnectTimeout);
            Arm();
        }

        if (webSocket is not null)
        {
            webSocket.TrySend(OpenFrame());
            Open();
        }
    }

    public WebSocketFrame OpenFrame() => WebSocketFrame.Text(
        $"0{{\"sid\":\"{Sid}\",\"upgrades\":[{(_webSocket is null ? "\"websocket\"" : "")}],"
        + $"\"pingInterval\":{(long)_options.PingInterval.TotalMilliseconds},\"pingTimeout\":{(long)_options.PingTimeout.TotalMilliseconds}"
        + (Version == 4 ? $",\"maxPayload\":{_options.MaxPayloadBytes}}}" : "}"));

    /// <summary>Sends packets that belong together, one after the other with nothing between. False when the session has ended or ends by this.</summary>
    public bool Send(ReadOnlySpan<WebSocketFrame> frames)
    {
        if (UsesBase64)
        {
            frames = ToText(frames);
        }

        if (_webSocket is { } open && !_isHolding)
        {
            return Check(open.TrySend(frames));
        }

        return SendLocked(frames, isHeld: true);
    }

    /// <summary>Sends packets only if they can go out at once.</summary>
    public bool SendVolatile(ReadOnlySpan<WebSocketFrame> frames)
    {
        if (_isHolding || (_webSocket is { } webSocket ? webSocket.BufferedBytes > 0 : !IsPolling))
        {
            return false;
        }

        return Send(frames);
    }

    /// <summary>Sends a packet of this layer, which is never held back.</summary>
    private void SendNow(WebSocketFrame frame)
    {
        if (_webSocket is { } open)
        {
            Check(open.TrySend(frame));
        }
        else
        {
            SendLocked([frame], isHeld: false);
        }
    }

    private bool SendLocked(ReadOnlySpan<WebSocketFrame> frames, bool isHeld)
    {
        TaskCompletionSource<List<WebSocketFrame>?>? poll = null;
        List<WebSocketFrame>? answer = null;
        bool isSent;
        lock (_gate)
        {
            isHeld &= _isHolding;
            if (_isClosed)
            {
                return false;
            }

            if (_webSocket is { } webSocket && !isHeld)
            {
                isSent = webSocket.TrySend(frames);
            }
            else
            {
                foreach (var frame in frames)
                {
                    Enqueue(isHeld ? _held ??= [] : _queue, frame);
                }

                isSent = _queuedBytes <= _options.MaxBufferedBytes;
                if (isSent)
                {
                    (poll, answer) = TakePoll();
                }
            }
        }

        poll?.TrySetResult(answer);
        return Check(isSent);
    }

    /// <summary>Lets messages go that were held back since the session began.</summary>
    private void Release()
    {
        TaskCompletionSource<List<WebSocketFrame>?>? poll = null;
        List<WebSocketFrame>? answer = null;
        lock (_gate)
        {
            if (!_isHolding || _isClosed)
            {
                return;
            }

            _releaseDue = long.MaxValue;
            if (_webSocket is { } webSocket)
            {
                foreach (var frame in _held ?? [])
                {
                    Interlocked.Add(ref _queuedBytes, -frame.Bytes.Length);
                    webSocket.TrySend(frame);
                }

                _isHolding = false;
                PingForProbes(webSocket);
            }
            else
            {
                _queue.AddRange(_held ?? []);
                _isHolding = false;
                (poll, answer) = TakePoll();
            }

            _held = null;
        }

        poll?.TrySetResult(answer);
    }

    /// <summary>Waits for something to answer a poll with; null when the poll is refused, which in the case of a second poll ends the session.</summary>
    public async Task<List<WebSocketFrame>?> PollAsync(CancellationToken aborted)
    {
        if (!_isOpened)
        {
            await Receiving.WaitAsync(aborted).ConfigureAwait(false);
            try
            {
                Open();
            }
            finally
            {
                Receiving.Release();
            }
        }

        TaskCompletionSource<List<WebSocketFrame>?>? poll = null;
        List<WebSocketFrame>? answer;
        var isForgotten = false;
        bool isOver;
        lock (_gate)
        {
            isOver = _isClosed || _webSocket is not null;
            if (_isClosed)
            {
                answer = _isTakingLeave ? TakeLeave() : null;
                isForgotten = answer is not null && !_isTakingLeave;
            }
            else
            {
                (poll, answer) = isOver ? (null, null) : BeginPoll();
            }
        }

        if (isForgotten)
        {
            Forget();
        }

        if (answer is not null || isOver)
        {
            return answer;
        }

        if (poll is null)
        {
            // One poll at a time: who sends two is no client of this protocol, or somebody else knows the sid.
            Close(DisconnectReason.ProtocolError);
            return null;
        }

        await using (aborted.UnsafeRegister(static session => ((EngineIOSession)session!).Close(DisconnectReason.TransportClosed), this).ConfigureAwait(false))
        {
            return await poll.Task.ConfigureAwait(false);
        }
    }

    /// <summary>Gives the answer to a new poll, or what will become it; neither when a poll hangs already.</summary>
    private (TaskCompletionSource<List<WebSocketFrame>?>? Poll, List<WebSocketFrame>? Answer) BeginPoll()
    {
        if (_poll is not null)
        {
            return (null, null);
        }

        CompleteDeliveredProbes();
        if (_isHolding && _releaseDue == long.MaxValue && _upgrading is null)
        {
            _releaseDue = After(_options.ConnectDelay);
            Arm();
        }

        if (_queue.Count > 0)
        {
            return (null, TakeAnswer());
        }


        _poll = new TaskCompletionSource<List<WebSocketFrame>?>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_upgrading is not null)
        {
            ReleasePollSoon();
        }

        return (_poll, null);
    }

    /// <summary>A client that waits for its poll before it sends its 5 gets a noop; one that has sent it already, a refusal.</summary>
    private void ReleasePollSoon()
    {
        if (_poll is not null)
        {
            _noopDue = After(NoopDelay);
            Arm();
        }
    }

    /// <summary>Begins the move to a WebSocket, after the client's <c>2probe</c>: a hanging poll is released. False when there is nothing to move.</summary>
    public bool TryBeginUpgrade(WebSocketConnection webSocket)
    {
        lock (_gate)
        {
            if (_isClosed || _webSocket is not null || _upgrading is not null)
            {
                return false;
            }

            _upgrading = webSocket;
            _unusedDue = long.MaxValue;
            webSocket.TrySend(EngineIOFrames.ProbePong);
            ReleasePollSoon();
            return true;
        }
    }

    /// <summary>Ends the move, after the client's <c>5</c>: from now on everything goes over the WebSocket.</summary>
    public bool TryCompleteUpgrade(WebSocketConnection webSocket)
    {
        TaskCompletionSource<List<WebSocketFrame>?>? poll;
        lock (_gate)
        {
            if (_isClosed || _upgrading != webSocket)
            {
                return false;
            }

            _upgrading = null;
            _noopDue = long.MaxValue;
            poll = _poll;
            _poll = null;
            if (_isHolding)
            {
                _releaseDue = After(_options.ConnectDelay);
                Arm();
            }

            foreach (var frame in TakeQueue())
            {
                webSocket.TrySend(frame);
            }

            // Senders go past the lock once they see it, so it is set last.
            _webSocket = webSocket;
            if (!_isHolding)
            {
                PingForProbes(webSocket);
            }
        }

        poll?.TrySetResult(null);
        Open();
        return true;
    }

    /// <summary>Gives the move up; the session goes on polling.</summary>
    public void AbandonUpgrade(WebSocketConnection webSocket)
    {
        lock (_gate)
        {
            if (_upgrading == webSocket)
            {
                _upgrading = null;
                if (_isHolding && _isOpened)
                {
                    _releaseDue = After(_options.ConnectDelay);
                }

                _unusedDue = After(_options.FirstPollTimeout);
                Arm();
            }
        }
    }

    /// <summary>Handles one packet of the client; false when it was not allowed, which ends the session.</summary>
    public bool Receive(in EngineIOPacket packet)
    {
        if (_isClosed)
        {
            return true;
        }

        Open();
        var now = _time.GetTimestamp();
        Volatile.Write(ref _lastHeard, now);
        if (now - _secondBegan >= _time.TimestampFrequency)
        {
            _secondBegan = now;
            _packetsThisSecond = 0;
        }

        if (++_packetsThisSecond > _options.MaxPacketsPerSecond)
        {
            Close(DisconnectReason.LimitExceeded);
            return false;
        }

        switch (packet.Type)
        {
            case EngineIOPacketType.Message:
                _listener.OnMessage(packet.Data, packet.IsBinary);
                return true;
            case EngineIOPacketType.Ping when Version == 3:
                Answer(packet.Data.Span);
                return true;
            case EngineIOPacketType.Pong when Version == 4:
                OnPong();
                return true;
            case EngineIOPacketType.Close:
                Close(DisconnectReason.ClientDisconnected);
                return true;
            case EngineIOPacketType.Pong or EngineIOPacketType.Upgrade or EngineIOPacketType.Noop:
                return true;
            default:
                Close(DisconnectReason.ProtocolError);
                return false;
        }
    }

    /// <summary>Tells that the client has joined something; without that the session ends after <see cref="SocketIOOptions.ConnectTimeout"/>.</summary>
    public void Confirm()
    {
        lock (_gate)
        {
            _isConfirmed = true;
            _confirmDue = long.MaxValue;
        }
    }

    public bool IsConfirmed => _isConfirmed;

    /// <summary>Completes with true once the client has read all that was sent before; see <see cref="Socket.ProbeAsync"/>.</summary>
    public Task<bool> ProbeAsync()
    {
        if (_webSocket is { } open && !_isHolding)
        {
            return open.PingAsync();
        }

        TaskCompletionSource<List<WebSocketFrame>?>? poll = null;
        List<WebSocketFrame>? answer = null;
        var probe = new PendingProbe();
        lock (_gate)
        {
            if (_isClosed)
            {
                return Task.FromResult(false);
            }

            if (_webSocket is { } webSocket && !_isHolding)
            {
                return webSocket.PingAsync();
            }

            (_probes ??= []).Add(probe);
            if (!_isHolding)
            {
                if (_queue.Count == 0)
                {
                    // The poll that hangs was sent before this call; only the one after it proves anything.
                    Enqueue(_queue, EngineIOFrames.Noop);
                }

                (poll, answer) = TakePoll();
            }
        }

        poll?.TrySetResult(answer);
        return probe.Answered.Task;
    }

    /// <summary>
    /// Ends the session, once. When the server ends it, what was sent before is still delivered, if need be with the
    /// next poll. A server that is <paramref name="goingAway"/> ends it as if the connection were lost: a close packet
    /// would keep some clients from coming back.
    /// </summary>
    public void Close(DisconnectReason reason, bool goingAway = false)
    {
        TaskCompletionSource<List<WebSocketFrame>?>? poll;
        List<WebSocketFrame>? answer;
        List<PendingProbe>? probes;
        WebSocketConnection? webSocket;
        List<WebSocketFrame> unsent;
        bool isForgotten;
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
            webSocket = _webSocket ?? _upgrading;
            unsent = _held ?? [];
            _queue.AddRange(unsent);
            _held = null;
            probes = _probes;
            _probes = null;
            poll = _poll;
            _poll = null;
            _isTakingLeave = webSocket is null && reason == DisconnectReason.ServerDisconnected && !goingAway;
            if (_isTakingLeave)
            {
                _leaveDue = After(_options.FirstPollTimeout);
                answer = poll is null ? null : TakeLeave();
            }
            else
            {
                answer = goingAway ? null : [reason == DisconnectReason.ClientDisconnected ? EngineIOFrames.Noop : EngineIOFrames.Close];
            }

            isForgotten = !_isTakingLeave;
            if (_isTakingLeave)
            {
                Arm();
            }
        }

        if (isForgotten)
        {
            Forget();
        }

        poll?.TrySetResult(answer);
        if (webSocket is not null)
        {
            CloseWebSocket(webSocket, reason, unsent, goingAway);
        }

        foreach (var probe in probes ?? [])
        {
            probe.Answered.TrySetResult(false);
        }

        _listener.OnClosed(reason);
    }

    /// <summary>
    /// Takes the next of the last answers: first what was sent, then the close packet by itself, as client 4.x acts on
    /// it before it has handed on the messages beside it.
    /// </summary>
    private List<WebSocketFrame> TakeLeave()
    {
        if (_queue.Count > 0)
        {
            return TakeAnswer();
        }

        _isTakingLeave = false;
        return [EngineIOFrames.Close];
    }

    private void Forget()
    {
        _timer.Dispose();
        _forget(this);
    }

    /// <summary>Tells what the end of the WebSocket means for the session.</summary>
    public void OnWebSocketClosed(WebSocketEnd end) => Close(end switch
    {
        WebSocketEnd.ProtocolError => DisconnectReason.ProtocolError,
        WebSocketEnd.MessageTooLong or WebSocketEnd.TooSlow => DisconnectReason.LimitExceeded,
        _ => DisconnectReason.TransportClosed,
    });

    private void CloseWebSocket(WebSocketConnection webSocket, DisconnectReason reason, List<WebSocketFrame> unsent, bool goingAway)
    {
        if (reason is DisconnectReason.HeartbeatTimeout or DisconnectReason.LimitExceeded)
        {
            webSocket.Abort();
            return;
        }

        if (reason == DisconnectReason.ServerDisconnected)
        {
            foreach (var frame in unsent)
            {
                webSocket.TrySend(frame);
            }
        }

        // The Python clients of protocol 3 break on a close frame.
        _ = Version == 3 ? webSocket.EndAsync() : webSocket.CloseAsync(
            goingAway ? CloseCode.GoingAway : reason == DisconnectReason.ProtocolError ? CloseCode.PolicyViolation : CloseCode.Normal);
    }

    /// <summary>Tells the listener that the client is there. Needs <see cref="Receiving"/>, as the listener is told one thing at a time.</summary>
    private void Open()
    {
        if (_isOpened)
        {
            return;
        }

        lock (_gate)
        {
            if (_isOpened || _isClosed)
            {
                return;
            }

            _isOpened = true;
            _unusedDue = long.MaxValue;
        }

        _listener.OnOpened();
    }

    /// <summary>Puts binary packets into text, for clients that asked for it.</summary>
    private static ReadOnlySpan<WebSocketFrame> ToText(ReadOnlySpan<WebSocketFrame> frames)
    {
        var texts = new WebSocketFrame[frames.Length];
        for (var i = 0; i < frames.Length; i++)
        {
            texts[i] = frames[i].IsText ? frames[i] : WebSocketFrame.Text("b4" + Convert.ToBase64String(frames[i].Payload.Span[1..]));
        }

        return texts;
    }

    private bool Check(bool isSent)
    {
        if (!isSent && (_webSocket is not { } webSocket || webSocket.End == WebSocketEnd.TooSlow))
        {
            // Not here: the sender may hold locks, and closing runs handlers.
            ThreadPool.UnsafeQueueUserWorkItem(static session => session.Close(DisconnectReason.LimitExceeded), this, preferLocal: false);
        }

        return isSent;
    }

    private void Answer(ReadOnlySpan<byte> ping) =>
        SendNow(ping.IsEmpty ? EngineIOFrames.Pong : WebSocketFrame.Text("3" + Encoding.UTF8.GetString(ping)));

    private void OnPong()
    {
        lock (_gate)
        {
            if (_isAwaitingPong)
            {
                _isAwaitingPong = false;
                _heartbeatDue = After(_options.PingInterval);
                Arm();
            }
        }
    }

    /// <summary>Does what is due, which may end the session. The timer calls it, and a request that comes before a late timer.</summary>
    public void CheckTime()
    {
        var action = TimerAction.None;
        lock (_gate)
        {
            _armedDue = long.MaxValue;
            var now = _time.GetTimestamp();
            if (_isClosed)
            {
                action = _isTakingLeave && now >= _leaveDue ? TimerAction.Forget : TimerAction.None;
            }
            else if (now >= _unusedDue || now >= _confirmDue)
            {
                action = TimerAction.Unused;
            }
            else if (now >= _releaseDue)
            {
                action = TimerAction.Release;
            }
            else if (now >= _noopDue)
            {
                _noopDue = long.MaxValue;
                action = TimerAction.Noop;
            }
            else if (Version == 3)
            {
                // Any packet of the client counts; the timer is only moved when it fires.
                _heartbeatDue = Volatile.Read(ref _lastHeard) + Ticks(_options.PingInterval + _options.PingTimeout);
                action = now >= _heartbeatDue ? TimerAction.Silent : TimerAction.None;
            }
            else if (now >= _heartbeatDue)
            {
                action = _isAwaitingPong ? TimerAction.Silent : TimerAction.Ping;
                _isAwaitingPong = true;
                // From when the ping was due: a late timer gives the client no more time.
                _heartbeatDue += Ticks(_options.PingTimeout);
            }

            if (action is TimerAction.None or TimerAction.Ping or TimerAction.Release or TimerAction.Noop)
            {
                Arm();
            }
        }

        switch (action)
        {
            case TimerAction.Ping:
                SendNow(EngineIOFrames.Ping);
                break;
            case TimerAction.Release:
                Release();
                break;
            case TimerAction.Noop:
                SendNow(EngineIOFrames.Noop);
                break;
            case TimerAction.Silent:
                Close(DisconnectReason.HeartbeatTimeout);
                break;
            case TimerAction.Unused:
                Close(DisconnectReason.TransportClosed);
                break;
            case TimerAction.Forget:
                Forget();
                break;
            default:
                break;
        }
    }

    private void Arm()
    {
        var due = _isClosed ? _leaveDue : Math.Min(Math.Min(Math.Min(_heartbeatDue, _confirmDue), Math.Min(_unusedDue, _releaseDue)), _noopDue);
        if (due == _armedDue || due == long.MaxValue)
        {
            return;
        }

        _armedDue = due;
        var delay = TimeSpan.FromSeconds(Math.Max(0, due - _time.GetTimestamp()) / (double)_time.TimestampFrequency);
        // Timers round down to milliseconds; one that fires early would only be armed again.
        _timer.Change(delay + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }

    private long After(TimeSpan delay) => _time.GetTimestamp() + Ticks(delay);

    private long Ticks(TimeSpan delay) => (long)(delay.TotalSeconds * _time.TimestampFrequency);

    private (TaskCompletionSource<List<WebSocketFrame>?>?, List<WebSocketFrame>?) TakePoll()
    {
        if (_poll is not { } poll || _queue.Count == 0)
        {
            return (null, null);
        }

        _poll = null;
        return (poll, TakeAnswer());
    }

    /// <summary>Takes what one answer to a poll may carry.</summary>
    private List<WebSocketFrame> TakeAnswer()
    {
        if (Version == 3 || _queue.Count <= MaxPacketsPerAnswer)
        {
            return TakeQueue();
        }

        var taken = _queue.GetRange(0, MaxPacketsPerAnswer);
        _queue.RemoveRange(0, MaxPacketsPerAnswer);
        foreach (var frame in taken)
        {
            Interlocked.Add(ref _queuedBytes, -frame.Bytes.Length);
        }

        return taken;
    }

    private void Enqueue(List<WebSocketFrame> queue, WebSocketFrame frame)
    {
        queue.Add(frame);
        Interlocked.Add(ref _queuedBytes, frame.Bytes.Length);
    }

    private List<WebSocketFrame> TakeQueue()
    {
        var taken = _queue;
        _queue = [];
        foreach (var frame in taken)
        {
            Interlocked.Add(ref _queuedBytes, -frame.Bytes.Length);
        }

        if (!_isHolding)
        {
            foreach (var probe in _probes ?? [])
            {
                probe.IsDelivered = true;
            }
        }

        return taken;
    }

    private void CompleteDeliveredProbes()
    {
        foreach (var probe in _probes ?? [])
        {
            if (probe.IsDelivered)
            {
                probe.Answered.TrySetResult(true);
            }
        }

        _probes?.RemoveAll(static probe => probe.IsDelivered);
    }

    private void PingForProbes(WebSocketConnection webSocket)
    {
        foreach (var probe in _probes ?? [])
        {
            _ = AnswerAsync(probe, webSocket.PingAsync());
        }

        _probes = null;

        static async Task AnswerAsync(PendingProbe probe, Task<bool> pong) =>
            probe.Answered.TrySetResult(await pong.ConfigureAwait(false));
    }

    private enum TimerAction
    {
        None,
        Ping,
        Release,
        Noop,
        Silent,
        Unused,
        Forget,
    }

    private sealed class PendingProbe
    {
        public TaskCompletionSource<bool> Answered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Gets or sets whether an answer has carried all that was sent before the probe.</summary>
        public bool IsDelivered { get; set; }
    }
}
