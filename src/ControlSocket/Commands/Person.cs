namespace LiveRobot.ControlSocket.Commands;

/// <summary>Who presses a key, in the words of the server.</summary>
/// <param name="Name">The name before others: that of the account or, where nobody has signed in, the one that chat gives them too; empty for nobody in particular.</param>
/// <param name="IsAnonymous">Whether nobody has signed in.</param>
internal sealed record Person(string Name, bool IsAnonymous)
{
    public static Person Anonymous { get; } = new("", true);

    /// <summary>Gets the name as robots are told it: existing ones expect none where nobody has signed in.</summary>
    public string User => IsAnonymous ? "" : Name;
}
