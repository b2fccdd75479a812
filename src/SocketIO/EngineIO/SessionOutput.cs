using WebSockets;

namespace SocketIO.EngineIO;

/// <summary>
/// What the packets of one session leave by: the answers to polls or a WebSocket, and the move from the one to the
/// other. Packets are sent from any thread, in order, without blocking. It shares the session's lock; members whose
/// name ends in <c>Locked</c> are called with it.
/// </summary>
internal sealed class SessionOutput(Lock gate, SessionClock clock, SocketIOOptions options, int version, bool usesBase64, bool holdsMessages)
{
    /// <summary>How long a poll may hang during an upgrade: long enough to see a 5 that was sent before it.</summary>
    private static readonly TimeSpan NoopDelay = TimeSpan.FromMilliseconds(10);

    private readonly PollingQueue _queue = new(version);
    private volatile WebSocketConnection? _webSocket;
    private WebSocketConnection? _upgrading;
    private volatile bool _isHolding = holdsMessages;
    private volatile bool _isClosed;
    private bool _isTakingLeave;

    /// <summary>Gets the WebSocket; null on polling, and during an upgrade.</summary>
    public WebSocketConnection? WebSocket => _webSocket;

    public bool HasPoll => _queue.HasPoll;

    public bool IsClosed => _isClosed;

    public long BufferedBytes => _queue.Bytes + (_webSocket?.BufferedBytes ?? 0);

    /// <summary>Begins on a WebSocket.</summary>
    public void StartLocked(WebSocketConnection webSocket) => _webSocket = webSocket;

    /// <summary>Sends packets that belong together, one after the other with nothing between. False when the session has ended, or too much waits.</summary>
    public bool Send(ReadOnlySpan<WebSocketFrame> frames)
    {
        if (usesBase64)
        {
            frames = ToText(frames);
        }

        return _webSocket is { } webSocket && !_isHolding ? webSocket.TrySend(frames) : SendLocking(frames, mayBeHeld: true);
    }

    /// <summary>Sends packets only if they can go out at once.</summary>
    public bool CanSendVolatile => !_isHolding && (_webSocket is { } webSocket ? webSocket.BufferedBytes == 0 : HasPoll);

    /// <summary>Sends a packet of this layer, which is never held back.</summary>
    public bool SendNow(WebSocketFrame frame) =>
        _webSocket is { } webSocket ? webSocket.TrySend(frame) : SendLocking([frame], mayBeHeld: false);

    private bool SendLocking(ReadOnlySpan<WebSocketFrame> frames, bool mayBeHeld)
    {
        lock (gate)
        {
            if (_isClosed)
            {
                return false;
            }

            var isHeld = mayBeHeld && _isHolding;
            if (_webSocket is { } webSocket && !isHeld)
            {
                return webSocket.TrySend(frames);
            }

            if (_queue.Bytes + PollingQueue.SizeOf(frames) > options.MaxBufferedBytes)
            {
                return false;
            }

            foreach (var frame in frames)
            {
                if (isHeld)
                {
                    _queue.Hold(frame);
                }
                else
                {
                    _queue.Add(frame);
                }
            }

            _queue.TryAnswerPoll();
            return true;
        }
    }

    /// <summary>Lets messages go that were held back since the session began.</summary>
    public void ReleaseLocked()
    {
        if (_webSocket is { } webSocket)
        {
            SendHeld(webSocket);
            // Senders go past the lock once they see it, so it is set when all before them is sent.
            _isHolding = false;
            _queue.MoveProbes(webSocket);
        }
        else
        {
            _isHolding = false;
            _queue.Release();
            _queue.TryAnswerPoll();
        }
    }

    /// <summary>Begins a poll: gives what to answer it with, null in it for a refusal. Null itself when a poll hangs already.</summary>
    public Task<List<WebSocketFrame>?>? BeginPollLocked()
    {
        if (_isClosed || _webSocket is not null)
        {
            return Task.FromResult(_isTakingLeave ? TakeLeaveLocked() : null);
        }

        if (_queue.BeginPoll() is not { } answer)
        {
            return null;
        }

        if (_upgrading is not null)
        {
            LetPollGoSoon();
        }
        else if (_isHolding && !clock.IsSet(SessionDeadline.Release))
        {
            clock.Set(SessionDeadline.Release, options.ConnectDelay);
            clock.Arm();
        }

        return answer;
    }

    /// <summary>A client that waits for its poll before it sends its 5 gets a noop; one that has sent it already, a refusal.</summary>
    private void LetPollGoSoon()
    {
        if (HasPoll)
        {
            clock.Set(SessionDeadline.Noop, NoopDelay);
            clock.Arm();
        }
    }

    /// <summary>Begins the move to a WebSocket, after the client's <c>2probe</c>: a hanging poll is released. False when there is nothing to move.</summary>
    public bool TryBeginUpgrade(WebSocketConnection webSocket)
    {
        lock (gate)
        {
            if (_isClosed || _webSocket is not null || _upgrading is not null)
            {
                return false;
            }

            _upgrading = webSocket;
            clock.Clear(SessionDeadline.Unused);
            LetPollGoSoon();
            webSocket.TrySend(EngineIOFrames.ProbePong);
            return true;
        }
    }

