using System.Collections.Concurrent;
using System.Collections.Immutable;

using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Hosting;
using LiveRobot.Platform.Robots;

using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace LiveRobot.Platform.Accounts;

/// <summary>
/// Those who are connected to a service's sockets, as far as their rights can change while they are: somebody signs out,
/// an account or a robot is deleted, somebody is banned, an owner withdraws a right or replaces a robot-id.
/// </summary>
/// <remarks>
/// A connection that is just opening may have been looked up before a change and be taken in behind it. So all whom a
/// change concerns are reviewed at once, and again a little later. A review that fails is repeated until it is done.
/// </remarks>
public sealed partial class Visitors : IDisposable
{
    /// <summary>How long after one review of a change the next follows: soon, for what opens meanwhile, and once more, should opening take long.</summary>
    private static readonly TimeSpan[] LaterReviews = [TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(5)];

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _ending = new();
    private readonly CancellationToken _ended;
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
        _ended = _ending.Token;
        _subscriptions =
        [
            bus.Subscribe<AccountChanged>(changed => Review(visitor => visitor.ForgetIf(changed.Name))),
            bus.Subscribe<AddressBanned>(banned => Review(visitor => visitor.ComesFrom(banned.Range))),
            bus.Subscribe<RobotSettingsChanged>(changed => Review(visitor => visitor.Follows(changed.Handle))),
            bus.Subscribe<RobotAccessChanged>(replaced => Review(visitor => visitor.Follows(replaced.Handle))),
        ];
    }

    /// <summary>Takes in somebody who has connected; to be disposed of when the connection ends.</summary>
    public Visitor Open(OpeningRequest request)
    {
        var visitor = new Visitor(
            _callers,
            _clock,
            _callers.SessionToken(request.Header, request.Cookies),
            request,
            late => _ = ReviewAsync(late),
            left => _visitors.TryRemove(left, out _));
        _visitors[visitor] = true;
        return visitor;
    }

    public void Dispose()
    {
        _ending.Cancel();
        _ending.Dispose();
        foreach (var subscription in _subscriptions)
        {
            subscription.Dispose();
        }
    }

    private void Review(Func<Visitor, bool> concerns)
    {
        ReviewNow(concerns);
        _ = ReviewLaterAsync(concerns);
    }

    private void ReviewNow(Func<Visitor, bool> concerns)
    {
        foreach (var visitor in _visitors.Keys.Where(concerns))
        {
            _ = ReviewAsync(visitor);
        }
    }

    private async Task ReviewLaterAsync(Func<Visitor, bool> concerns)
    {
        foreach (var delay in LaterReviews)
        {
            if (!await WaitAsync(delay))
            {
                return;
            }

            ReviewNow(concerns);
        }
    }

    private async Task ReviewAsync(Visitor visitor)
    {
        // Off the bus, whose publisher waits.
        await Task.Yield();
        while (_visitors.ContainsKey(visitor) && !await TryReviewAsync(visitor) && await WaitAsync(RetryInterval))
        {
            // Once more.
        }
    }

    /// <summary>Waits; false when the service has ended instead, and with it all connections.</summary>
    private async Task<bool> WaitAsync(TimeSpan time)
    {
        await Task.Delay(time, _clock, _ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !_ended.IsCancellationRequested;
    }

    private async Task<bool> TryReviewAsync(Visitor visitor)
    {
        try
        {
            await visitor.ReviewAsync();
            return true;
        }
#pragma warning disable CA1031 // Nobody waits for this.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (!_ended.IsCancellationRequested)
            {
                Log.ReviewFailed(_logger, exception);
            }

            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Whether a connection is still allowed could not be told; it is asked again.", EventName = "ReviewFailed")]
        public static partial void ReviewFailed(ILogger logger, Exception exception);
    }
}

/// <summary>Who is at the other end of a connection.</summary>
public sealed class Visitor : IDisposable
{
    /// <summary>How long an answer of the store counts when nothing is heard.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long it counts while the store does not answer: who drives goes on. As long as the store keeps the news of
    /// changes, so that what is missed meanwhile is heard when it is back.
    /// </summary>
    private static readonly TimeSpan LongestOutage = TimeSpan.FromMinutes(10);

