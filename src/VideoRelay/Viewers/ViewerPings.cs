using Microsoft.Extensions.Options;

using WebSockets;

namespace LiveRobot.VideoRelay.Viewers;

/// <summary>Pings each viewer every <see cref="VideoRelayOptions.ViewerPingInterval"/>, and cuts off who has not answered by the next time.</summary>
/// <remarks>One timer serves all: a task and a timer of its own would be a kilobyte of each viewer.</remarks>
internal sealed class ViewerPings : IDisposable
{
    private readonly Lock _gate = new();

    /// <summary>Whoever is pinged next stands first: all wait equally long.</summary>
    private readonly LinkedList<Pinged> _line = new();

    private readonly TimeSpan _interval;
    private readonly TimeProvider _clock;
    private readonly long _origin;
    private readonly ITimer _timer;

    public ViewerPings(IOptions<VideoRelayOptions> options, TimeProvider clock)
    {
        _interval = options.Value.ViewerPingInterval;
        _clock = clock;
        _origin = clock.GetTimestamp();
        _timer = clock.CreateTimer(_ => PingDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Takes a viewer in; to be disposed of when it has left.</summary>
    public IDisposable Add(WebSocketConnection connection)
    {
        var pinged = new Pinged(this, connection);
        lock (_gate)
        {
            Enqueue(pinged);
            if (_line.First == pinged.Place)
            {
                SetTimer();
            }
        }

        return pinged;
    }

    public void Dispose() => _timer.Dispose();

    private void PingDue()
    {
        var due = new List<Pinged>();
        lock (_gate)
        {
            var now = _clock.GetElapsedTime(_origin);
            while (_line.First is { Value: { } next } && next.Due <= now)
            {
                _line.RemoveFirst();
                due.Add(next);
                Enqueue(next);
            }

            SetTimer();
        }

        // Off the lock: a ping may find that its connection has ended, and whoever has ended leaves.
        foreach (var pinged in due)
        {
            pinged.Ping();
        }
    }

    private void Enqueue(Pinged pinged)
    {
        pinged.Due = _clock.GetElapsedTime(_origin) + _interval;
        _line.AddLast(pinged.Place);
    }

    private void SetTimer()
    {
        if (_line.First is { Value: { } next })
        {
            // Rounded up: a timer that fires a moment early would only be set again.
            var wait = Math.Ceiling((next.Due - _clock.GetElapsedTime(_origin)).TotalMilliseconds);
            _timer.Change(TimeSpan.FromMilliseconds(Math.Max(0, wait)), Timeout.InfiniteTimeSpan);
        }
    }

    private void Remove(Pinged pinged)
    {
        lock (_gate)
        {
            if (pinged.Place.List is not null)
            {
                _line.Remove(pinged.Place);
            }
        }
    }

    private sealed class Pinged : IDisposable
    {
        private readonly ViewerPings _pings;
        private readonly WebSocketConnection _connection;
        private Task<bool>? _answered;

        public Pinged(ViewerPings pings, WebSocketConnection connection)
        {
            (_pings, _connection) = (pings, connection);
            Place = new LinkedListNode<Pinged>(this);
        }

        public LinkedListNode<Pinged> Place { get; }

        public TimeSpan Due { get; set; }

        public void Ping()
        {
            if (_answered is { IsCompleted: false })
            {
                _connection.Abort();
            }
            else
            {
                _answered = _connection.PingAsync();
            }
        }

        public void Dispose() => _pings.Remove(this);
    }
}
