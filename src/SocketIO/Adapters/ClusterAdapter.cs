using System.Collections.Concurrent;
using System.Text;

namespace SocketIO.Adapters;

/// <summary>
/// Reaches the sockets of several nodes by messages between them. A subclass brings the messages to the other nodes
/// (over Redis, say); what they mean is settled here. Broadcasts reach this node's sockets directly, without a message,
/// and cost one message for all other nodes; none while there are no others.
/// </summary>
/// <remarks>
/// A node says that it is there when it comes, and again at each <see cref="HeartbeatInterval"/>. One that goes says so
/// too; one that dies is missed after <see cref="ClusterNodes.Patience"/> heartbeats, and its answers are waited for no longer.
/// </remarks>
public abstract class ClusterAdapter : IAdapter
{
    private static readonly InMemoryAdapter Local = InMemoryAdapter.Instance;

    private readonly ConcurrentDictionary<long, PendingRequest> _requests = new();
    private readonly ClusterNodes _others = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly byte[] _heartbeat;
    private readonly byte[] _beginningOfOwn;
    private SocketIOServer? _server;
    private Task _beating = Task.CompletedTask;
    private long _lastRequest;
    private int _reached;
    private int _isClosed;

    protected ClusterAdapter()
    {
        _beginningOfOwn = Encoding.UTF8.GetBytes($"{{\"from\":\"{Node}\",");
        _heartbeat = new ClusterMessage { From = Node, Operation = ClusterOperation.Heartbeat }.ToJson();
    }

    /// <summary>Gets the name of this node, unique among all.</summary>
    public string Node { get; } = Sid.Create();

    /// <summary>Gets or sets how long other nodes may take to answer. Defaults to 5 seconds, as the reference's adapters do.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how often this node says that it is there. Defaults to 1 second. Not after <see cref="StartAsync"/>.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets the server. Not before <see cref="StartAsync"/>.</summary>
    protected SocketIOServer Server => _server ?? throw new InvalidOperationException("The adapter was not started: call StartAsync of its server.");

    /// <summary>Gets whether it is known that no other node is there: none was heard, and the last heartbeat came to this one alone.</summary>
    private bool IsAlone => _others.Count == 0 && Volatile.Read(ref _reached) == 1;

    /// <summary>
    /// Begins to hand what other nodes send to <see cref="Receive"/>, and what this one sends to all; completes when
    /// nothing sent after is missed.
    /// </summary>
    protected abstract Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Queues a message for all nodes, this one included, or for <paramref name="node"/> alone, before it returns.
    /// Messages of one node arrive in their order. One that comes to a node it was not meant for is ignored there, so all may get it.
    /// </summary>
    /// <returns>How many nodes it was handed to; 0 when it was not sent. It does not fail.</returns>
    protected abstract Task<int> PublishAsync(byte[] message, string? node);

    /// <summary>Ends what <see cref="OpenAsync"/> began. Called once; what was published before is still sent.</summary>
    protected abstract ValueTask CloseAsync();

    /// <inheritdoc/>
    public Task<int> CountNodesAsync() => Task.FromResult(_others.Count + 1);

