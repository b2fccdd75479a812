namespace LiveRobot.Platform.Bans;

/// <summary>Who is banned from a robot at one moment: for what many are told at once, where asking for each would take a look-up each.</summary>
/// <param name="Accounts">The ids of accounts. Neither the owner nor an administrator is among them.</param>
/// <param name="Addresses">Where those come from who have not signed in, as <see cref="BanTarget.RangeOf"/> writes it.</param>
public sealed record KeptAway(IReadOnlyList<long> Accounts, IReadOnlyList<string> Addresses);
