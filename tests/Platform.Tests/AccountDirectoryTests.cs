using LiveRobot.Platform.Accounts;
using LiveRobot.Testing;

namespace LiveRobot.Platform.Tests;

public abstract class AccountDirectoryTests(StoreKind store) : IAsyncDisposable
{
    private const string Password = "correct horse";

    private readonly TestPlatform _platform = new(store);

    private AccountDirectory Accounts => _platform.Get<AccountDirectory>();

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Fact]
    public async Task Who_knows_name_and_password_is_known_and_nobody_else()
    {
        await Accounts.CreateAsync("Alice", Password);

        Assert.Equal("Alice", (await Accounts.VerifyAsync("alice", Password))?.Name);
        Assert.Null(await Accounts.VerifyAsync("alice", "Correct horse"));
        Assert.Null(await Accounts.VerifyAsync("a1ice", Password));
        Assert.Null(await Accounts.VerifyAsync("bob", Password));
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("ALICE")]
    [InlineData("a1ice")]
    public async Task A_name_and_its_look_alikes_are_had_once(string second)
    {
        await Accounts.CreateAsync("alice", Password);

        Assert.Null(await Accounts.CreateAsync(second, Password));
    }

    [Fact]
    public async Task The_name_of_a_deleted_account_is_not_given_again()
    {
        var alice = await Accounts.CreateAsync("alice", Password);
        await _platform.Robots.AddAsync("Rover", "alice");

        await Accounts.DeleteAsync(alice!);

        Assert.Null(await Accounts.FindAsync("alice"));
        Assert.Empty(await _platform.Robots.ListAsync());
        Assert.Null(await Accounts.CreateAsync("Alice", Password));
        await Assert.ThrowsAsync<ArgumentException>(() => _platform.Robots.AddAsync("Rover", "al1ce"));
    }

    [Fact]
    public async Task An_owner_named_on_the_command_line_is_an_account_that_nobody_can_sign_up_as_or_sign_in_to()
    {
        var robot = await _platform.Robots.AddAsync("Rover", "alice");

        Assert.Equal("alice", robot.Owner);
        Assert.Null(await Accounts.CreateAsync("alice", Password));
        Assert.Null(await Accounts.VerifyAsync("alice", ""));

        await Accounts.SetPasswordAsync((await Accounts.FindAsync("alice"))!, Password, keptSession: null);
        Assert.NotNull(await Accounts.VerifyAsync("alice", Password));
    }

    [Fact]
    public async Task A_robot_belongs_to_the_account_as_that_is_spelt()
    {
        await Accounts.CreateAsync("Alice", Password);

        Assert.Equal("Alice", (await _platform.Robots.AddAsync("Rover", "aLICE")).Owner);
    }

    [Fact]
    public async Task A_session_lasts_as_long_as_it_is_set_to_and_ends_at_sign_out()
    {
        var sessions = _platform.Get<Sessions>();
        var alice = (await Accounts.CreateAsync("alice", Password))!;
        var token = await sessions.BeginAsync(alice);
        var other = await sessions.BeginAsync(alice);

        _platform.Clock.Advance(TimeSpan.FromDays(90) - TimeSpan.FromSeconds(1));
        Assert.Equal(alice, (await sessions.FindAsync(token))?.Account);

        await sessions.EndAsync(alice, token);
        Assert.Null(await sessions.FindAsync(token));
        Assert.NotNull(await sessions.FindAsync(other));

        _platform.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await sessions.FindAsync(other));
    }

    [Fact]
    public async Task The_fifty_first_session_ends_the_first()
    {
        var sessions = _platform.Get<Sessions>();
        var alice = (await Accounts.CreateAsync("alice", Password))!;
        var tokens = new List<string>();
        for (var number = 0; number < 50; number++)
        {
            tokens.Add(await sessions.BeginAsync(alice));
        }

        Assert.NotNull(await sessions.FindAsync(tokens[0]));
        tokens.Add(await sessions.BeginAsync(alice));

        Assert.Null(await sessions.FindAsync(tokens[0]));
        Assert.NotNull(await sessions.FindAsync(tokens[1]));
        Assert.NotNull(await sessions.FindAsync(tokens[50]));
    }

    [Fact]
    public async Task A_new_password_ends_every_session_but_the_one_it_was_set_in()
    {
        var sessions = _platform.Get<Sessions>();
        var alice = (await Accounts.CreateAsync("alice", Password))!;
        var (here, elsewhere) = (await sessions.BeginAsync(alice), await sessions.BeginAsync(alice));

        await Accounts.SetPasswordAsync(alice, "battery staple", here);

        Assert.NotNull(await sessions.FindAsync(here));
        Assert.Null(await sessions.FindAsync(elsewhere));
        Assert.Null(await Accounts.VerifyAsync("alice", Password));
        Assert.NotNull(await Accounts.VerifyAsync("alice", "battery staple"));
    }

    [Fact]
    public async Task An_account_has_twenty_API_keys_and_no_more()
    {
        var keys = _platform.Get<ApiKeys>();
        var alice = (await Accounts.CreateAsync("alice", Password))!;
        var secrets = new List<string>();
        for (var number = 1; number <= 20; number++)
        {
            secrets.Add((await keys.AddAsync(alice, $"key {number}"))!.Value.Secret);
        }

        Assert.Null(await keys.AddAsync(alice, "one more"));
        Assert.Equal(20, secrets.Distinct().Count());
        Assert.Equal(alice, await keys.FindAsync(secrets[19]));
    }

    [Fact]
    public async Task The_one_time_code_makes_one_administrator()
    {
        var code = _platform.Get<AdministratorCode>();
        var first = await code.IssueAsync();
        var second = await code.IssueAsync();

        Assert.False(await code.UseAsync(first!));
        Assert.True(await code.UseAsync(second!));
        Assert.False(await code.UseAsync(second!));

        await Accounts.CreateAsync("root", Password, isAdministrator: true);
        Assert.Null(await code.IssueAsync());
    }

    [Fact]
    public async Task Neither_passwords_nor_tokens_nor_keys_nor_codes_can_be_read_in_the_store()
    {
        var alice = (await Accounts.CreateAsync("alice", Password))!;
        var session = await _platform.Get<Sessions>().BeginAsync(alice);
        var (_, key) = (await _platform.Get<ApiKeys>().AddAsync(alice, "scripts"))!.Value;
        var code = await _platform.Get<AdministratorCode>().IssueAsync();

        var stored = await _platform.Store.KeptAsync();

        Assert.Contains("alice", stored, StringComparison.Ordinal);
        foreach (var secret in new[] { Password, session, key, code! })
        {
            Assert.DoesNotContain(secret, stored, StringComparison.Ordinal);
        }
    }
}

public sealed class AccountDirectoryOnSqliteTests() : AccountDirectoryTests(StoreKind.Sqlite);

public sealed class AccountDirectoryOnPostgresTests() : AccountDirectoryTests(StoreKind.Postgres);
