using System.Net;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

using Microsoft.Extensions.DependencyInjection;

namespace LiveRobot.Platform.Tests;

/// <summary>Who is kept away from what by a ban. Olga owns two robots, Peter one.</summary>
public abstract class BanTests(StoreKind store) : IAsyncLifetime
{
    private readonly TestPlatform _platform = new(store);
    private Account _anna = null!;
    private Account _olga = null!;
    private Account _root = null!;
    private Robot _rover = null!;
    private Robot _second = null!;
    private Robot _other = null!;

    private BanDirectory Bans => _platform.Get<BanDirectory>();

    public async ValueTask InitializeAsync()
    {
        var accounts = _platform.Get<AccountDirectory>();
        _anna = (await accounts.CreateAsync("Anna", password: null))!;
        _olga = (await accounts.CreateAsync("olga", password: null))!;
        _root = (await accounts.CreateAsync("root1", password: null, isAdministrator: true))!;
        _rover = await _platform.Robots.AddAsync("Rover", "olga");
        _second = await _platform.Robots.AddAsync("Second", "olga");
        _other = await _platform.Robots.AddAsync("Other", "peter");
    }

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    /// <summary>Each row: the scope, and the robots that it reaches.</summary>
    [Theory]
    [InlineData("robot", "rover")]
    [InlineData("owner", "rover second")]
    [InlineData("site", "rover second other")]
    public async Task A_ban_reaches_one_robot_all_of_an_owner_or_the_site(string scope, string robots)
    {
        await MakeAsync(ScopeOf(scope), BanTarget.Of(_anna));

        Assert.Equal(robots, await BannedFromAsync(Caller(_anna)));
        Assert.Equal("", await BannedFromAsync(Caller(_root)));
        Assert.Equal("", await BannedFromAsync(Platform.Accounts.Caller.Anonymous));
    }

    /// <summary>Each row: the banned address, one that somebody comes from, and whether they are banned.</summary>
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("2001:db8:1:2::5", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::5", "2001:db8:1:3::5", false)]
    public async Task Who_has_not_signed_in_is_banned_by_the_address_or_by_the_network_of_IPv6(string banned, string comes, bool isBanned)
    {
        await MakeAsync(BanScope.Site, BanTarget.Of(IPAddress.Parse(banned)));

        Assert.Equal(isBanned, await Bans.FindAsync(_rover, Platform.Accounts.Caller.Anonymous, IPAddress.Parse(comes)) is not null);
        Assert.Null(await Bans.FindAsync(_rover, Caller(_anna), IPAddress.Parse(comes)));
    }

    [Fact]
    public async Task Nobody_bans_an_owner_from_their_robots_nor_an_administrator()
    {
        foreach (var (scope, account) in new[]
                 {
                     (BanScope.OfRobot("rover"), _olga), (BanScope.OfOwner("olga"), _olga), (BanScope.Site, _root), (BanScope.OfRobot("rover"), _root),
                 })
        {
            await Assert.ThrowsAsync<ArgumentException>(() => MakeAsync(scope, BanTarget.Of(account)));
        }

        await MakeAsync(BanScope.OfRobot("other"), BanTarget.Of(_olga));
        Assert.Equal("other", await BannedFromAsync(Caller(_olga)));
    }

    [Fact]
    public async Task A_time_out_ends_by_itself()
    {
        var ban = await MakeAsync(BanScope.OfRobot("rover"), BanTarget.Of(_anna), TimeSpan.FromMinutes(5));
        Assert.Equal(_platform.Clock.GetUtcNow() + TimeSpan.FromMinutes(5), ban!.Until);

        _platform.Clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromMilliseconds(1));
        Assert.NotNull(await Bans.FindAsync(_rover, Caller(_anna), address: null));
        _platform.Clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Null(await Bans.FindAsync(_rover, Caller(_anna), address: null));
        Assert.Empty(await Bans.ListAsync(BanScope.OfRobot("rover")));
    }