    /// <summary>Ends the move, after the client's <c>5</c>: from now on everything goes over the WebSocket.</summary>
    public bool TryCompleteUpgrade(WebSocketConnection webSocket)
    {
        lock (gate)
        {
            if (_isClosed || _upgrading != webSocket)
            {
                return false;
            }

            _upgrading = null;
            clock.Clear(SessionDeadline.Noop);
            if (_isHolding)
            {
                clock.Set(SessionDeadline.Release, options.ConnectDelay);
                clock.Arm();
            }

            foreach (var frame in _queue.TakeAll())
            {
                webSocket.TrySend(frame);
            }

            // Senders go past the lock once they see it, so it is set last.
            _webSocket = webSocket;
            _queue.EndPoll(null);
            if (!_isHolding)
            {
                _queue.MoveProbes(webSocket);
            }

            return true;
        }
    }

    /// <summary>Gives the move up, if it was not completed; the session goes on polling. <paramref name="isOpened"/>: the client was there before.</summary>
    public void AbandonUpgrade(WebSocketConnection webSocket, bool isOpened)
    {
        lock (gate)
        {
            if (_upgrading == webSocket && !_isClosed)
            {
                _upgrading = null;
                if (_isHolding && isOpened)
                {
                    clock.Set(SessionDeadline.Release, options.ConnectDelay);
                }

                clock.Set(SessionDeadline.Unused, options.FirstPollTimeout);
                clock.Arm();
            }
        }
    }

    /// <summary>Completes with true once the client has read all that was sent before; see <see cref="Socket.ProbeAsync"/>.</summary>
    public Task<bool> ProbeAsync()
    {
        if (_webSocket is { } open && !_isHolding)
        {
            return open.PingAsync();
        }

        lock (gate)
        {
            if (_isClosed)
            {
                return Task.FromResult(false);
            }

            if (_webSocket is { } webSocket && !_isHolding)
            {
                return webSocket.PingAsync();
            }

            var answered = _queue.ProbeAsync(_isHolding);
            if (!_isHolding)
            {
                _queue.TryAnswerPoll();
            }

            return answered;
        }
    }

    /// <summary>
    /// Takes no more packets. On polling, <paramref name="takesLeave"/> keeps those that wait for the polls that follow,
    /// until <see cref="SessionDeadline.Leave"/>. Gives what <see cref="Finish"/> answers a hanging poll with then.
    /// </summary>
    public List<WebSocketFrame>? CloseLocked(bool takesLeave)
    {
        _isClosed = true;
        if (!takesLeave || _webSocket is not null || _upgrading is not null)
        {
            return null;
        }

        _isTakingLeave = true;
        clock.Set(SessionDeadline.Leave, options.FirstPollTimeout);
        clock.Arm();
        _queue.Release();
        return HasPoll ? TakeLeaveLocked() : null;
    }

    /// <summary>Gets whether polls may still fetch what was sent before the end.</summary>
    public bool IsTakingLeaveLocked => _isTakingLeave;

    /// <summary>Keeps nothing for polls any longer.</summary>
    public void EndLeaveLocked()
    {
        _isTakingLeave = false;
        clock.Clear(SessionDeadline.Leave);
    }

    /// <summary>
    /// Takes the next of the last answers: first what was sent, then the close packet by itself, as client 4.x acts on
    /// it before it has handed on the messages beside it.
    /// </summary>
    private List<WebSocketFrame> TakeLeaveLocked()
    {
        if (!_queue.IsEmpty)
        {
            return _queue.TakeAnswer();
        }

        EndLeaveLocked();
        return [EngineIOFrames.Close];
    }

    /// <summary>Ends the poll that hangs, and the WebSocket, of a session that is closed; so nobody else uses them.</summary>
    public void Finish(List<WebSocketFrame>? answer, DisconnectReason reason, bool goingAway)
    {
        _queue.EndPoll(answer);
        if ((_webSocket ?? _upgrading) is { } webSocket)
        {
            Close(webSocket, reason, goingAway);
        }

        _queue.FailProbes();
    }

    private void Close(WebSocketConnection webSocket, DisconnectReason reason, bool goingAway)
    {
        if (reason is DisconnectReason.HeartbeatTimeout or DisconnectReason.LimitExceeded)
        {
            webSocket.Abort();
            return;
        }

        if (reason == DisconnectReason.ServerDisconnected)
        {
            SendHeld(webSocket);
        }

        // The Python clients of protocol 3 break on a close frame.
        _ = version == 3 ? webSocket.EndAsync() : webSocket.CloseAsync(
            goingAway ? CloseCode.GoingAway : reason == DisconnectReason.ProtocolError ? CloseCode.PolicyViolation : CloseCode.Normal);
    }

    private void SendHeld(WebSocketConnection webSocket)
    {
        foreach (var frame in _queue.TakeHeld())
        {
            webSocket.TrySend(frame);
        }
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
}
