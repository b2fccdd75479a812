using System.Data.Common;

using Dapper;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Moderation;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Storage;
using LiveRobot.Testing;

using Microsoft.Extensions.DependencyInjection;

namespace LiveRobot.Platform.Tests;

/// <summary>Who moderates, and what is written down of it. Olga owns two robots.</summary>
public abstract class ModerationTests(StoreKind store) : IAsyncLifetime
{
    private readonly TestPlatform _platform = new(store, builder => builder.Services.Configure<ModerationOptions>(options => options.MaxModerators = 2));
    private Account _anna = null!;
    private Robot _rover = null!;
    private Robot _second = null!;

    private Moderators Moderators => _platform.Get<Moderators>();

    public async ValueTask InitializeAsync()
    {
        _anna = await AccountAsync("Anna");
        _rover = await _platform.Robots.AddAsync("Rover", "olga");
        _second = await _platform.Robots.AddAsync("Second", "olga");
    }

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Fact]
    public void A_robot_may_have_twenty_moderators() => Assert.Equal(20, new ModerationOptions().MaxModerators);

    [Fact]
    public async Task One_more_moderator_than_may_be_is_refused_and_who_is_one_is_named_again()
    {
        Assert.True(await Moderators.AddAsync(_rover, _anna, "olga"));
        Assert.True(await Moderators.AddAsync(_rover, await AccountAsync("bob"), "olga"));
        Assert.False(await Moderators.AddAsync(_rover, await AccountAsync("carl"), "olga"));
        Assert.True(await Moderators.AddAsync(_rover, _anna, "olga"));

        Assert.Equal(["Anna", "bob"], (await Moderators.ListAsync(_rover)).Select(moderator => moderator.Name));
    }

    [Fact]
    public async Task A_moderator_moderates_that_robot_until_they_are_banned_from_it_or_no_longer_named()
    {
        var caller = new Caller(_anna, CallerProof.Session);
        await Moderators.AddAsync(_rover, _anna, "olga");
        Assert.True(await Moderators.MayModerateAsync(_rover, caller, address: null));
        Assert.False(await Moderators.MayModerateAsync(_second, caller, address: null));

        var ban = await _platform.Get<BanDirectory>().MakeAsync(BanScope.OfOwner("olga"), BanTarget.Of(_anna), "", duration: null, "olga");
        Assert.False(await Moderators.MayModerateAsync(_rover, caller, address: null));

        await _platform.Get<BanDirectory>().LiftAsync(BanScope.OfOwner("olga"), ban!.Id, "olga");
        Assert.True(await Moderators.MayModerateAsync(_rover, caller, address: null));
        await Moderators.RemoveAsync(_rover, _anna, "olga");
        Assert.False(await Moderators.MayModerateAsync(_rover, caller, address: null));
    }

    /// <summary>Existing robots ask for the moderators of their owner, and obey them: of one robot they are not those of another.</summary>
    [Fact]
    public async Task Existing_robots_are_told_who_moderates_all_robots_of_their_owner()
    {
        var olga = (await _platform.Get<AccountDirectory>().FindAsync("olga"))!;
        await Moderators.AddAsync(_rover, _anna, "olga");
        Assert.Empty(await Moderators.OfOwnerAsync(olga));

        await Moderators.AddAsync(_second, _anna, "olga");

        Assert.Equal(["Anna"], await Moderators.OfOwnerAsync(olga));
    }

    [Fact]
    public async Task The_log_tells_who_did_what_to_whom_and_comes_in_parts_of_fifty()
    {
        var (bans, log) = (_platform.Get<BanDirectory>(), _platform.Get<ModerationLog>());
        var until = _platform.Clock.GetUtcNow().AddMinutes(1);
        await bans.MakeAsync(BanScope.OfRobot("rover"), BanTarget.Of(_anna) with { Said = "rubbish" }, "spam", TimeSpan.FromMinutes(1), "bob");
        for (var number = 0; number < Page.Size; number++)
        {
            await bans.MakeAsync(BanScope.OfOwner("olga"), BanTarget.Of(_anna), "", duration: null, "olga");
        }

        var first = await log.ListAsync(_rover, before: null);
        var rest = await log.ListAsync(_rover, first.Next);

        Assert.Equal(Page.Size, first.Items.Count);
        Assert.All(first.Items, entry => Assert.Equal(("ban", "olga", "Anna"), (entry.Action, entry.By, entry.Name)));
        var oldest = Assert.Single(rest.Items);
        Assert.Equal(("time_out", "bob", "Anna", "rubbish", "spam", until), (oldest.Action, oldest.By, oldest.Name, oldest.Message, oldest.Reason, oldest.Until));
        Assert.Null(rest.Next);
        Assert.Equal(Page.Size, (await log.ListAsync(_second, before: null)).Items.Count);
    }

    [Fact]
    public async Task What_was_written_down_is_not_changed_any_more()
    {
        await Moderators.AddAsync(_rover, _anna, "olga");
        await using var connection = await _platform.Get<Database>().OpenAsync();

        var refused = await Assert.ThrowsAnyAsync<DbException>(() => connection.ExecuteAsync("UPDATE moderation_log SET made_by = 'nobody'"));

        Assert.Contains("only appended to", refused.Message, StringComparison.Ordinal);
    }

    private async Task<Account> AccountAsync(string name) => (await _platform.Get<AccountDirectory>().CreateAsync(name, password: null))!;
}

public sealed class ModerationOnSqliteTests() : ModerationTests(StoreKind.Sqlite);

public sealed class ModerationOnPostgresTests() : ModerationTests(StoreKind.Postgres);
