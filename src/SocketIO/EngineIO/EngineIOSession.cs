using System.Text;

using WebSockets;

namespace SocketIO.EngineIO;

/// <summary>
/// One Engine.IO session, from handshake to end: a stream of packets each way, its heartbeat and its deadlines. How
/// packets leave, on polling or on a WebSocket, is the matter of <see cref="SessionOutput"/>.
/// </summary>
internal sealed class EngineIOSession
{
    private readonly Lock _gate = new();
    private readonly SocketIOOptions _options;
    private readonly Action<EngineIOSession> _forget;
    private readonly SessionClock _clock;
    private readonly SessionOutput _output;
    private IEngineIOListener _listener = null!;
    private PacketRate _rate;
    private long _lastHeard;
    private volatile bool _isOpened;
    private volatile bool _isConfirmed;

    public EngineIOSession(
        string sid, int version, bool usesBase64, bool holdsMessages, SocketIOOptions options, TimeProvider time, TimingWheel wheel, Action<EngineIOSession> forget)
    {
        Sid = sid;
        Version = version;
        UsesBase64 = usesBase64;
        _options = options;
        _forget = forget;
        _clock = new SessionClock(time, wheel, this);
        _output = new SessionOutput(_gate, _clock, options, version, usesBase64, holdsMessages);
        _lastHeard = _clock.Now;
    }

    public string Sid { get; }

    public int Version { get; }

    /// <summary>Gets whether the client asked for text only (<c>b64=1</c>).</summary>
    public bool UsesBase64 { get; }

    public bool IsClosed => _output.IsClosed;

    /// <summary>Gets whether the session is on a WebSocket; polls and posts are refused then.</summary>
    public bool IsOnWebSocket => _output.WebSocket is not null;

    /// <summary>Gets whether a poll hangs.</summary>
    public bool IsPolling => _output.HasPoll;

    /// <summary>Gets whether a ping of the server is not answered yet.</summary>
    public bool IsAwaitingPong
    {
        get
        {
            lock (_gate)
            {
                return Version == 4 && _clock.IsSet(SessionDeadline.Silence);
            }
        }
    }

    /// <summary>Gets whether the client has joined something.</summary>
    public bool IsConfirmed => _isConfirmed;

    /// <summary>Gets the turn of those who hand packets in: posts may overlap each other, and the last of them an upgrade.</summary>
    public SemaphoreSlim Receiving { get; } = new(1);

    public long BufferedBytes => _output.BufferedBytes;

    /// <summary>Gives the session its listener, before anybody can know it.</summary>
    public void Listen(IEngineIOListener listener) => _listener = listener;

    /// <summary>Begins and starts the clocks. A session on polling must be used within <see cref="SocketIOOptions.FirstPollTimeout"/>.</summary>
    public void Start(WebSocketConnection? webSocket)
    {
        lock (_gate)
        {
            if (webSocket is null)
            {
                _clock.Set(SessionDeadline.Unused, _options.FirstPollTimeout);
            }
            else
            {
                _output.StartLocked(webSocket);
            }

            _clock.Set(SessionDeadline.Confirm, _options.ConnectTimeout);
            if (Version == 4)
            {
                _clock.Set(SessionDeadline.Ping, _options.PingInterval);
            }
            else
            {
                _clock.Set(SessionDeadline.Silence, _options.PingInterval + _options.PingTimeout);
            }

            _clock.Arm();
        }

        if (webSocket is not null)
        {
            webSocket.TrySend(OpenFrame());
            Open();
        }
    }