    /// <summary>How long who may go on waits for the store.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly Callers _callers;
    private readonly TimeProvider _clock;
    private readonly string? _sessionToken;
    private readonly Action<Visitor> _reviewLate;
    private readonly Action<Visitor> _leave;
    private readonly SortedSet<DateTimeOffset> _ends = [];
    private ImmutableHashSet<string> _robots = [];
    private Answer _answer = new(null, 0, 0);
    private Func<Task> _review = () => Task.CompletedTask;
    private ITimer? _timer;
    private bool _isDisposed;

    internal Visitor(
        Callers callers,
        TimeProvider clock,
        string? sessionToken,
        OpeningRequest request,
        Action<Visitor> reviewLate,
        Action<Visitor> leave)
    {
        (_callers, _clock, _sessionToken, _reviewLate, _leave) = (callers, clock, sessionToken, reviewLate, leave);
        ViewingToken = request.Query[ViewingTokens.QueryName];
        Approach = new RobotApproach(request.Address, request.IsSecure, RobotApproach.TokenIn(request.Header(HeaderNames.Authorization)));
        ReviewAt(ViewingTokens.EndOf(ViewingToken));
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

        var known = Volatile.Read(ref _answer);
        if (known.Caller is { } remembered && _clock.GetElapsedTime(known.At) < Remembered && !(_clock.GetUtcNow() >= remembered.Until))
        {
            return remembered;
        }

        var asked = _clock.GetTimestamp();
        var mayGoOn = known.Caller is { } last && _clock.GetElapsedTime(known.Heard) < LongestOutage && !(_clock.GetUtcNow() >= last.Until);
        Answer answer;
        try
        {
            var asking = _callers.FindAsync(_sessionToken);
            answer = new(await (mayGoOn ? asking.WaitAsync(Patience) : asking), asked, asked);
        }
        catch (Exception exception) when (mayGoOn && Outage.Is(exception))
        {
            answer = new(known.Caller, asked, known.Heard);
        }

        // What was forgotten while the store was asked is not remembered: the answer may be from before the change.
        Interlocked.CompareExchange(ref _answer, answer, known);
        ReviewAt(answer.Caller!.Until);
        return answer.Caller;
    }

    /// <summary>Says what checks once more everything that the connection is allowed, and cuts off what is not.</summary>
    public void OnReview(Func<Task> review) => Volatile.Write(ref _review, review);

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

    internal bool ComesFrom(string range) => BanTarget.RangeOf(Approach.Address) == range;

    internal bool Follows(string handle) => _robots.Contains(handle);

    /// <summary>Forgets who it is when it may be this account; true when it was or may be.</summary>
    internal bool ForgetIf(string name)
    {
        if (_sessionToken is null || (Volatile.Read(ref _answer).Caller?.Account is { } account && account.Name != name))
        {
            return false;
        }

        Volatile.Write(ref _answer, new Answer(null, 0, 0));
        return true;
    }

    internal Task ReviewAsync() => Volatile.Read(ref _review)();

    /// <summary>Has the connection reviewed when something that it is allowed by comes to its end.</summary>
    private void ReviewAt(DateTimeOffset? end)
    {
        lock (_gate)
        {
            if (end > _clock.GetUtcNow() && _ends.Add(end.Value))
            {
                Wait();
            }
        }
    }

    /// <summary>Waits for the first end, a day at most: no timer reaches further than some weeks.</summary>
    private void Wait()
    {
        _timer?.Dispose();
        _timer = null;
        if (_ends.Count > 0 && !_isDisposed)
        {
            var left = TimeSpan.FromTicks(Math.Clamp((_ends.Min - _clock.GetUtcNow()).Ticks, 0, LongestTimer.Ticks));
            _timer = _clock.CreateTimer(_ => Waited(), null, left, Timeout.InfiniteTimeSpan);
        }
    }

    private void Waited()
    {
        bool hasEnded;
        lock (_gate)
        {
            hasEnded = _ends.RemoveWhere(end => end <= _clock.GetUtcNow()) > 0;
            Wait();
        }

        if (hasEnded)
        {
            _reviewLate(this);
        }
    }

    /// <summary>What the store said; a class, so that an answer that was forgotten is told from one that was never had.</summary>
    private sealed class Answer(Caller? caller, long at, long heard)
    {
        public Caller? Caller { get; } = caller;

        /// <summary>Gets when the store was asked last.</summary>
        public long At { get; } = at;

        /// <summary>Gets when it was asked what it has answered.</summary>
        public long Heard { get; } = heard;
    }
}
