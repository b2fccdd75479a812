using LiveRobot.Platform.Robots;

namespace LiveRobot.Platform.Tests;

public sealed class ViewingTokensTests : IAsyncDisposable
{
    private readonly TestPlatform _platform = new();

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
