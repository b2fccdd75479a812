using System.Collections.Concurrent;

namespace SocketIO.Adapters;

/// <summary>
/// Reaches the sockets of several nodes by messages between them. A subclass brings the messages to the other nodes
/// (over Redis, say); what they mean is settled here. Broadcasts reach this node's sockets directly, without a message.
/// </summary>
public abstract class ClusterAdapter : IAdapter
{
    private static readonly InMemoryAdapter Local = InMemoryAdapter.Instance;

    private readonly ConcurrentDictionary<long, PendingRequest> _requests = new();
    private SocketIOServer? _server;
    private long _lastRequest;

    /// <summary>Gets the name of this node, unique among all.</summary>
    public string Node { get; } = Sid.Create();

    /// <summary>Gets or sets how long other nodes may take to answer. Defaults to 5 seconds, as the reference's adapters do.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets the server. Not before <see cref="StartAsync"/>.</summary>
    protected SocketIOServer Server => _server ?? throw new InvalidOperationException("The adapter was not started: call StartAsync of its server.");

    /// <summary>Begins to hand what other nodes send to <see cref="Receive"/>; completes when nothing sent after is missed.</summary>
    protected abstract Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Queues a message for all other nodes, or for <paramref name="node"/> alone, and returns at once. Messages of one
    /// node arrive in their order. One that comes to a node it was not meant for is ignored there, so all may get it.
    /// </summary>
    protected abstract void Publish(ReadOnlyMemory<byte> message, string? node);

    /// <summary>Counts the nodes that are there now, this one included.</summary>
    public abstract Task<int> CountNodesAsync();

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <inheritdoc/>
    public Task StartAsync(SocketIOServer server, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(server);
        if (Interlocked.CompareExchange(ref _server, server, null) is not null)
        {
            throw new InvalidOperationException("An adapter serves one server, and is started once.");
        }

        return OpenAsync(cancellationToken);
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
        if (message.From == Node || (message.To is { } to && to != Node))
        {
            return;
        }

        if (message.Operation == ClusterOperation.Answer)
        {
            if (_requests.TryGetValue(message.Request, out var request))
            {
                request.Add(message);
            }

            return;
        }

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

    private void Publish(ClusterMessage message) => Publish(message.ToJson(), message.To);

    private async Task<(IReadOnlyList<ClusterMessage> Answers, int Missing)> RequestAsync(ClusterMessage request, TimeSpan timeout)
    {
        var others = await CountNodesAsync().ConfigureAwait(false) - 1;
        if (others <= 0)
        {
            return ([], 0);
        }

        var id = Interlocked.Increment(ref _lastRequest);
        var pending = _requests[id] = new PendingRequest(others);
        try
        {
            Publish(request with { Request = id });
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

        var answers = pending.Take();
        return (answers, others - answers.Count);
    }

    /// <summary>The answers of the other nodes to one request.</summary>
    private sealed class PendingRequest(int expected)
    {
        private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<ClusterMessage> _answers = [];

        public Task Completed => _completed.Task;

        public void Add(ClusterMessage answer)
        {
            lock (_answers)
            {
                _answers.Add(answer);
                if (_answers.Count == expected)
                {
                    _completed.TrySetResult();
                }
            }
        }

        public IReadOnlyList<ClusterMessage> Take()
        {
            lock (_answers)
            {
                return [.. _answers];
            }
        }
    }
}
