using LiveRobot.Platform.Accounts;

namespace LiveRobot.Platform.Robots;

/// <summary>Who may drive a robot. Whoever may not watch it is never asked about here.</summary>
public static class DriveRights
{
    /// <summary>Tells whether somebody may drive.</summary>
    public static bool MayDrive(Robot robot, Caller caller) =>
        caller.Owns(robot)
        || (!robot.DevMode && robot.Drive switch
        {
            DriveRule.Everyone => robot.AnonymousControl || caller.Account is not null,
            DriveRule.SignedIn => caller.Account is not null,
            DriveRule.Named => IsNamed(robot.Drivers, caller),
            _ => false,
        });

    /// <summary>Tells whether somebody who may not drive could by signing in.</summary>
    public static bool WouldSigningInHelp(Robot robot, Caller caller) =>
        caller.Account is null && !robot.DevMode && robot.Drive is (DriveRule.Everyone or DriveRule.SignedIn);

    /// <summary>Tells whether somebody who may drive may press a button. A command without a button is the owner's alone.</summary>
    public static bool MayPress(Robot robot, PanelButton? button, Caller caller) =>
        caller.Owns(robot)
        || (button is not null && (button.Access is null || IsNamed(button.Access, caller)));

    /// <summary>Tells whether somebody is among those who are named.</summary>
    internal static bool IsNamed(IEnumerable<string> names, Caller caller) =>
        caller.Account is { } account && names.Contains(account.Name, StringComparer.OrdinalIgnoreCase);
}
