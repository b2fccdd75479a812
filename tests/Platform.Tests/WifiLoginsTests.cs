using System.Globalization;

using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.Platform.Tests;

public abstract class WifiLoginsTests(StoreKind store) : IAsyncLifetime
{
    private static readonly WifiLogin Home = new("Home", "correct horse");

    private readonly TestPlatform _platform = new(store);

    private WifiLogins Logins => _platform.Get<WifiLogins>();

    public async ValueTask InitializeAsync() => await _platform.Robots.AddAsync("Rover", "alice");

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Fact]
    public async Task A_login_is_given_out_for_a_day_and_for_no_moment_longer()
    {
        var left = (await Logins.SetAsync("rover", Home, lifetime: null))!;

        _platform.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(Home, await Logins.FindAsync(left.Secret));
        _platform.Clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Null(await Logins.FindAsync(left.Secret));
        Assert.Equal(new OwnWifiLogin(left.Secret, null, null), await Logins.FindForOwnerAsync("rover"));
    }

    [Fact]
    public async Task Its_owner_says_for_how_long_within_the_limit()
    {
        var left = (await Logins.SetAsync("rover", Home, TimeSpan.FromDays(30)))!;

        Assert.Equal(_platform.Clock.GetUtcNow().AddDays(30), left.ExpiresAt);
        await Assert.ThrowsAsync<ArgumentException>(() => Logins.SetAsync("rover", Home, TimeSpan.FromDays(30) + TimeSpan.FromTicks(1)));
        await Assert.ThrowsAsync<ArgumentException>(() => Logins.SetAsync("rover", Home, TimeSpan.Zero));
    }

    [Theory]
    [InlineData("02:00:00", null)]
    [InlineData("02:00:01", "WifiLogins: Lifetime (02:00:01) is longer than MaxLifetime (02:00:00).")]
    public void The_usual_time_is_within_the_limit_or_nothing_starts(string lifetime, string? error)
    {
        var options = new WifiLoginOptions { Lifetime = TimeSpan.Parse(lifetime, CultureInfo.InvariantCulture), MaxLifetime = TimeSpan.FromHours(2) };

        Assert.Equal(error, options.Validate(new(options)).SingleOrDefault()?.ErrorMessage);
    }

    [Fact]
    public async Task Another_login_has_the_same_secret_and_another_secret_the_same_login()
    {
        var first = (await Logins.SetAsync("rover", Home, lifetime: null))!;
        var second = (await Logins.SetAsync("rover", Home with { Name = "Garden" }, lifetime: null))!;
        Assert.Equal(first.Secret, second.Secret);
        Assert.Equal("Garden", (await Logins.FindAsync(first.Secret))!.Name);

        var third = (await Logins.ReplaceSecretAsync("rover"))!;

        Assert.Null(await Logins.FindAsync(first.Secret));
        Assert.Equal("Garden", (await Logins.FindAsync(third.Secret))!.Name);
    }

    [Fact]
    public async Task What_is_withdrawn_and_what_belongs_to_a_deleted_robot_is_gone()
    {
        var left = (await Logins.SetAsync("rover", Home, lifetime: null))!;
        await Logins.WithdrawAsync("rover");
        Assert.Null(await Logins.FindAsync(left.Secret));
        await Logins.SetAsync("rover", Home, lifetime: null);
        Assert.NotNull(await Logins.FindAsync(left.Secret));

        await _platform.Robots.DeleteAsync("rover");

        Assert.Null(await Logins.FindAsync(left.Secret));
        Assert.Null(await Logins.SetAsync("rover", Home, lifetime: null));
        Assert.Null(await Logins.FindForOwnerAsync("rover"));
    }

    /// <summary>An existing robot writes both into a configuration file as they are.</summary>
    [Theory]
    [InlineData("", "correct horse", "wifi_name")]
    [InlineData("123456789012345678901234567890123", "correct horse", "wifi_name")]
    [InlineData("Home\"\n}network={", "correct horse", "wifi_name")]
    [InlineData("Home", "1234567", "wifi_password")]
    [InlineData("Home", "1234567890123456789012345678901234567890123456789012345678901234 ", "wifi_password")]
    [InlineData("Home", "correct\nhorse", "wifi_password")]
    [InlineData("Home", "correct\"horse", "wifi_password")]
    [InlineData("Home", "correct h\u00f6rse", "wifi_password")]
    public async Task What_no_Wi_Fi_can_have_is_refused_by_its_field(string name, string password, string field)
    {
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => Logins.SetAsync("rover", new WifiLogin(name, password), lifetime: null));

        Assert.StartsWith($"{field}: ", refused.Message, StringComparison.Ordinal);
        Assert.Null(await Logins.FindForOwnerAsync("rover"));
    }

    [Theory]
    [InlineData("12345678901234567890123456789012", "12345678")]
    [InlineData("H\u00f6me", "123456789012345678901234567890123456789012345678901234567890123")]
    [InlineData("H", "0123456789abcdefABCDEF78901234567890123456789012345678901234abcd")]
    public async Task The_longest_and_the_shortest_will_do(string name, string password) =>
        Assert.Equal(new WifiLogin(name, password), await Logins.FindAsync((await Logins.SetAsync("rover", new WifiLogin(name, password), lifetime: null))!.Secret));

    [Fact]
    public async Task Neither_the_secret_nor_the_login_can_be_read_in_the_store()
    {
        var left = (await Logins.SetAsync("rover", Home, lifetime: null))!;

        var stored = await _platform.Store.KeptAsync();

        Assert.Contains("rover", stored, StringComparison.Ordinal);
        Assert.DoesNotContain(left.Secret, stored, StringComparison.Ordinal);
        Assert.DoesNotContain(Home.Password, stored, StringComparison.Ordinal);
    }
}

public sealed class WifiLoginsOnSqliteTests() : WifiLoginsTests(StoreKind.Sqlite);

public sealed class WifiLoginsOnPostgresTests() : WifiLoginsTests(StoreKind.Postgres);
