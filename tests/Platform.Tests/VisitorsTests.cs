using System.Data.Common;
using System.Net;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Bus;
using LiveRobot.Testing;

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace LiveRobot.Platform.Tests;

/// <summary>When open connections are reviewed: a change reaches all whom it concerns, also one that was just opening.</summary>
public sealed class VisitorsTests : IAsyncDisposable
{
    private static readonly IPAddress Address = IPAddress.Parse("192.0.2.1");

    private readonly TestPlatform _platform = new();
    private int _reviews;

    private ManualClock Clock => _platform.Clock;

    private IBus Bus => _platform.Get<IBus>();

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Fact]
    public async Task A_change_has_those_reviewed_whom_it_concerns_and_nobody_else()
    {
        using var watcher = Open();
        watcher.Follow("rover");
        using var other = Open(review: () => throw new InvalidOperationException("It has to do with another robot."));
        other.Follow("second");

        Bus.Publish(new RobotSettingsChanged("rover"));

        await Eventually.TrueAsync(() => _reviews == 1);
    }

    [Fact]
    public async Task Who_comes_in_just_behind_a_change_is_reviewed_half_a_second_and_five_seconds_later()
    {
        _ = _platform.Get<Visitors>();
        Bus.Publish(new AddressBanned(BanTarget.RangeOf(Address)));

        await PassAsync(499);
        using var late = Open();
        Assert.Equal(0, _reviews);
        await PassAsync(1);
        await Eventually.TrueAsync(() => _reviews == 1);

        await PassAsync(4_999);
        using var later = Open();
        Assert.Equal(1, _reviews);
        await PassAsync(1);
        await Eventually.TrueAsync(() => _reviews == 3);
    }

    [Fact]
    public async Task A_review_that_failed_is_repeated_until_it_is_done()
    {
        using var visitor = Open(review: () => Interlocked.Increment(ref _reviews) < 20 ? throw new InvalidOperationException("The store is away.") : Task.CompletedTask);
        visitor.Follow("rover");

        Bus.Publish(new RobotSettingsChanged("rover"));

        await Eventually.TrueAsync(() =>
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            return _reviews >= 20;
        });
    }

    [Fact]
    public async Task Who_has_left_is_reviewed_no_more()
    {
        var visitor = Open(review: () => throw new InvalidOperationException("It has left."));
        visitor.Follow("rover");
        visitor.Dispose();

        Bus.Publish(new RobotSettingsChanged("rover"));
        await PassAsync(500);
        await PassAsync(5_000);
    }

    [Fact]
    public async Task A_session_that_comes_to_its_end_speaks_in_nobodys_name_from_that_moment_on_and_is_reviewed()
    {
        var token = await _platform.Get<Sessions>().BeginAsync(await AccountAsync());
        Clock.Advance(TimeSpan.FromDays(90) - TimeSpan.FromSeconds(30));
        using var visitor = Open(token);
        Assert.Equal("Alice", (await visitor.CallerAsync()).Account?.Name);

        Clock.Advance(TimeSpan.FromSeconds(30) - TimeSpan.FromMilliseconds(1));
        Assert.Equal("Alice", (await visitor.CallerAsync()).Account?.Name);
        Assert.Equal(0, _reviews);

        Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null((await visitor.CallerAsync()).Account);
        await Eventually.TrueAsync(() => _reviews == 1);
    }

    [Fact]
    public async Task A_session_that_a_newer_one_pushed_out_speaks_in_nobodys_name_and_is_reviewed()
    {
        var sessions = _platform.Get<Sessions>();
        var alice = await AccountAsync();
        using var visitor = Open(await sessions.BeginAsync(alice));
        Assert.Equal("Alice", (await visitor.CallerAsync()).Account?.Name);
        var feed = _platform.Get<IEnumerable<IHostedService>>().OfType<ChangeFeed>().Single();
        await feed.StartAsync(CancellationToken.None);

        for (var number = 0; number < 49; number++)
        {
            await sessions.BeginAsync(alice);
        }

        Assert.Equal("Alice", (await visitor.CallerAsync()).Account?.Name);
        await sessions.BeginAsync(alice);

        await Eventually.TrueAsync(() => _reviews > 0);
        Assert.Null((await visitor.CallerAsync()).Account);
        await feed.StopAsync(CancellationToken.None);
    }

    /// <summary>Who drives goes on while the store is away, and lets go of keys without waiting for it.</summary>
    [Fact]
    public async Task Who_has_signed_in_is_known_for_ten_minutes_of_an_outage_of_the_store()
    {
        using var server = PostgresServer.Start();
        await using var platform = new TestPlatform(add: builder => builder.Configuration["Storage:Postgres"] = $"{server.TakeDatabase()};Timeout=1;Command Timeout=1");
        var alice = (await platform.Get<AccountDirectory>().CreateAsync("Alice", password: null))!;
        var (session, ended) = (await platform.Get<Sessions>().BeginAsync(alice), await platform.Get<Sessions>().BeginAsync(alice));
        using var visitor = Open(session, platform: platform);
        using var other = Open(ended, platform: platform);
        Assert.Equal("Alice", (await visitor.CallerAsync()).Account?.Name);
        Assert.Equal("Alice", (await other.CallerAsync()).Account?.Name);
        await platform.Get<Sessions>().EndAsync(alice, ended);

        server.Freeze();
        platform.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("Alice", (await visitor.CallerAsync()).Account?.Name);
        platform.Clock.Advance(TimeSpan.FromMinutes(8) - TimeSpan.FromMilliseconds(1));
        Assert.Equal("Alice", (await visitor.CallerAsync()).Account?.Name);
        platform.Clock.Advance(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAnyAsync<Exception>(async () => await visitor.CallerAsync());

        server.Thaw();
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                return (await visitor.CallerAsync()).Account?.Name == "Alice" && (await other.CallerAsync()).Account is null;
            }
            catch (DbException)
            {
                return false;
            }
        });
    }

    private async Task<Account> AccountAsync() => (await _platform.Get<AccountDirectory>().CreateAsync("Alice", password: null))!;

    /// <summary>Opens a connection whose reviews are counted, or do what is said.</summary>
    private Visitor Open(string? session = null, Func<Task>? review = null, TestPlatform? platform = null)
    {
        var context = new DefaultHttpContext();
        if (session is not null)
        {
            context.Request.Headers[HeaderNames.Cookie] = $"{Sessions.CookieName}={session}";
        }

        var visitor = (platform ?? _platform).Get<Visitors>().Open(new OpeningRequest(_ => StringValues.Empty, context.Request.Cookies, context.Request.Query, Address, IsSecure: false));
        visitor.OnReview(review ?? (() =>
        {
            Interlocked.Increment(ref _reviews);
            return Task.CompletedTask;
        }));
        return visitor;
    }

    /// <summary>Lets time pass once something waits for it.</summary>
    private async Task PassAsync(int milliseconds)
    {
        await Eventually.TrueAsync(() => Clock.Timers > 0);
        Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
    }
}
