using System.Text;
using System.Text.RegularExpressions;

namespace LiveRobot.Platform.Moderation;

/// <summary>Finds links in lines of chat: what begins with a scheme, and what reads as the name of a host.</summary>
public static partial class Links
{
    /// <summary>Tells whether a text has a link in it. Dot-messages to robots have none; two sentences without a blank between them do.</summary>
    public static bool IsIn(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var rune in TextFolding.Plain(text))
        {
            plain.Append(rune);
        }

        return Link().IsMatch(plain.ToString());
    }

    /// <summary>A scheme (RFC 3986, section 3.1), an address of IPv4, or labels (RFC 1034, section 3.1) of which the last has two letters or more.</summary>
    [GeneratedRegex(@"[a-z0-9]://\S|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])|(?<![\p{L}\p{N}-])[\p{L}\p{N}][\p{L}\p{N}-]*(?:\.[\p{L}\p{N}-]+)*\.(?:\p{L}{2,}|xn--[a-z0-9-]+)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Link();
}