    /// <inheritdoc/>
    public async Task StartAsync(SocketIOServer server, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(server);
        if (Interlocked.CompareExchange(ref _server, server, null) is not null)
        {
            throw new InvalidOperationException("An adapter serves one server, and is started once.");
        }

        await OpenAsync(cancellationToken).ConfigureAwait(false);
        _beating = BeatAsync();

        // Nobody connects here before the others know of this node: who believes to be alone sends nothing.
        _reached = await PublishAsync(new ClusterMessage { From = Node, Operation = ClusterOperation.InitialHeartbeat }.ToJson(), node: null).ConfigureAwait(false);
        try
        {
            await _others.WaitAsync(_reached - 1).WaitAsync(HeartbeatInterval, server.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // One of them hangs, or has died a moment ago.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_server is null || Interlocked.Exchange(ref _isClosed, 1) != 0)
        {
            return;
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        await _beating.ConfigureAwait(false);
        Publish(new ClusterMessage { From = Node, Operation = ClusterOperation.Close });
        await CloseAsync().ConfigureAwait(false);
        _closing.Dispose();
    }

    /// <inheritdoc/>
    public void Broadcast(Namespace @namespace, in Audience audience, EventMessage message, bool isVolatile)
    {
        ArgumentNullException.ThrowIfNull(message);
        Local.Broadcast(@namespace, audience, message, isVolatile);
        Publish(ToOthers(ClusterOperation.Broadcast, @namespace, audience) with
        {
            Packet = message.Json,
            Attachments = message.Attachments,
            IsVolatile = isVolatile,
        });
    }

    /// <inheritdoc/>
    public void Join(Namespace @namespace, in Audience audience, string room)
    {
        Local.Join(@namespace, audience, room);
        Publish(ToOthers(ClusterOperation.Join, @namespace, audience) with { Room = room });
    }

    /// <inheritdoc/>
    public void Leave(Namespace @namespace, in Audience audience, string room)
    {
        Local.Leave(@namespace, audience, room);
        Publish(ToOthers(ClusterOperation.Leave, @namespace, audience) with { Room = room });
    }

    /// <inheritdoc/>
    public void Disconnect(Namespace @namespace, in Audience audience, bool closeConnection)
    {
        Local.Disconnect(@namespace, audience, closeConnection);
        Publish(ToOthers(ClusterOperation.Disconnect, @namespace, audience) with { ClosesConnection = closeConnection });
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SocketInfo>> FetchSocketsAsync(Namespace @namespace, Audience audience)
    {
        var others = await RequestAsync(ToOthers(ClusterOperation.Fetch, @namespace, audience), RequestTimeout).ConfigureAwait(false);
        if (others.Missing > 0)
        {
            throw new TimeoutException($"{others.Missing} nodes did not list their sockets within {RequestTimeout.TotalSeconds} s.");
        }

        var own = await Local.FetchSocketsAsync(@namespace, audience).ConfigureAwait(false);
        return [.. own, .. others.Answers.SelectMany(static answer => answer.Sockets ?? [])];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, Acknowledgement>> AskAsync(Namespace @namespace, Audience audience, EventMessage message, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(message);
        var asking = Local.AskAsync(@namespace, audience, message, timeout);
        var others = await RequestAsync(
            ToOthers(ClusterOperation.Ask, @namespace, audience) with { Packet = message.Json, Attachments = message.Attachments, Timeout = timeout },
            timeout + RequestTimeout).ConfigureAwait(false);
        var answers = new Dictionary<string, Acknowledgement>(await asking.ConfigureAwait(false));
        foreach (var answer in others.Answers.SelectMany(static answer => answer.Acknowledgements ?? []))
        {
            answers[answer.Id] = new Acknowledgement(answer.Json, answer.Attachments);
        }

        return answers;
    }

    /// <summary>Handles a message of another node. The bytes are free when it returns. What cannot be handled is logged.</summary>
    protected void Receive(ReadOnlySpan<byte> message)
    {
        // Everybody gets everything, its sender too.
        if (message.StartsWith(_beginningOfOwn))
        {
            if (message.SequenceEqual(_heartbeat))
            {
                Forget(_others.Beat());
            }

            return;
        }

        try
        {
            Handle(ClusterMessage.Parse(message));
        }
#pragma warning disable CA1031 // One bad message must not end the subscription that all others come by.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Server.Log.NodeMessageFailed(e);
        }
    }

    private void Handle(ClusterMessage message)
    {
        if (message.To is { } to && to != Node)
        {
            return;
        }

        switch (message.Operation)
        {
            case ClusterOperation.InitialHeartbeat:
                _others.Heard(message.From);
                _ = PublishAsync(_heartbeat, message.From);
                break;
            case ClusterOperation.Heartbeat:
                _others.Heard(message.From);
                break;
            case ClusterOperation.Close:
                _others.Remove(message.From);
                Forget([message.From]);
                break;
            case ClusterOperation.Answer:
                _requests.GetValueOrDefault(message.Request)?.Add(message);
                break;
            default:
                HandleForSockets(message);
                break;
        }
    }

    private void HandleForSockets(ClusterMessage message)
    {
        // A namespace that clients make may be there on some nodes only.
        if (Server.Find(message.Namespace) is not { } @namespace)
        {
            if (message.Operation is ClusterOperation.Fetch or ClusterOperation.Ask)
            {
                Answer(message, []);
            }

            return;
        }

        var audience = new Audience([.. message.Rooms ?? []], [.. message.Except ?? []]);
        switch (message.Operation)
        {
            case ClusterOperation.Broadcast:
                Local.Broadcast(@namespace, audience, EventOf(message), message.IsVolatile);
                break;
            case ClusterOperation.Ask:
                _ = AnswerAsync(message, @namespace, audience);
                break;
            case ClusterOperation.Fetch:
                Answer(message, [.. @namespace.Rooms.GetSockets(audience).Select(SocketInfo.Of)]);
                break;
            case ClusterOperation.Join:
                Local.Join(@namespace, audience, message.Room!);
                break;
            case ClusterOperation.Leave:
                Local.Leave(@namespace, audience, message.Room!);
                break;
            default:
                Local.Disconnect(@namespace, audience, message.ClosesConnection);
                break;
        }
    }

    private static EventMessage EventOf(ClusterMessage message) =>
        EventMessage.FromPacket(message.Packet.GetValueOrDefault(), message.Attachments ?? []);

    private async Task AnswerAsync(ClusterMessage request, Namespace @namespace, Audience audience)
    {
        try
        {
            var answers = await Local.AskAsync(@namespace, audience, EventOf(request), request.Timeout).ConfigureAwait(false);
            Answer(request, [], [.. answers.Select(static pair => new ClusterAcknowledgement(pair.Key, pair.Value.Json, pair.Value.Attachments))]);
        }
#pragma warning disable CA1031 // Nobody awaits this; whatever fails is logged, and the asker's time runs out.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Server.Log.NodeMessageFailed(e);
        }
    }

    private void Answer(ClusterMessage request, IReadOnlyList<SocketInfo> sockets, IReadOnlyList<ClusterAcknowledgement>? acknowledgements = null) =>
        Publish(new ClusterMessage
        {
            From = Node,
            To = request.From,
            Operation = ClusterOperation.Answer,
            Request = request.Request,
            Sockets = sockets,
            Acknowledgements = acknowledgements,
        });

    private ClusterMessage ToOthers(ClusterOperation operation, Namespace @namespace, in Audience audience) => new()
    {
        From = Node,
        Operation = operation,
        Namespace = @namespace.Name,
        Rooms = audience.Rooms.IsEmpty ? null : [.. audience.Rooms],
        Except = audience.Except.IsEmpty ? null : [.. audience.Except],
    };

    private void Publish(ClusterMessage message)
    {
        if (!IsAlone)
        {
            _ = PublishAsync(message.ToJson(), message.To);
        }
    }

    private async Task BeatAsync()
    {
        using var timer = new PeriodicTimer(HeartbeatInterval, Server.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_closing.Token).ConfigureAwait(false))
            {
                // One at a time: where nothing gets through, heartbeats do not pile up.
                Volatile.Write(ref _reached, await PublishAsync(_heartbeat, node: null).WaitAsync(_closing.Token).ConfigureAwait(false));
            }
        }
        catch (OperationCanceledException)
        {
            // Closing.
        }
    }

    /// <summary>Waits for these nodes no longer.</summary>
    private void Forget(IReadOnlyList<string> nodes)
    {
        foreach (var (_, request) in nodes.Count == 0 ? [] : _requests.ToArray())
        {
            request.Forget(nodes);
        }
    }

    private async Task<(IReadOnlyList<ClusterMessage> Answers, int Missing)> RequestAsync(ClusterMessage message, TimeSpan timeout)
    {
        var others = _others.All;
        if (others.Count == 0)
        {
            return ([], 0);
        }

        var id = Interlocked.Increment(ref _lastRequest);
        var pending = _requests[id] = new PendingRequest(others);
        try
        {
            Publish(message with { Request = id });

            // Who has gone since.
            pending.Forget([.. others.Except(_others.All)]);
            await pending.Completed.WaitAsync(timeout, Server.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The answers that came are what there is.
        }
        finally
        {
            _requests.TryRemove(id, out _);
        }

        return pending.Take();
    }

    /// <summary>The answers of the other nodes to one request.</summary>
    private sealed class PendingRequest(IEnumerable<string> nodes)
    {
        private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<ClusterMessage> _answers = [];
        private readonly HashSet<string> _missing = [.. nodes];

        public Task Completed => _completed.Task;

        public void Add(ClusterMessage answer)
        {
            lock (_answers)
            {
                _answers.Add(answer);
                Settle([answer.From]);
            }
        }

        public void Forget(IReadOnlyList<string> nodes)
        {
            lock (_answers)
            {
                Settle(nodes);
            }
        }

        public (IReadOnlyList<ClusterMessage> Answers, int Missing) Take()
        {
            lock (_answers)
            {
                return ([.. _answers], _missing.Count);
            }
        }

        private void Settle(IReadOnlyList<string> nodes)
        {
            _missing.ExceptWith(nodes);
            if (_missing.Count == 0)
            {
                _completed.TrySetResult();
            }
        }
    }
}