    public WebSocketFrame OpenFrame() => WebSocketFrame.Text(
        $"0{{\"sid\":\"{Sid}\",\"upgrades\":[{(IsOnWebSocket ? "" : "\"websocket\"")}],"
        + $"\"pingInterval\":{(long)_options.PingInterval.TotalMilliseconds},\"pingTimeout\":{(long)_options.PingTimeout.TotalMilliseconds}"
        + (Version == 4 ? $",\"maxPayload\":{_options.MaxPayloadBytes}}}" : "}"));

    /// <summary>Sends packets that belong together, one after the other with nothing between. False when the session has ended or ends by this.</summary>
    public bool Send(ReadOnlySpan<WebSocketFrame> frames) => Check(_output.Send(frames));

    /// <summary>Sends packets only if they can go out at once.</summary>
    public bool SendVolatile(ReadOnlySpan<WebSocketFrame> frames) => _output.CanSendVolatile && Send(frames);

    /// <summary>Completes with true once the client has read all that was sent before; see <see cref="Socket.ProbeAsync"/>.</summary>
    public Task<bool> ProbeAsync() => _output.ProbeAsync();

    private bool Check(bool isSent)
    {
        if (!isSent && (_output.WebSocket is not { } webSocket || webSocket.End == WebSocketEnd.TooSlow))
        {
            // The sender may hold locks.
            CloseElsewhere(DisconnectReason.LimitExceeded);
        }

        return isSent;
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

        Task<List<WebSocketFrame>?>? answer;
        bool isForgotten;
        lock (_gate)
        {
            var wasTakingLeave = _output.IsTakingLeaveLocked;
            answer = _output.BeginPollLocked();
            isForgotten = wasTakingLeave && !_output.IsTakingLeaveLocked;
        }

        if (isForgotten)
        {
            Forget();
        }

        if (answer is null)
        {
            // One poll at a time: who sends two is no client of this protocol, or somebody else knows the sid.
            Close(DisconnectReason.ProtocolError);
            return null;
        }

        if (answer.IsCompleted)
        {
            return await answer.ConfigureAwait(false);
        }

        await using (aborted.UnsafeRegister(static session => ((EngineIOSession)session!).Close(DisconnectReason.TransportClosed), this).ConfigureAwait(false))
        {
            return await answer.ConfigureAwait(false);
        }
    }

    /// <inheritdoc cref="SessionOutput.TryBeginUpgrade"/>
    public bool TryBeginUpgrade(WebSocketConnection webSocket) => _output.TryBeginUpgrade(webSocket);

    /// <summary>Ends the move to a WebSocket, after the client's <c>5</c>. Needs <see cref="Receiving"/>.</summary>
    public bool TryCompleteUpgrade(WebSocketConnection webSocket)
    {
        if (!_output.TryCompleteUpgrade(webSocket))
        {
            return false;
        }

        Open();
        return true;
    }

    /// <summary>Gives the move up, if it was not completed; the session goes on polling.</summary>
    public void AbandonUpgrade(WebSocketConnection webSocket) => _output.AbandonUpgrade(webSocket, _isOpened);

    /// <summary>Handles one packet of the client; false when it was not allowed, which ends the session.</summary>
    public bool Receive(in EngineIOPacket packet)
    {
        if (IsClosed)
        {
            return true;
        }

        Open();
        var now = _clock.Now;
        Volatile.Write(ref _lastHeard, now);
        if (!_rate.TryCount(now, _clock.TicksPerSecond, _options.MaxPacketsPerSecond))
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
                Check(_output.SendNow(packet.Data.IsEmpty ? EngineIOFrames.Pong : WebSocketFrame.Text("3" + Encoding.UTF8.GetString(packet.Data.Span))));
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
            _clock.Clear(SessionDeadline.Confirm);
        }
    }

    /// <summary>
    /// Ends the session, once. When the server ends it, what was sent before is still delivered, if need be with the
    /// next poll. A server that is <paramref name="goingAway"/> ends it as if the connection were lost: a close packet
    /// would keep some clients from coming back. Nor does it wait for last polls.
    /// </summary>
    public void Close(DisconnectReason reason, bool goingAway = false)
    {
        List<WebSocketFrame>? answer;
        bool isForgotten;
        if (goingAway && TryEndLeave())
        {
            Forget();
            return;
        }

        lock (_gate)
        {
            if (IsClosed)
            {
                return;
            }

            _clock.Clear();
            var takesLeave = reason == DisconnectReason.ServerDisconnected && !goingAway;
            answer = _output.CloseLocked(takesLeave);
            if (!takesLeave && !goingAway)
            {
                answer = [reason == DisconnectReason.ClientDisconnected ? EngineIOFrames.Noop : EngineIOFrames.Close];
            }

            isForgotten = !_output.IsTakingLeaveLocked;
        }

        // First: a client that is told may come back at once.
        if (isForgotten)
        {
            Forget();
        }

        _output.Finish(answer, reason, goingAway);
        _listener.OnClosed(reason);
    }

    /// <summary>Keeps nothing for polls any longer. True when there was something, so that nobody else forgets the session.</summary>
    private bool TryEndLeave()
    {
        lock (_gate)
        {
            if (!IsClosed || !_output.IsTakingLeaveLocked)
            {
                return false;
            }

            _output.EndLeaveLocked();
            return true;
        }
    }

    /// <summary>Tells what the end of the WebSocket means for the session.</summary>
    public void OnWebSocketClosed(WebSocketEnd end) => Close(end switch
    {
        WebSocketEnd.ProtocolError => DisconnectReason.ProtocolError,
        WebSocketEnd.MessageTooLong or WebSocketEnd.TooSlow => DisconnectReason.LimitExceeded,
        _ => DisconnectReason.TransportClosed,
    });

    private void Forget()
    {
        _clock.Stop();
        _forget(this);
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
            if (_isOpened || IsClosed)
            {
                return;
            }

            _isOpened = true;
            _clock.Clear(SessionDeadline.Unused);
        }

        _listener.OnOpened();
    }

    private void OnPong()
    {
        lock (_gate)
        {
            if (!IsClosed && _clock.IsSet(SessionDeadline.Silence))
            {
                _clock.Clear(SessionDeadline.Silence);
                _clock.Set(SessionDeadline.Ping, _options.PingInterval);
                _clock.Arm();
            }
        }
    }

    /// <summary>Does what is due, which may end the session: for a request that comes before a late timer.</summary>
    public void CheckTime()
    {
        if (DoWhatIsDue() is { } reason)
        {
            Close(reason);
        }
    }

    /// <summary>Does what is due, and does not block the timers of others with it.</summary>
    public void OnTimer()
    {
        if (DoWhatIsDue() is { } reason)
        {
            CloseElsewhere(reason);
        }
    }

    /// <summary>Closes on another thread, as closing runs handlers.</summary>
    private void CloseElsewhere(DisconnectReason reason) =>
        ThreadPool.UnsafeQueueUserWorkItem(static close => close.Session.Close(close.Reason), (Session: this, Reason: reason), preferLocal: false);

    /// <summary>Does what is due; gives the reason to end the session, if that is due.</summary>
    private DisconnectReason? DoWhatIsDue()
    {
        SessionDeadline due;
        lock (_gate)
        {
            due = _clock.TakeDue(out var since);
            switch (due)
            {
                case SessionDeadline.Leave:
                    _output.EndLeaveLocked();
                    break;
                case SessionDeadline.Release:
                    _output.ReleaseLocked();
                    break;
                case SessionDeadline.Silence when Version == 3 && TryExtendSilence():
                    due = SessionDeadline.None;
                    break;
                case SessionDeadline.Ping:
                    // From when the ping was due: a late timer gives the client no more time.
                    _clock.Set(SessionDeadline.Silence, since, _options.PingTimeout);
                    break;
                default:
                    break;
            }

            _clock.Arm();
        }

        switch (due)
        {
            case SessionDeadline.Leave:
                Forget();
                break;
            case SessionDeadline.Unused or SessionDeadline.Confirm:
                return DisconnectReason.TransportClosed;
            case SessionDeadline.Noop:
                Check(_output.SendNow(EngineIOFrames.Noop));
                break;
            case SessionDeadline.Silence:
                return DisconnectReason.HeartbeatTimeout;
            case SessionDeadline.Ping:
                Check(_output.SendNow(EngineIOFrames.Ping));
                break;
            default:
                break;
        }

        return null;
    }

    /// <summary>
    /// Moves the end of the client's silence to its last packet, as each of them counts in Engine.IO 3; the deadline
    /// does not follow them before it is due. False when that has passed too.
    /// </summary>
    private bool TryExtendSilence()
    {
        _clock.Set(SessionDeadline.Silence, Volatile.Read(ref _lastHeard), _options.PingInterval + _options.PingTimeout);
        return !_clock.HasPassed(SessionDeadline.Silence);
    }
}
