using System.Globalization;

namespace LiveRobot.Platform.Bans;

/// <summary>Somebody is kept away from robots: from watching, driving and chat.</summary>
/// <param name="Id">Its number in the store.</param>
/// <param name="Scope">From what.</param>
/// <param name="Name">Who, as others know them: an account, the name of somebody who has not signed in, or an address.</param>
/// <param name="IsAccount">Whether it is an account; else it is everybody without one at an address.</param>
/// <param name="Reason">For people; may be empty. The banned are told.</param>
/// <param name="MadeBy">The account that made it. The banned are not told.</param>
/// <param name="MadeAt">When.</param>
/// <param name="Until">When it ends by itself; null when it does not.</param>
public sealed record Ban(
    long Id, BanScope Scope, string Name, bool IsAccount, string Reason, string MadeBy, DateTimeOffset MadeAt, DateTimeOffset? Until)
{
    /// <summary>Gets what the banned are told, in a sentence.</summary>
    public string Text
    {
        get
        {
            var from = Scope.Kind switch
            {
                BanScopeKind.Robot => "from this robot",
                BanScopeKind.Owner => "from the robots of this owner",
                _ => "from this site",
            };
            var until = Until is { } end ? string.Create(CultureInfo.InvariantCulture, $" until {end.UtcDateTime:yyyy-MM-dd HH:mm} UTC") : "";
            return $"You are banned {from}{until}{(Reason.Length > 0 ? $": {Reason}" : ".")}";
        }
    }
}

/// <summary>What somebody is banned from.</summary>
/// <param name="Kind">How far the ban reaches.</param>
/// <param name="Subject">The robot's handle or the owner's name; empty for the site.</param>
public readonly record struct BanScope(BanScopeKind Kind, string Subject)
{
    public static BanScope Site { get; } = new(BanScopeKind.Site, "");

    public static BanScope OfRobot(string handle) => new(BanScopeKind.Robot, handle);

    public static BanScope OfOwner(string name) => new(BanScopeKind.Owner, name);
}

/// <summary>How far a ban reaches.</summary>
public enum BanScopeKind
{
    /// <summary>One robot.</summary>
    Robot,

    /// <summary>All robots of an owner, later ones too.</summary>
    Owner,

    /// <summary>Everything: an account is nobody any more, and its own robots are not let in.</summary>
    Site,
}

/// <summary>The words of <see cref="BanScopeKind"/> for clients.</summary>
public static class BanScopeKindWords
{
    public static string ToWire(this BanScopeKind kind) => kind switch
    {
        BanScopeKind.Robot => "robot",
        BanScopeKind.Owner => "owner",
        _ => "site",
    };
}
