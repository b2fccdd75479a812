using System.ComponentModel.DataAnnotations;

namespace LiveRobot.Platform.Accounts;

/// <summary>Accounts and who may come by one (configuration section <c>Accounts</c>).</summary>
public sealed class AccountOptions
{
    /// <summary>Gets or sets whether everybody may sign up. Defaults to true; otherwise accounts come from the command line alone.</summary>
    public bool OpenSignUp { get; set; } = true;

    /// <summary>
    /// Gets or sets whether a server without an administrator prints a one-time code at its start, with which one signs
    /// up as one. Defaults to true.
    /// </summary>
    public bool PrintAdministratorCode { get; set; } = true;

    /// <summary>Gets or sets the fewest characters of a password. Defaults to 8 (NIST SP 800-63B, section 3.1.1.2).</summary>
    [Range(8, 100)]
    public int MinPasswordLength { get; set; } = 8;

    /// <summary>Gets or sets how long a sign-in lasts. Defaults to 90 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Gets or sets how many sign-ins of an account last at once; the oldest ends when one more comes. Defaults to 50.</summary>
    [Range(1, 10_000)]
    public int SessionsPerAccount { get; set; } = 50;

    /// <summary>Gets or sets how many API keys an account may have. Defaults to 20.</summary>
    [Range(1, 10_000)]
    public int ApiKeysPerAccount { get; set; } = 20;

    /// <summary>Gets or sets how many robots an account may have; the command line knows no limit. Defaults to 50.</summary>
    [Range(0, 1_000_000)]
    public int RobotsPerAccount { get; set; } = 50;

    /// <summary>Gets or sets how many robots an account may follow. Defaults to 1,000.</summary>
    [Range(0, 1_000_000)]
    public int SubscriptionsPerAccount { get; set; } = 1_000;

    /// <summary>Gets or sets how many sign-ins may be tried at once from one address (IPv6: one /64). Defaults to 20.</summary>
    [Range(1, 1_000_000)]
    public int SignInsPerAddress { get; set; } = 20;

    /// <summary>Gets or sets the time after which the same address may try one more. Defaults to 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan SignInIntervalPerAddress { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how many wrong passwords of one account may be tried at once, wherever from. Defaults to 10.</summary>
    [Range(1, 1_000_000)]
    public int WrongPasswordsPerAccount { get; set; } = 10;

    /// <summary>Gets or sets the time after which one more may be tried. Defaults to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan WrongPasswordInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets how many accounts may be made at once from one address (IPv6: one /64). Defaults to 5.</summary>
    [Range(1, 1_000_000)]
    public int SignUpsPerAddress { get; set; } = 5;

    /// <summary>Gets or sets the time after which the same address may make one more. Defaults to 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "30.00:00:00")]
    public TimeSpan SignUpInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Gets the origins other than the request's own host (<c>https://panel.example.org</c>) from which the session
    /// cookie counts. Defaults to none.
    /// </summary>
    public IList<string> AllowedOrigins { get; } = [];
}
