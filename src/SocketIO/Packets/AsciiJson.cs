using System.Buffers;
using System.Text;

namespace SocketIO.Packets;

/// <summary>Escapes JSON for clients that take UTF-8 for Latin-1.</summary>
internal static class AsciiJson
{
    /// <summary>
    /// Writes every character beyond ASCII as <c>\uXXXX</c>. In valid JSON such a character stands inside a string, so
    /// nothing of the structure need be known. Gives back the same array when there is none.
    /// </summary>
    public static byte[] Escape(byte[] json)
    {
        if (Ascii.IsValid(json))
        {
            return json;
        }

        var escaped = new ArrayBufferWriter<byte>(json.Length * 2);
        var rest = json.AsSpan();
        Span<char> units = stackalloc char[2];
        while (!rest.IsEmpty)
        {
            var ascii = rest.IndexOfAnyExceptInRange((byte)0, (byte)0x7F);
            if (ascii < 0)
            {
                escaped.Write(rest);
                break;
            }

            escaped.Write(rest[..ascii]);
            Rune.DecodeFromUtf8(rest[ascii..], out var rune, out var consumed);
            foreach (var unit in units[..rune.EncodeToUtf16(units)])
            {
                escaped.Write("\\u"u8);
                ((int)unit).TryFormat(escaped.GetSpan(4), out var written, "x4");
                escaped.Advance(written);
            }

            rest = rest[(ascii + consumed)..];
        }

        return escaped.WrittenSpan.ToArray();
    }
}
