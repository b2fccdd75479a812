using System.Net;
using System.Text;
using System.Text.Json;

namespace LiveRobot.EndToEnd;

/// <summary>Something that only its owner may see, in every form in which it could slip out.</summary>
public sealed class Secret
{
    private readonly string[] _forms;

    public Secret(string name, string value)
    {
        (Name, Value) = (name, value);
        var bytes = Encoding.UTF8.GetBytes(value);
        _forms =
        [
            .. new[]
            {
                value,
                Uri.EscapeDataString(value),
                WebUtility.UrlEncode(value),
                JsonSerializer.Serialize(value)[1..^1],
                Convert.ToHexString(bytes),
                Convert.ToHexString(bytes).ToLowerInvariant(),
                string.Join('-', bytes.Select(character => character.ToString("X2", System.Globalization.CultureInfo.InvariantCulture))),
            }.Concat(Enumerable.Range(0, 3).SelectMany(before => Base64(bytes, before))).Distinct(),
        ];
    }

    public string Name { get; }

    public string Value { get; }

    /// <summary>Tells whether it stands somewhere in a text, in whatever form.</summary>
    public bool IsIn(string text) => _forms.Any(form => text.Contains(form, StringComparison.Ordinal));

    /// <summary>What base64 makes of it behind one, two or three bytes of something else: the characters that only it determines.</summary>
    private static string[] Base64(byte[] secret, int before)
    {
        var text = Convert.ToBase64String([.. new byte[before], .. secret]);
        var begin = before == 0 ? 0 : before + 1;
        var end = ((before + secret.Length) % 3) switch { 0 => 0, 1 => 3, _ => 2 };
        var own = text[begin..^end];
        return [own, own.Replace('+', '-').Replace('/', '_')];
    }
}
