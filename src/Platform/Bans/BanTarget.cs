using System.Net;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Limits;

namespace LiveRobot.Platform.Bans;

/// <summary>Who is to be banned: an account, or who comes without one from an address.</summary>
public sealed record BanTarget
{
    private BanTarget(string name, Account? account, string? address) => (Name, Account, Address) = (name, account, address);

    /// <summary>Gets who it is, as the person who bans knows them.</summary>
    public string Name { get; }

    /// <summary>Gets the account, if it is one.</summary>
    public Account? Account { get; }

    /// <summary>Gets the address otherwise, as <see cref="RangeOf"/> writes it.</summary>
    public string? Address { get; }

    /// <summary>Gets the line of chat that they are banned for, as far as one is known.</summary>
    public string Said { get; init; } = "";

    public static BanTarget Of(Account account) => new(account.Name, account, address: null);

    public static BanTarget Of(IPAddress address) => new(RangeOf(address), account: null, RangeOf(address));

    /// <summary>Somebody who has not signed in, whose address the person who bans does not learn.</summary>
    public static BanTarget OfAnonymous(string name, string range) => new(name, account: null, range);

    /// <summary>What counts as one address: one of IPv4, and a home's network of IPv6 (/64).</summary>
    public static string RangeOf(IPAddress? address) => AddressRange.Of(address).ToString();
}
