using System.Globalization;
using System.Text;

namespace LiveRobot.RobotClient.Text;

/// <summary>
/// Strangers' text made fit to be shown: on a terminal, where control characters are commands, and in the picture.
/// </summary>
internal static class Printable
{
    /// <summary>
    /// Replaces control, format and unassigned characters, line ends and broken surrogates by a blank, and cuts what
    /// is longer than <paramref name="mostCharacters"/> Unicode characters, with an ellipsis as the last of them.
    /// </summary>
    public static string From(string text, int mostCharacters)
    {
        var shown = new StringBuilder(Math.Min(text.Length, mostCharacters));
        var count = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (++count > mostCharacters)
            {
                return WithoutLast(shown).Append('…').ToString();
            }

            shown.Append(IsShown(rune) ? rune.ToString() : " ");
        }

        return shown.ToString();
    }

    private static bool IsShown(Rune rune) =>
        rune != Rune.ReplacementChar && Rune.GetUnicodeCategory(rune) is not (
            UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static StringBuilder WithoutLast(StringBuilder text)
    {
        var length = text.Length > 1 && char.IsLowSurrogate(text[^1]) ? 2 : 1;
        return text.Remove(text.Length - length, length);
    }
}
