using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace LiveRobot.Platform.Identity;

/// <summary>A colour for each name in chat: the same name always has the same one, readable on a dark page.</summary>
public static class NameColors
{
    /// <summary>Existing viewer apps show who has not signed in like this.</summary>
    public const string Anonymous = "#636363";

    private const double Saturation = 0.65;
    private const double Lightness = 0.68;

    /// <summary>Gives a name's colour as <c>#rrggbb</c>. Case does not count.</summary>
    public static string ColorOf(string name)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(name.ToLowerInvariant()));
        var hue = BitConverter.ToUInt16(digest) * 360.0 / (ushort.MaxValue + 1);
        return string.Create(CultureInfo.InvariantCulture, $"#{Channel(hue, 0):x2}{Channel(hue, 8):x2}{Channel(hue, 4):x2}");
    }

    /// <summary>One channel of a colour given by hue, saturation and lightness (CSS Color 4, section 7.1); 0, 8, 4 are red, green, blue.</summary>
    private static int Channel(double hue, int channel)
    {
        var k = (channel + (hue / 30)) % 12;
        var chroma = Saturation * Math.Min(Lightness, 1 - Lightness);
        return (int)Math.Round(255 * (Lightness - (chroma * Math.Max(-1, Math.Min(Math.Min(k - 3, 9 - k), 1)))));
    }
}
