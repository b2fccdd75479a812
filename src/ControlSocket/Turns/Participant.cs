using System.Security.Cryptography;
using System.Text;

using LiveRobot.ControlSocket.Commands;

namespace LiveRobot.ControlSocket.Turns;

/// <summary>
/// Somebody at a robot. Whoever has an account is one participant with all of its sockets; another is recognised by its
/// ticket, or is its socket alone.
/// </summary>
/// <param name="key">What it is recognised by when it comes back. Secret: a ticket may be in it.</param>
/// <param name="number">What the other viewers know it by.</param>
internal sealed class Participant(string key, int number)
{
    private string? _mark;

    public string Key => key;

    public int Number => number;

    /// <summary>Gets what tells it from others without giving <see cref="Key"/> away.</summary>
    public string Mark => _mark ??= Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    /// <summary>Gets its sockets.</summary>
    public HashSet<string> Viewers { get; } = new(StringComparer.Ordinal);

    public Person Person { get; set; } = Person.Anonymous;

    /// <summary>Gets or sets whether it owns the robot, or is an administrator.</summary>
    public bool Owns { get; set; }

    /// <summary>Gets or sets when its last socket went; null while it has one.</summary>
    public TimeSpan? AbsentSince { get; set; }

    /// <summary>Gets or sets until when it may do nothing, because it has flooded the robot.</summary>
    public TimeSpan PausedUntil { get; set; }

    public bool IsPresent => AbsentSince is null;
}
