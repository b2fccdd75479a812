using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace LiveRobot.Platform.Tests;

public abstract class ViewingTokensTests(StoreKind store) : IAsyncDisposable
{
    private readonly TestPlatform _platform = new(store);

    private ViewingTokens Tokens => _platform.Get<ViewingTokens>();

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Fact]
    public async Task A_token_is_valid_for_its_robot_until_its_time_is_up()
    {
        var token = await Tokens.IssueAsync("rover", TimeSpan.FromMinutes(1));

        Assert.True(await Tokens.IsValidAsync("rover", token));
        Assert.False(await Tokens.IsValidAsync("rover-2", token));
        _platform.Clock.Advance(TimeSpan.FromSeconds(59));
        Assert.True(await Tokens.IsValidAsync("rover", token));
        _platform.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await Tokens.IsValidAsync("rover", token));
    }

    [Fact]
    public async Task Withdrawn_tokens_are_worthless_and_those_of_other_robots_and_later_ones_are_not()
    {
        await _platform.Robots.AddAsync("Rover", "alice");
        await _platform.Robots.AddAsync("Other", "alice");
        var (withdrawn, others) = (await Tokens.IssueAsync("rover", TimeSpan.FromDays(1)), await Tokens.IssueAsync("other", TimeSpan.FromDays(1)));

        await Tokens.WithdrawAllAsync("rover");

        Assert.False(await Tokens.IsValidAsync("rover", withdrawn));
        Assert.True(await Tokens.IsValidAsync("other", others));
        Assert.True(await Tokens.IsValidAsync("rover", await Tokens.IssueAsync("rover", TimeSpan.FromDays(1))));
    }

    [Fact]
    public async Task A_token_for_spectators_cannot_be_made_one_that_is_not()
    {
        await _platform.Robots.AddAsync("Rover", "alice");
        var token = await Tokens.IssueAsync("rover", TimeSpan.FromMinutes(1), forSpectators: true);
        var common = await Tokens.IssueAsync("rover", TimeSpan.FromMinutes(1));

        Assert.True(await Tokens.IsValidAsync("rover", token));
        Assert.True(ViewingTokens.IsForSpectators(token));
        Assert.False(ViewingTokens.IsForSpectators(common));
        foreach (var forged in new[] { token[1..], $"0{token[1..]}", $" {token}", $"+{token[1..]}", $"S{token[1..]}", $"{token},{common}" })
        {
            Assert.False(await Tokens.IsValidAsync("rover", forged), forged);
        }

        _platform.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.False(await Tokens.IsValidAsync("rover", token));
        Assert.True(ViewingTokens.IsForSpectators(token));
    }

    /// <summary>A timer reaches some weeks at most, and a token may be good for a year.</summary>
    [Theory]
    [InlineData(0.5)]
    [InlineData(3)]
    public async Task A_connection_with_a_token_is_reviewed_when_the_token_ends(double days)
    {
        var token = await Tokens.IssueAsync("rover", TimeSpan.FromDays(days));
        var refused = false;
        var request = new OpeningRequest(
            _ => default, new DefaultHttpContext().Request.Cookies, new QueryCollection(new Dictionary<string, StringValues> { ["token"] = token }), null, false);
        using var visitor = _platform.Get<Visitors>().Open(request);
        visitor.OnReview(async () =>
        {
            if (!await Tokens.IsValidAsync("rover", token))
            {
                refused = true;
            }
        });

        _platform.Clock.Advance(TimeSpan.FromDays(days) - TimeSpan.FromSeconds(1));
        Assert.False(refused);
        _platform.Clock.Advance(TimeSpan.FromSeconds(1));

        await Eventually.TrueAsync(() => refused);
    }

    [Fact]
    public async Task A_token_with_another_time_or_another_signature_is_not_valid()
    {
        var token = await Tokens.IssueAsync("rover", TimeSpan.FromMinutes(1));
        var (seconds, signature) = (token.Split('.')[0], token.Split('.')[1]);

        Assert.False(await Tokens.IsValidAsync("rover", $"{long.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture) + 1}.{signature}"));
        Assert.False(await Tokens.IsValidAsync("rover", $"0{seconds}.{signature}"));
        Assert.False(await Tokens.IsValidAsync("rover", $"{seconds}.{(signature[0] == 'A' ? 'B' : 'A')}{signature[1..]}"));
        Assert.False(await Tokens.IsValidAsync("rover", $"{seconds}.{signature[..^1]}"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("99999999999")]
    [InlineData("99999999999.")]
    [InlineData("99999999999.not base64!")]
    [InlineData("99999999999.AAAA.AAAA")]
    [InlineData("999999999999999999999999.AAAA")]
    [InlineData("-1.AAAA")]
    public async Task What_is_no_token_is_not_valid(string? token)
    {
        Assert.False(await Tokens.IsValidAsync("rover", token));
    }
}

public sealed class ViewingTokensOnSqliteTests() : ViewingTokensTests(StoreKind.Sqlite);

public sealed class ViewingTokensOnPostgresTests() : ViewingTokensTests(StoreKind.Postgres);
