using System.Text;

namespace LiveRobot.Platform.Chat;

/// <summary>What somebody says, made fit to be shown and spoken.</summary>
public static class MessageText
{
    /// <summary>
    /// Takes off the <c>[robot name] </c> that existing viewers put in front, turns line breaks into blanks, and drops
    /// control characters, those of the writing direction among them, and halves of surrogate pairs.
    /// </summary>
    public static string Clean(string message, string robotName)
    {
        var prefix = $"[{robotName}]";
        var text = message.StartsWith(prefix, StringComparison.Ordinal) ? message[prefix.Length..] : message;
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is '\n' or '\r' or '\t')
            {
                clean.Append(' ');
            }
            else if (!Rune.IsControl(rune) && rune != Rune.ReplacementChar && !TurnsText(rune))
            {
                clean.Append(rune);
            }
        }

        return clean.ToString().Trim();
    }

    /// <summary>Controls of the writing direction (UAX #9 section 2), with which a line can be made to read as another.</summary>
    private static bool TurnsText(Rune rune) => rune.Value is (>= 0x202a and <= 0x202e) or (>= 0x2066 and <= 0x2069);
}
