using LiveRobot.Platform.Accounts;

namespace LiveRobot.ControlSocket.Commands;

/// <summary>Who presses a key, in the words of the server.</summary>
/// <param name="User">The name of the account; empty when there is none.</param>
/// <param name="IsAnonymous">Whether nobody has signed in.</param>
internal sealed record Person(string User, bool IsAnonymous)
{
    public static Person Anonymous { get; } = new("", true);

    public static Person Of(Caller caller) => caller.Account is { } account ? new Person(account.Name, false) : Anonymous;
}
