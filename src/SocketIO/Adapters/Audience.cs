using System.Collections.Immutable;

namespace SocketIO.Adapters;

/// <summary>
/// Which sockets of a namespace are meant: those in any of <paramref name="Rooms"/>, or all when there are none, less
/// those in any of <paramref name="Except"/>. A socket's id is a room that only it is in.
/// </summary>
public readonly record struct Audience(ImmutableArray<string> Rooms, ImmutableArray<string> Except)
{
    /// <summary>Gets all sockets.</summary>
    public static Audience Everyone { get; } = new([], []);
}
