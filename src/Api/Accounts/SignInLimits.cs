using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Limits;

using Microsoft.Extensions.Options;

namespace LiveRobot.Api.Accounts;

/// <summary>How often somebody may try to sign in and to sign up.</summary>
internal sealed class SignInLimits(IOptions<AccountOptions> options, TimeProvider clock)
{
    private readonly KeyedRate _signInsOfAddress = new(options.Value.SignInsPerAddress, options.Value.SignInIntervalPerAddress, clock);
    private readonly KeyedRate _wrongPasswordsOfAccount = new(options.Value.WrongPasswordsPerAccount, options.Value.WrongPasswordInterval, clock);
    private readonly KeyedRate _signUpsOfAddress = new(options.Value.SignUpsPerAddress, options.Value.SignUpInterval, clock);

    /// <summary>Counts a sign-in before it is checked. Null when it may be; else how long to wait.</summary>
    public TimeSpan? TakeSignIn(HttpContext context, string name) =>
        _signInsOfAddress.Take(AddressOf(context)) ?? _wrongPasswordsOfAccount.Take(KeyOf(name));

    /// <summary>Counts a password that somebody signed in gives once more. Null when it may be checked.</summary>
    public TimeSpan? TakePassword(Account account) => _wrongPasswordsOfAccount.Take(KeyOf(account.Name));

    /// <summary>The password was right: it does not count against the account.</summary>
    public void PasswordWasRight(Account account) => _wrongPasswordsOfAccount.GiveBack(KeyOf(account.Name));

    /// <summary>Counts a sign-up. Null when it may be; else how long to wait.</summary>
    public TimeSpan? TakeSignUp(HttpContext context) => _signUpsOfAddress.Take(AddressOf(context));

    /// <summary>Nobody has come of the sign-up: it does not count.</summary>
    public void SignUpCameToNothing(HttpContext context) => _signUpsOfAddress.GiveBack(AddressOf(context));

    private static string AddressOf(HttpContext context) => AddressRange.Of(context.Connection.RemoteIpAddress).ToString();

    // Whether there is such an account makes no difference. What cannot be a name is one key.
    private static string KeyOf(string name) => AccountNames.IsWellFormed(name) ? name.ToLowerInvariant() : "";
}
