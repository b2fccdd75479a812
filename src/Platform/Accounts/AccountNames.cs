using System.Text;

using LiveRobot.Platform.Identity;

namespace LiveRobot.Platform.Accounts;

/// <summary>The rules for names of accounts.</summary>
public static class AccountNames
{
    /// <summary>The fewest characters of a name, by the rule of existing viewer apps.</summary>
    public const int MinLength = 3;

    /// <summary>The most characters of a name, by the same rule.</summary>
    public const int MaxLength = 15;

    /// <summary>
    /// Names that mean something else where names of people stand: a chat room, the senders of system lines, and what
    /// existing viewers find at <c>/api/v1/accounts/…</c> beside accounts.
    /// </summary>
    private static readonly HashSet<string> Reserved = new(
        ["global", "letsbot", "adminbot", "admin", "system", "server", "liverobot", "robots", "subscribe", "unsubscribe"], StringComparer.Ordinal);

    /// <summary>Tells what is wrong with a name, in a sentence for people; null when it may be had.</summary>
    public static string? Check(string? name)
    {
        if (name is null || !IsWellFormed(name))
        {
            return $"A name has {MinLength} to {MaxLength} letters (A-Z, a-z), digits, '_' or '-'.";
        }

        var skeleton = Skeleton(name);
        if (skeleton.StartsWith(Skeleton(AnonymousNames.Prefix), StringComparison.Ordinal) || Reserved.Any(reserved => skeleton == Skeleton(reserved)))
        {
            return "This name is reserved.";
        }

        return skeleton.Length == 0 ? "A name has a letter or a digit." : null;
    }

    /// <summary>Tells whether a name has the form of names: 3 to 15 of <c>A-Z a-z 0-9 _ -</c>.</summary>
    public static bool IsWellFormed(string name) =>
        name.Length is >= MinLength and <= MaxLength
        && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-');

    /// <summary>
    /// Folds a name to what the eye takes it for; two accounts never have the same skeleton. Case, <c>_</c> and <c>-</c>
    /// do not count; <c>0</c> is <c>o</c>; <c>1</c> and <c>i</c> are <c>l</c>; <c>2</c> is <c>z</c>; <c>5</c> is <c>s</c>; <c>8</c> is
    /// <c>b</c>; <c>m</c> is <c>rn</c>; <c>w</c> is <c>vv</c>; <c>d</c> is <c>cl</c>: the wider letter becomes the narrower ones, so
    /// that <c>vw</c> and <c>wv</c> are one. (After the skeletons of Unicode Technical Standard 39, section 4, for the few
    /// characters that names are made of.)
    /// </summary>
    public static string Skeleton(string name) => Fold(name).Replace("m", "rn", StringComparison.Ordinal).Replace("w", "vv", StringComparison.Ordinal).Replace("d", "cl", StringComparison.Ordinal);

    /// <summary>Folds what one character is taken for.</summary>
    internal static string Fold(string name)
    {
        var folded = new StringBuilder(name.Length);
        foreach (var character in name)
        {
            switch (char.ToLowerInvariant(character))
            {
                case '_' or '-':
                    break;
                case '0':
                    folded.Append('o');
                    break;
                case '1' or 'i':
                    folded.Append('l');
                    break;
                case '2':
                    folded.Append('z');
                    break;
                case '5':
                    folded.Append('s');
                    break;
                case '8':
                    folded.Append('b');
                    break;
                case var other:
                    folded.Append(other);
                    break;
            }
        }

        return folded.ToString();
    }
}
