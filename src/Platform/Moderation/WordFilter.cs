using System.Text;

namespace LiveRobot.Platform.Moderation;

/// <summary>
/// Finds words in lines of chat, however they are disguised: by case, forms of letters, accents, characters that nobody
/// sees, digits and letters of other alphabets that look like Latin ones (<see cref="TextFolding"/>), and something
/// between each two letters.
/// </summary>
/// <remarks>
/// Whole words are compared, so that a word inside another is not found; several words in a row are found in a row. It
/// keeps the careless and the playful out, not who makes up another word.
/// </remarks>
public sealed class WordFilter
{
    private readonly string[][] _sought;

    public WordFilter(IEnumerable<string> words) => _sought = [.. words.Select(word => Tokens(word, signsAreLetters: false)).Where(tokens => tokens.Length > 0)];

    /// <summary>Tells whether a word says anything that can be compared.</summary>
    public static bool IsWord(string word) => Tokens(word, signsAreLetters: false).Length > 0;

    /// <summary>Tells whether one of the words is in a text.</summary>
    public bool Finds(string text)
    {
        if (_sought.Length == 0)
        {
            return false;
        }

        // A sign may stand for a letter or between two words; so may a blank between each two letters.
        foreach (var tokens in new[] { Tokens(text, signsAreLetters: false), Tokens(text, signsAreLetters: true) })
        {
            var joined = JoinLetters(tokens);
            if (_sought.Any(word => IsIn(word, tokens) || IsIn(word, joined)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Gives the text as it is compared: folded letters and digits, cut where there are none.</summary>
    private static string[] Tokens(string text, bool signsAreLetters)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var rune in TextFolding.Plain(text))
        {
            folded.Append(
                rune.Value switch
                {
                    '@' when signsAreLetters => "a",
                    '$' when signsAreLetters => "s",
                    '!' or '|' when signsAreLetters => "i",
                    '+' when signsAreLetters => "t",
                    _ => Rune.IsLetterOrDigit(rune) ? TextFolding.LookAlike(rune) : " ",
                });
        }

        return folded.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Makes one word of letters that stand alone in a row: <c>b a d</c>.</summary>
    private static string[] JoinLetters(string[] tokens)
    {
        var joined = new List<string>(tokens.Length);
        var letters = new StringBuilder();
        foreach (var token in tokens)
        {
            if (token.Length == 1)
            {
                letters.Append(token);
                continue;
            }

            TakeLetters();
            joined.Add(token);
        }

        TakeLetters();
        return [.. joined];

        void TakeLetters()
        {
            if (letters.Length > 0)
            {
                joined.Add(letters.ToString());
                letters.Clear();
            }
        }
    }

    private static bool IsIn(string[] word, string[] tokens)
    {
        for (var start = 0; start + word.Length <= tokens.Length; start++)
        {
            if (tokens.AsSpan(start, word.Length).SequenceEqual(word))
            {
                return true;
            }
        }

        return false;
    }
}
