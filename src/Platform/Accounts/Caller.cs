namespace LiveRobot.Platform.Accounts;

/// <summary>In whose name a request or a socket speaks, as the server has found it.</summary>
/// <param name="Account">The account; null when nobody has signed in.</param>
/// <param name="Proof">What showed it.</param>
/// <param name="Until">When the session that showed it ends by itself; null when none did.</param>
public sealed record Caller(Account? Account, CallerProof Proof, DateTimeOffset? Until = null)
{
    public static Caller Anonymous { get; } = new(null, CallerProof.None);

    /// <summary>Tells whether a robot's owner, or an administrator, speaks.</summary>
    public bool Owns(Robots.Robot robot) => Account is { } account && (account.IsAdministrator || account.Name == robot.Owner);
}

/// <summary>What shows in whose name somebody speaks.</summary>
public enum CallerProof
{
    /// <summary>Nothing: nobody has signed in.</summary>
    None,

    /// <summary>The cookie of somebody who has signed in. It may do everything that the account may.</summary>
    Session,

    /// <summary>An API key. It may change robots, but neither the account nor its keys.</summary>
    ApiKey,
}
