using System.Text;
using System.Text.Unicode;

namespace SocketIO.EngineIO;

/// <summary>The framings of several packets in one polling body.</summary>
internal enum EngineIOFraming
{
    /// <summary>Protocol 4: packets separated by the byte 0x1E.</summary>
    Separated,

    /// <summary>Protocol 3 as text: <c>6:4hello2:4€</c>, the length counted in UTF-16 units.</summary>
    TextLengths,

    /// <summary>Protocol 3 as bytes: 0 for text or 1 for binary, the decimal digits of the length in bytes as numbers, 0xFF, the packet.</summary>
    BinaryLengths,
}

/// <summary>Reads the packets of one polling body.</summary>
internal struct EngineIOPayloadReader
{
    private const byte Separator = 0x1E;
    private const int MaxLengthDigits = 10;

    private readonly EngineIOFraming _framing;
    private readonly string _text = "";
    private ReadOnlyMemory<byte> _rest;
    private int _position;
    private bool _isAtEnd;

    public EngineIOPayloadReader(ReadOnlyMemory<byte> body, EngineIOFraming framing)
    {
        _framing = framing;
        _rest = body;
        if (framing == EngineIOFraming.TextLengths)
        {
            // The clients count UTF-16 units (Java, JavaScript, C#), so the text must be seen as such.
            IsMalformed = !Utf8.IsValid(body.Span);
            _text = IsMalformed ? "" : Encoding.UTF8.GetString(body.Span);
        }

        // An empty body holds no packet, which no client sends.
        IsMalformed |= body.IsEmpty;
    }

    /// <summary>Gets whether the body breaks its framing; nothing is read after that.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>Reads the next packet; false at the end of the body or when it is malformed.</summary>
    public bool TryRead(out EngineIOPacket packet)
    {
        packet = default;
        if (IsMalformed || _isAtEnd)
        {
            return false;
        }

        var isRead = _framing switch
        {
            EngineIOFraming.Separated => TryReadSeparated(out packet),
            EngineIOFraming.TextLengths => TryReadTextLength(out packet),
            _ => TryReadBinaryLength(out packet),
        };
        IsMalformed = !isRead;
        return isRead;
    }

    private bool TryReadSeparated(out EngineIOPacket packet)
    {
        var end = _rest.Span.IndexOf(Separator);
        _isAtEnd = end < 0;
        var text = end < 0 ? _rest : _rest[..end];
        _rest = end < 0 ? default : _rest[(end + 1)..];
        packet = default;
        return Utf8.IsValid(text.Span) && EngineIOPacket.TryParseText(text, 4, out packet);
    }

    private bool TryReadTextLength(out EngineIOPacket packet)
    {
        packet = default;
        var text = _text.AsSpan(_position);
        var colon = text.IndexOf(':');
        if (colon is < 1 or > MaxLengthDigits
            || !int.TryParse(text[..colon], System.Globalization.NumberStyles.None, null, out var length)
            || length > text.Length - colon - 1)
        {
            return false;
        }

        var data = text.Slice(colon + 1, length);
        _position += colon + 1 + length;
        _isAtEnd = _position == _text.Length;
        return EngineIOPacket.TryParseText(ToUtf8(data), 3, out packet);
    }

    private bool TryReadBinaryLength(out EngineIOPacket packet)
    {
        packet = default;
        var bytes = _rest.Span;
        var end = bytes.IndexOf((byte)0xFF);
        if (bytes[0] > 1 || end is < 2 or > MaxLengthDigits)
        {
            return false;
        }

        var length = 0L;
        foreach (var digit in bytes[1..end])
        {
            if (digit > 9)
            {
                return false;
            }

            length = (length * 10) + digit;
        }

        if (length > bytes.Length - end - 1)
        {
            return false;
        }

        var data = _rest.Slice(end + 1, (int)length);
        _rest = _rest[(end + 1 + (int)length)..];
        _isAtEnd = _rest.IsEmpty;
        return bytes[0] == 0
            ? Utf8.IsValid(data.Span) && EngineIOPacket.TryParseText(data, 3, out packet)
            : EngineIOPacket.TryParseBinary(data, 3, out packet);
    }

    /// <summary>
    /// Encodes as UTF-8. Clients 1.x encode text twice while polling: what arrives as characters up to U+00FF that are
    /// themselves valid UTF-8 beyond ASCII is such a text.
    /// </summary>
    private static byte[] ToUtf8(ReadOnlySpan<char> text)
    {
        if (text.ContainsAnyExceptInRange('\0', '\x7F') && !text.ContainsAnyExceptInRange('\0', '\xFF'))
        {
            var once = new byte[text.Length];
            Encoding.Latin1.GetBytes(text, once);
            if (Utf8.IsValid(once))
            {
                return once;
            }
        }

        // A length that cuts a surrogate pair leaves halves, which become U+FFFD.
        var utf8 = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, utf8);
        return utf8;
    }
}