    [Fact]
    public async Task Another_ban_of_the_same_takes_the_place_of_the_first_and_is_lifted_where_it_was_made()
    {
        await MakeAsync(BanScope.OfRobot("rover"), BanTarget.Of(_anna), TimeSpan.FromDays(1));
        var ban = await MakeAsync(BanScope.OfRobot("rover"), BanTarget.Of(_anna));

        Assert.Equal(ban, Assert.Single(await Bans.ListAsync(BanScope.OfRobot("rover"))));
        Assert.False(await Bans.LiftAsync(BanScope.OfRobot("second"), ban!.Id, "olga"));
        Assert.False(await Bans.LiftAsync(BanScope.OfOwner("olga"), ban.Id, "olga"));
        Assert.False(await Bans.LiftAsync(BanScope.Site, ban.Id, "olga"));
        Assert.NotNull(await Bans.FindAsync(_rover, Caller(_anna), address: null));
        Assert.True(await Bans.LiftAsync(BanScope.OfRobot("rover"), ban.Id, "olga"));
        Assert.Null(await Bans.FindAsync(_rover, Caller(_anna), address: null));
    }

    [Fact]
    public async Task Each_limit_holds_at_its_edge()
    {
        await using var platform = new TestPlatform(store, builder => builder.Services.Configure<BanOptions>(options =>
        {
            options.MaxBans = 2;
            options.MaxReasonLength = 3;
            options.MaxDuration = TimeSpan.FromSeconds(10);
        }));
        await platform.Robots.AddAsync("Rover", "olga");
        var bans = platform.Get<BanDirectory>();

        Assert.NotNull(await MakeAsync(1, "why", TimeSpan.FromSeconds(10)));
        await Assert.ThrowsAsync<ArgumentException>(() => MakeAsync(2, "long", null));
        await Assert.ThrowsAsync<ArgumentException>(() => MakeAsync(2, "", TimeSpan.FromSeconds(10.001)));
        await Assert.ThrowsAsync<ArgumentException>(() => MakeAsync(2, "", TimeSpan.FromSeconds(0.999)));
        Assert.NotNull(await MakeAsync(2, "", TimeSpan.FromSeconds(1)));
        Assert.Null(await MakeAsync(3, "", null));
        Assert.NotNull(await MakeAsync(2, "", TimeSpan.FromSeconds(1)));
        platform.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(await MakeAsync(3, "", null));

        Task<Ban?> MakeAsync(byte number, string reason, TimeSpan? duration) =>
            bans.MakeAsync(BanScope.OfRobot("rover"), BanTarget.Of(new IPAddress([192, 0, 2, number])), reason, duration, "olga");
    }

    [Fact]
    public async Task Bans_go_with_the_robot_or_the_account_that_they_are_of()
    {
        await MakeAsync(BanScope.OfRobot("rover"), BanTarget.Of(_anna));
        await MakeAsync(BanScope.Site, BanTarget.Of(_anna));

        await _platform.Robots.DeleteAsync("rover");
        Assert.Single(await Bans.ListAsync(BanScope.Site));
        await _platform.Get<AccountDirectory>().DeleteAsync(_anna);

        Assert.Empty(await Bans.ListAsync(BanScope.Site));
    }

    private static Caller Caller(Account account) => new(account, CallerProof.Session);

    private static BanScope ScopeOf(string scope) => scope switch
    {
        "robot" => BanScope.OfRobot("rover"),
        "owner" => BanScope.OfOwner("olga"),
        _ => BanScope.Site,
    };

    private Task<Ban?> MakeAsync(BanScope scope, BanTarget target, TimeSpan? duration = null) => Bans.MakeAsync(scope, target, "why", duration, "olga");

    private async Task<string> BannedFromAsync(Caller caller)
    {
        var banned = new List<string>();
        foreach (var robot in new[] { _rover, _second, _other })
        {
            if (await Bans.FindAsync(robot, caller, IPAddress.Loopback) is not null)
            {
                banned.Add(robot.Handle);
            }
        }

        return string.Join(' ', banned);
    }
}

public sealed class BanOnSqliteTests() : BanTests(StoreKind.Sqlite);

public sealed class BanOnPostgresTests() : BanTests(StoreKind.Postgres);
