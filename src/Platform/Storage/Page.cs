namespace LiveRobot.Platform.Storage;

/// <summary>A part of a long list, the newest first.</summary>
/// <param name="Items">At most <see cref="Page.Size"/> of them.</param>
/// <param name="Next">Before what the next part begins; null: there is none.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, long? Next);

/// <summary>How long lists are cut, and what is looked for in them.</summary>
public static class Page
{
    /// <summary>The most items of a part.</summary>
    public const int Size = 50;

    /// <summary>Makes a part of what was asked for with a limit of one more than <see cref="Size"/>, so that it is known whether there is more.</summary>
    public static Page<T> Of<T>(IReadOnlyList<T> asked, Func<T, long> idOf) =>
        asked.Count > Size ? new([.. asked.Take(Size)], idOf(asked[Size - 1])) : new(asked, null);

    /// <summary>What finds a text anywhere in a name by <c>lower(name) LIKE … ESCAPE '\'</c>; what has a meaning there, is looked for as it stands.</summary>
    internal static string Pattern(string? sought) =>
        $"%{(sought ?? "").Trim().ToLowerInvariant().Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal)}%";
}
