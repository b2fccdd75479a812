using LiveRobot.ControlSocket.Commands;
using LiveRobot.Platform.Control;

namespace LiveRobot.ControlSocket.Turns;

/// <summary>How the control of a robot stands, as all its viewers may see it.</summary>
/// <param name="Rules">The owner's rules.</param>
/// <param name="Exclusive">The name of who has exclusive control; null: nobody has it.</param>
/// <param name="ExclusiveNumber">The number of who has it; null: nobody who is here.</param>
/// <param name="ExclusiveEndsIn">The time left of it; null: until the owner ends it.</param>
/// <param name="IsVideoStalled">Whether driving waits for the picture.</param>
/// <param name="Driver">Whose turn it is.</param>
/// <param name="TurnEndsIn">The time left of the turn; null: until somebody else wants one.</param>
/// <param name="Line">Who waits, in order.</param>
internal sealed record TurnState(
    ControlRules Rules,
    string? Exclusive,
    int? ExclusiveNumber,
    TimeSpan? ExclusiveEndsIn,
    bool IsVideoStalled,
    Place? Driver,
    TimeSpan? TurnEndsIn,
    IReadOnlyList<Place> Line);

/// <summary>A participant, as others see it.</summary>
/// <param name="Number">Tells it from others without a name.</param>
/// <param name="Person">Who it is.</param>
/// <param name="IsPresent">False: its connection is lost, and its place kept for a moment.</param>
internal sealed record Place(int Number, Person Person, bool IsPresent)
{
    public static Place Of(Participant participant) => new(participant.Number, participant.Person, participant.IsPresent);
}
