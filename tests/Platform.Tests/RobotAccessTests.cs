using System.Net;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.Platform.Tests;

public sealed class RobotAccessTests : IAsyncDisposable
{
    private readonly TestPlatform _platform = new();

    private RobotAccess Access => _platform.Get<RobotAccess>();

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Fact]
    public async Task After_five_unknown_ids_an_address_waits_for_its_answers_and_others_do_not()
    {
        var robot = await _platform.Robots.AddAsync("Rover", "alice");
        var (guesser, neighbour) = (From("192.0.2.1"), From("192.0.2.2"));
        for (var number = 1; number <= 5; number++)
        {
            Assert.NotNull((await Access.IdentifyAsync(robot.RobotId, guesser)).Robot);
            Assert.Equal(RobotIdentity.Unknown, await Access.IdentifyAsync($"{number}", guesser));
        }

        var slowed = Access.IdentifyAsync(robot.RobotId, guesser);
        Assert.NotNull((await Access.IdentifyAsync(robot.RobotId, neighbour)).Robot);
        Assert.Equal(RobotIdentity.Unknown, await Access.IdentifyAsync("rover", guesser));
        Assert.False(slowed.IsCompleted);

        _platform.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.NotNull((await slowed).Robot);

        _platform.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.NotNull((await Access.IdentifyAsync(robot.RobotId, guesser)).Robot);
    }

    [Fact]
    public async Task Unknown_ids_that_an_address_gives_at_the_same_moment_count_like_others()
    {
        var robot = await _platform.Robots.AddAsync("Rover", "alice");

        var guesses = Enumerable.Range(1, 20).Select(number => Task.Run(() => Access.IdentifyAsync($"{number}", From("192.0.2.1")))).ToArray();
        await Eventually.TrueAsync(() => guesses.Count(guess => guess.IsCompleted) + _platform.Clock.Timers == guesses.Length);

        Assert.Equal(5, guesses.Count(guess => guess.IsCompleted));
        Assert.NotNull((await Access.IdentifyAsync(robot.RobotId, From("192.0.2.2"))).Robot);
        _platform.Clock.Advance(TimeSpan.FromSeconds(2));
        await Task.WhenAll(guesses);
    }

    [Fact]
    public async Task To_who_writes_settings_the_robot_id_of_somebody_else_is_as_unknown_as_any()
    {
        var robot = await _platform.Robots.AddAsync("Rover", "alice");
        var alice = await CallerAsync("alice");
        await _platform.Get<AccountDirectory>().CreateAsync("mallory", password: null);
        var mallory = await CallerAsync("mallory");
        var address = IPAddress.Parse("192.0.2.1");

        for (var number = 1; number <= 5; number++)
        {
            Assert.NotNull(await Access.FindForOwnerAsync(robot.RobotId, alice, address));
            Assert.Null(await Access.FindForOwnerAsync(robot.RobotId, mallory, address));
        }

        var slowed = Access.FindForOwnerAsync(robot.RobotId, mallory, address);
        Assert.Equal("rover", (await Access.FindForOwnerAsync("rover", mallory, address))?.Handle);
        Assert.False(slowed.IsCompleted);
        _platform.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(await slowed);
    }

    /// <summary>Each row: the owner's rule, from where the robot comes, and the refusal.</summary>
    [Theory]
    [InlineData("everywhere", "203.0.113.7", false, null)]
    [InlineData("tls", "203.0.113.7", false, "tls_wanted")]
    [InlineData("tls", "203.0.113.7", true, null)]
    [InlineData("networks", "192.168.0.0", false, null)]
    [InlineData("networks", "192.168.255.255", false, null)]
    [InlineData("networks", "192.169.0.0", true, "other_network")]
    [InlineData("networks", "192.167.255.255", true, "other_network")]
    [InlineData("networks", "::ffff:192.168.4.4", false, null)]
    [InlineData("networks", "::ffff:192.169.4.4", false, "other_network")]
    [InlineData("networks", "2001:db8:1::1", false, null)]
    [InlineData("networks", "2001:db8:2::1", false, "other_network")]
    [InlineData("off", "192.168.4.4", true, "robot_token_wanted")]
    public async Task The_owner_says_from_where_a_bare_robot_id_is_accepted(string rule, string address, bool isSecure, string? refusal)
    {
        var robot = await RobotAsync(BareIdRuleWords.Parse(rule)!.Value);
        var token = await _platform.Robots.ReplaceRobotTokenAsync("rover");

        var bare = await Access.IdentifyAsync(robot.RobotId, From(address, isSecure));
        var paired = await Access.IdentifyAsync(robot.RobotId, From(address, isSecure, token));

        Assert.Equal(refusal, bare.Refusal?.Code);
        Assert.Equal(refusal is null, bare.Robot is not null);
        Assert.Equal("rover", paired.Robot?.Handle);
    }

    [Theory]
    [InlineData("everywhere")]
    [InlineData("off")]
    public async Task A_wrong_robot_token_is_refused_whatever_the_rule(string rule)
    {
        var robot = await RobotAsync(BareIdRuleWords.Parse(rule)!.Value);
        var first = await _platform.Robots.ReplaceRobotTokenAsync("rover");
        var second = await _platform.Robots.ReplaceRobotTokenAsync("rover");
        await _platform.Robots.AddAsync("Other", "alice");
        var others = await _platform.Robots.ReplaceRobotTokenAsync("other");

        foreach (var token in new[] { first, others, "", "forged" })
        {
            var identity = await Access.IdentifyAsync(robot.RobotId, From("192.0.2.1", token: token));
            Assert.Equal("wrong_robot_token", identity.Refusal?.Code);
            Assert.Null(identity.Robot);
        }

        Assert.NotNull((await Access.IdentifyAsync(robot.RobotId, From("192.0.2.1", token: second))).Robot);
    }

    [Fact]
    public async Task A_robot_token_opens_nothing_without_the_robot_id()
    {
        await RobotAsync(BareIdRule.Everywhere);
        var token = await _platform.Robots.ReplaceRobotTokenAsync("rover");

        Assert.Equal(RobotIdentity.Unknown, await Access.IdentifyAsync("rover", From("192.0.2.1", token: token)));
        Assert.Equal(RobotIdentity.Unknown, await Access.IdentifyAsync("12345678901234567890", From("192.0.2.1", token: token)));
    }

    [Fact]
    public async Task The_owner_sees_for_a_day_who_was_refused_and_why()
    {
        var robot = await RobotAsync(BareIdRule.Off);
        Assert.Null(await _platform.Presence.GetRefusedAsync("rover"));

        await Access.IdentifyAsync(robot.RobotId, From("203.0.113.7"));

        var refused = await _platform.Presence.GetRefusedAsync("rover");
        Assert.Equal(("robot_token_wanted", "203.0.113.7", _platform.Clock.GetUtcNow()), (refused!.Code, refused.Address, refused.At));
        _platform.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Null(await _platform.Presence.GetRefusedAsync("rover"));
    }

    private static RobotApproach From(string address, bool isSecure = false, string? token = null) => new(IPAddress.Parse(address), isSecure, token);

    private async Task<Caller> CallerAsync(string name) =>
        new((await _platform.Get<AccountDirectory>().FindAsync(name))!, CallerProof.ApiKey);

    private async Task<Robot> RobotAsync(BareIdRule rule)
    {
        await _platform.Robots.AddAsync("Rover", "alice");
        return (await _platform.Robots.ChangeAsync(
            "rover", robot => robot with { BareIds = rule, BareIdNetworks = ["192.168.0.0/16", "2001:db8:1::/48"] }))!;
    }
}
