using System.Net;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Robots;

namespace LiveRobot.Platform.Bans;

/// <summary>Who is banned from a robot at one moment: for what many are told at once, where asking for each would take a look-up each.</summary>
public sealed class KeptAway
{
    private readonly Robot _robot;
    private readonly HashSet<long> _accounts;
    private readonly HashSet<string> _addresses;

    internal KeptAway(Robot robot, IEnumerable<long> accounts, IEnumerable<string> addresses) =>
        (_robot, _accounts, _addresses) = (robot, [.. accounts], new(addresses, StringComparer.Ordinal));

    /// <summary>Gets whether nobody is.</summary>
    public bool IsEmpty => _accounts.Count == 0 && _addresses.Count == 0;

    /// <summary>Tells whether somebody is: by account, or by address where they have not signed in.</summary>
    public bool Has(Caller caller, IPAddress? address) =>
        !caller.Owns(_robot) && (caller.Account is { } account ? _accounts.Contains(account.Id) : _addresses.Contains(BanTarget.RangeOf(address)));
}
