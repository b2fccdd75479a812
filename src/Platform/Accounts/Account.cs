namespace LiveRobot.Platform.Accounts;

/// <summary>Somebody who owns robots, or may come to.</summary>
/// <param name="Id">The number in the store; never shown.</param>
/// <param name="Name">The name, as it was spelt at sign-up. It never changes: existing robots know their owner by it.</param>
/// <param name="IsAdministrator">Whether the account may do everything on this site.</param>
/// <param name="Description">A text about themselves; may be empty.</param>
public sealed record Account(long Id, string Name, bool IsAdministrator, string Description);
