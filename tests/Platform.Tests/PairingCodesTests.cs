using System.Net;

using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.Platform.Tests;

public abstract class PairingCodesTests(StoreKind store) : IAsyncDisposable
{
    private static readonly IPAddress Robot = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Neighbour = IPAddress.Parse("192.0.2.2");

    private readonly TestPlatform _platform = new(store);

    private PairingCodes Codes => _platform.Get<PairingCodes>();

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Fact]
    public async Task A_code_has_six_characters_that_nobody_takes_for_one_another()
    {
        await _platform.Robots.AddAsync("Rover", "alice");

        for (var number = 0; number < 20; number++)
        {
            Assert.Matches("^[ABCDEFGHJKMNPQRSTUVWXYZ23456789]{6}$", await CodeAsync());
        }

        Assert.Null(await Codes.IssueAsync("nobody"));
    }

    [Fact]
    public async Task A_code_gives_the_robot_a_robot_token_and_ends_its_bare_robot_id()
    {
        var robot = await _platform.Robots.AddAsync("Rover", "alice");

        var paired = (await Codes.ExchangeAsync(await CodeAsync(), Robot)).Paired!;

        Assert.Equal((robot.RobotId, BareIdRule.Off, true), (paired.Robot.RobotId, paired.Robot.BareIds, paired.Robot.HasRobotToken));
        Assert.True(await _platform.Robots.IsRobotTokenAsync("rover", paired.RobotToken));
    }

    [Fact]
    public async Task A_robot_that_is_paired_again_has_another_token_and_the_rule_that_its_owner_has_set()
    {
        await _platform.Robots.AddAsync("Rover", "alice");
        var first = (await Codes.ExchangeAsync(await CodeAsync(), Robot)).Paired!;
        await _platform.Robots.ChangeAsync("rover", robot => robot with { BareIds = BareIdRule.Tls });

        var second = (await Codes.ExchangeAsync(await CodeAsync(), Robot)).Paired!;

        Assert.Equal(BareIdRule.Tls, second.Robot.BareIds);
        Assert.False(await _platform.Robots.IsRobotTokenAsync("rover", first.RobotToken));
        Assert.True(await _platform.Robots.IsRobotTokenAsync("rover", second.RobotToken));
    }

    [Fact]
    public async Task A_code_is_good_for_ten_minutes()
    {
        await _platform.Robots.AddAsync("Rover", "alice");
        await _platform.Robots.AddAsync("Late", "alice");
        var (code, late) = (await CodeAsync(), await CodeAsync("late"));

        _platform.Clock.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromMilliseconds(1));
        Assert.NotNull((await Codes.ExchangeAsync(code, Robot)).Paired);

        _platform.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null((await Codes.ExchangeAsync(late, Robot)).Paired);
    }

    [Fact]
    public async Task A_code_is_used_once_also_by_two_at_the_same_time()
    {
        await _platform.Robots.AddAsync("Rover", "alice");
        var code = await CodeAsync();

        var outcomes = await Task.WhenAll(Codes.ExchangeAsync(code, Robot), Codes.ExchangeAsync(code, Neighbour));

        Assert.Single(outcomes, outcome => outcome.Paired is not null);
        Assert.Null((await Codes.ExchangeAsync(code, Neighbour)).Paired);
    }

    [Fact]
    public async Task A_new_code_takes_the_place_of_an_earlier_one_and_none_outlives_its_robot()
    {
        await _platform.Robots.AddAsync("Rover", "alice");
        var (first, second) = (await CodeAsync(), await CodeAsync());
        Assert.Null((await Codes.ExchangeAsync(first, Robot)).Paired);

        await _platform.Robots.DeleteAsync("rover");

        Assert.Null((await Codes.ExchangeAsync(second, Robot)).Paired);
    }

    [Fact]
    public async Task The_fifth_try_of_an_address_counts_and_the_sixth_is_not_looked_at()
    {
        await _platform.Robots.AddAsync("Rover", "alice");
        await _platform.Robots.AddAsync("Other", "alice");
        for (var number = 1; number <= 4; number++)
        {
            Assert.Equal(default, await Codes.ExchangeAsync("AAAAAA", Robot));
        }

        // The fifth is right, and what is right does not count; the next wrong one is the fifth.
        Assert.NotNull((await Codes.ExchangeAsync(await CodeAsync(), Robot)).Paired);
        Assert.Equal(default, await Codes.ExchangeAsync("AAAAAA", Robot));
        var code = await CodeAsync("other");
        var sixth = await Codes.ExchangeAsync(code, Robot);

        Assert.Null(sixth.Paired);
        Assert.Equal(TimeSpan.FromMinutes(2), sixth.Wait);
        _platform.Clock.Advance(TimeSpan.FromMinutes(2) - TimeSpan.FromSeconds(1));
        Assert.NotNull((await Codes.ExchangeAsync(code, Robot)).Wait);
        Assert.NotNull((await Codes.ExchangeAsync(code, Neighbour)).Paired);
        _platform.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null((await Codes.ExchangeAsync(code, Robot)).Wait);
    }

    [Fact]
    public async Task A_code_may_be_typed_in_small_letters_with_blanks_and_hyphens()
    {
        await _platform.Robots.AddAsync("Rover", "alice");
        var code = (await CodeAsync()).ToLowerInvariant();

        Assert.NotNull((await Codes.ExchangeAsync($" {code[..3]}-{code[3..]} ", Robot)).Paired);
    }

    [Fact]
    public async Task Neither_codes_nor_robot_tokens_can_be_read_in_the_store()
    {
        await _platform.Robots.AddAsync("Rover", "alice");
        await _platform.Robots.AddAsync("Other", "alice");
        var code = await CodeAsync();
        var token = (await Codes.ExchangeAsync(await CodeAsync("other"), Robot)).Paired!.RobotToken;

        var kept = await _platform.Store.KeptAsync();

        Assert.Contains("rover", kept, StringComparison.Ordinal);
        Assert.DoesNotContain(code, kept, StringComparison.Ordinal);
        Assert.DoesNotContain(token, kept, StringComparison.Ordinal);
    }

    private async Task<string> CodeAsync(string handle = "rover") => (await Codes.IssueAsync(handle))!.Code;
}

public sealed class PairingCodesOnSqliteTests() : PairingCodesTests(StoreKind.Sqlite);

public sealed class PairingCodesOnPostgresTests() : PairingCodesTests(StoreKind.Postgres);
