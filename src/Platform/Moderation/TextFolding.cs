using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace LiveRobot.Platform.Moderation;

/// <summary>
/// What the eye takes a text for. The tables are small and of our own: the runtime knows no forms of letters here, because
/// it runs without the system's globalization library.
/// </summary>
internal static class TextFolding
{
    /// <summary>
    /// For each Latin letter, what is taken for it: with accents (after UAX #15, compatibility decomposition), and of other
    /// alphabets and digits (after the confusables of Unicode Technical Standard 39), lower case.
    /// </summary>
    private static readonly (string Letter, string TakenForIt)[] Families =
    [
        ("a", "4ªàáâãäåāăąǎǟǡǻȁȃȧạảấầẩẫậắằẳẵặḁɑаαάἀἁ"),
        ("b", "8ḃḅḇɓвьβ"),
        ("c", "çćĉċčḉȼсϲ"),
        ("d", "đďḋḍḏḑḓɗԁ"),
        ("e", "3èéêëēĕėęěȅȇȩẹẻẽếềểễệḕḗḙḛḝеёєεέѐ"),
        ("f", "ƒḟ"),
        ("g", "9ĝğġģǧǵḡɡ"),
        ("h", "ĥħȟḣḥḧḩḫһн"),
        ("i", "1lìíîïĩīĭįıǐȉȋḭḯỉịĺļľŀłḷḹḻḽіїιίϊӏⅼ"),
        ("j", "ĵǰјϳ"),
        ("k", "ķǩḱḳḵкκ"),
        ("m", "ḿṁṃм"),
        ("n", "ñńņňŋǹṅṇṉṋпη"),
        ("o", "0ºòóôõöøōŏőơǒǫǭǿȍȏȫȭȯȱọỏốồổỗộớờởỡợṍṏṑṓоοόօ"),
        ("p", "ṕṗрρ"),
        ("r", "ŕŗřȑȓṙṛṝṟ"),
        ("s", "5śŝşšșṡṣṥṧṩѕſ"),
        ("t", "7ţťŧțṫṭṯṱẗтτ"),
        ("u", "ùúûüũūŭůűųưǔǖǘǚǜȕȗụủứừửữựṳṵṷṹṻυύս"),
        ("v", "ṽṿνѵ"),
        ("w", "ŵẁẃẅẇẉẘԝωώ"),
        ("x", "ẋẍхχ"),
        ("y", "ýÿŷȳẏẙỳỵỷỹуўγ"),
        ("z", "źżžẑẓẕ"),
        ("ae", "æǽǣ"),
        ("oe", "œ"),
        ("ss", "ß"),
    ];

    private static readonly FrozenDictionary<int, string> Letters = Families
        .SelectMany(family => family.TakenForIt.EnumerateRunes().Select(rune => KeyValuePair.Create(rune.Value, family.Letter)))
        .ToFrozenDictionary();

    /// <summary>
    /// Gives the characters that can be seen, without accents that stand apart, in their plain form: those of full width,
    /// in circles, and of mathematics are letters, digits and signs as any.
    /// </summary>
    public static IEnumerable<Rune> Plain(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsInvisible(rune))
            {
                yield return PlainForm(rune);
            }
        }
    }

    /// <summary>The letter, or letters, that a plain character is taken for; itself when it is like no other.</summary>
    public static string LookAlike(Rune rune)
    {
        var lower = Rune.ToLowerInvariant(rune);
        return Letters.GetValueOrDefault(lower.Value) ?? lower.ToString();
    }

    private static bool IsInvisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.SpacingCombiningMark
            or UnicodeCategory.Format or UnicodeCategory.Control or UnicodeCategory.ModifierLetter
        || rune.Value is 0x115f or 0x1160 or 0x3164 or 0xffa0 or 0x2800;

    private static Rune PlainForm(Rune rune) => rune.Value switch
    {
        0x3000 => new Rune(' '),
        0x3002 or 0xff61 or 0x2024 => new Rune('.'),
        >= 0xff01 and <= 0xff5e and var full => new Rune(full - 0xff01 + '!'),
        >= 0x249c and <= 0x24b5 and var parenthesized => new Rune(parenthesized - 0x249c + 'a'),
        >= 0x24b6 and <= 0x24cf and var circled => new Rune(circled - 0x24b6 + 'a'),
        >= 0x24d0 and <= 0x24e9 and var circled => new Rune(circled - 0x24d0 + 'a'),
        >= 0x1f130 and <= 0x1f149 and var squared => new Rune(squared - 0x1f130 + 'a'),
        >= 0x1f150 and <= 0x1f169 and var circled => new Rune(circled - 0x1f150 + 'a'),
        >= 0x1f170 and <= 0x1f189 and var squared => new Rune(squared - 0x1f170 + 'a'),
        >= 0x1f1e6 and <= 0x1f1ff and var indicator => new Rune(indicator - 0x1f1e6 + 'a'),

        // Alphabets of 26 letters, a capital one and a small one in turn; digits ten at a time.
        >= 0x1d400 and <= 0x1d6a3 and var letter => new Rune(((letter - 0x1d400) % 26) + 'a'),
        >= 0x1d7ce and <= 0x1d7ff and var digit => new Rune(((digit - 0x1d7ce) % 10) + '0'),
        _ => rune,
    };
}
