using System.Collections.Concurrent;
using System.Collections.Immutable;

using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Robots;

using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace LiveRobot.Platform.Accounts;

/// <summary>
/// Those who are connected to a service's sockets, as far as their rights can change while they are: somebody signs out,
/// an account or a robot is deleted, somebody is banned, an owner withdraws a right or replaces a robot-id.
/// </summary>
public sealed partial class Visitors : IDisposable
{
    private readonly ConcurrentDictionary<Visitor, bool> _visitors = new();
    private readonly Callers _callers;
    private readonly TimeProvider _clock;
    private readonly ILogger<Visitors> _logger;
    private readonly IDisposable[] _subscriptions;

    public Visitors(Callers callers, IBus bus, TimeProvider clock, ILogger<Visitors> logger)
    {
        _callers = callers;
        _clock = clock;
        _logger = logger;
        _subscriptions =
        [
            bus.Subscribe<AccountChanged>(changed => Review(visitor => visitor.ForgetIf(changed.Name))),
            bus.Subscribe<AddressBanned>(banned => Review(visitor => visitor.ComesFrom(banned.Range))),
            bus.Subscribe<RobotSettingsChanged>(changed => Review(visitor => visitor.Follows(changed.Handle))),
            bus.Subscribe<RobotAccessChanged>(replaced => Review(visitor => visitor.Follows(replaced.Handle))),
        ];
    }

    /// <summary>Takes in somebody who has connected; to be disposed of when the connection ends.</summary>
    /// <param name="request">The request that opened the connection.</param>
    /// <param name="review">Checks everything that the connection is allowed once more, and cuts off what is not.</param>
    public Visitor Open(OpeningRequest request, Func<Task> review)
    {
        var visitor = new Visitor(_callers, _clock, _callers.SessionToken(request.Header, request.Cookies), request, review, left => _visitors.TryRemove(left, out _));
        _visitors[visitor] = true;
        if (ViewingTokens.EndOf(visitor.ViewingToken) is { } end && end > _clock.GetUtcNow())
        {
            visitor.ReviewAt(end, () => _ = ReviewAsync(visitor));
        }

        return visitor;
    }

    public void Dispose()
    {
        foreach (var subscription in _subscriptions)
        {
            subscription.Dispose();
        }
    }

    private void Review(Func<Visitor, bool> concerns)
    {
        foreach (var visitor in _visitors.Keys.Where(concerns))
        {
            _ = ReviewAsync(visitor);
        }
    }

    private async Task ReviewAsync(Visitor visitor)
    {
        // Off the bus, whose publisher waits.
        await Task.Yield();
        try
        {
            await visitor.ReviewAsync();
        }
#pragma warning disable CA1031 // Nobody waits for this.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.ReviewFailed(_logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Whether a connection is still allowed could not be told.", EventName = "ReviewFailed")]
        public static partial void ReviewFailed(ILogger logger, Exception exception);
    }
}

/// <summary>Who is at the other end of a connection.</summary>
public sealed class Visitor : IDisposable
{
    /// <summary>How long an answer of the store counts when nothing is heard: a session may just come to its end.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly Callers _callers;
    private readonly TimeProvider _clock;
    private readonly string? _sessionToken;
    private readonly Func<Task> _review;
    private readonly Action<Visitor> _leave;
    private ImmutableHashSet<string> _robots = [];
    private Answer? _answer;
    private ITimer? _timer;
    private bool _isDisposed;

    internal Visitor(Callers callers, TimeProvider clock, string? sessionToken, OpeningRequest request, Func<Task> review, Action<Visitor> leave)
    {
        (_callers, _clock, _sessionToken, _review, _leave) = (callers, clock, sessionToken, review, leave);
        ViewingToken = request.Query[ViewingTokens.QueryName];
        Approach = new RobotApproach(request.Address, request.IsSecure, RobotApproach.TokenIn(request.Header(HeaderNames.Authorization)));
    }

    /// <summary>Gets the viewing token that was shown, if any.</summary>
    public string? ViewingToken { get; }

    /// <summary>Gets whether it may send nothing: it came with a viewing token for spectators.</summary>
    public bool IsSpectator => ViewingTokens.IsForSpectators(ViewingToken);

    /// <summary>Gets how the connection comes, should it say to be a robot.</summary>
    public RobotApproach Approach { get; }

    /// <summary>Tells in whose name the connection speaks now. To be asked at each use.</summary>
    public async ValueTask<Caller> CallerAsync()
    {
        if (_sessionToken is null)
        {
            return Caller.Anonymous;
        }

        if (Volatile.Read(ref _answer) is { } answer && _clock.GetElapsedTime(answer.At) < Remembered)
        {
            return answer.Caller;
        }

        var asked = _clock.GetTimestamp();
        var caller = await _callers.FindAsync(_sessionToken);
        Volatile.Write(ref _answer, new Answer(caller, asked));
        return caller;
    }

    /// <summary>The connection has to do with this robot: it is reviewed when that changes. False when it was already.</summary>
    public bool Follow(string handle) => ImmutableInterlocked.Update(ref _robots, (robots, followed) => robots.Add(followed), handle);

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _timer?.Dispose();
        }

        _leave(this);
    }

    /// <summary>Has the connection reviewed at a time, and every day until then: no timer reaches further than some weeks.</summary>
    internal void ReviewAt(DateTimeOffset time, Action review)
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            var left = time - _clock.GetUtcNow();
            _timer?.Dispose();
            _timer = _clock.CreateTimer(
                _ =>
                {
                    review();
                    if (_clock.GetUtcNow() < time)
                    {
                        ReviewAt(time, review);
                    }
                },
                null,
                left < LongestTimer ? left : LongestTimer,
                Timeout.InfiniteTimeSpan);
        }
    }

    internal bool ComesFrom(string range) => BanTarget.RangeOf(Approach.Address) == range;

    internal bool Follows(string handle) => _robots.Contains(handle);

    /// <summary>Forgets who it is when it may be this account; true when it was or may be.</summary>
    internal bool ForgetIf(string name)
    {
        if (_sessionToken is null || (Volatile.Read(ref _answer)?.Caller.Account is { } account && account.Name != name))
        {
            return false;
        }

        Volatile.Write(ref _answer, null);
        return true;
    }

    internal Task ReviewAsync() => _review();

    private sealed record Answer(Caller Caller, long At);
}
