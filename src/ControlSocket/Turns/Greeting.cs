namespace LiveRobot.ControlSocket.Turns;

/// <summary>What somebody who has just come is told, so that it knows what the others have been told before.</summary>
/// <param name="Turns">How the control stands.</param>
/// <param name="Number">By what others know it; null when it is not here.</param>
/// <param name="Pressed">Who presses what.</param>
/// <param name="Obeys">The command that the robot obeys, <c>stop</c> when it obeys none.</param>
/// <param name="Cooldowns">The buttons that nobody can press, and for how long.</param>
internal sealed record Greeting(
    TurnState Turns,
    int? Number,
    IReadOnlyList<(string Command, IReadOnlyCollection<Presser> Pressers)> Pressed,
    string Obeys,
    IReadOnlyList<(string Command, TimeSpan Left)> Cooldowns);
