using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

using WebSockets;

namespace SocketIO.EngineIO;

/// <summary>
/// Encodes packets into one polling body. A packet is given as the frame a WebSocket would carry: text begins with the
/// type as a digit; in protocol 3 binary begins with the type as a number.
/// </summary>
internal static class EngineIOPayloadWriter
{
    public static byte[] Write(IReadOnlyList<WebSocketFrame> packets, EngineIOFraming framing)
    {
        var body = new ArrayBufferWriter<byte>();
        for (var i = 0; i < packets.Count; i++)
        {
            var packet = packets[i];
            switch (framing)
            {
                case EngineIOFraming.Separated:
                    if (i > 0)
                    {
                        body.Write([(byte)0x1E]);
                    }

                    WriteText(body, packet, 4);
                    break;
                case EngineIOFraming.TextLengths:
                    var text = new ArrayBufferWriter<byte>();
                    WriteText(text, packet, 3);
                    // UTF-16 units, though packets of protocol 3 are ASCII when this library makes them.
                    WriteAscii(body, Encoding.UTF8.GetCharCount(text.WrittenSpan));
                    body.Write(":"u8);
                    body.Write(text.WrittenSpan);
                    break;
                default:
                    WriteBinaryLength(body, packet);
                    break;
            }
        }

        return body.WrittenSpan.ToArray();
    }

    private static void WriteText(ArrayBufferWriter<byte> body, WebSocketFrame packet, int version)
    {
        if (packet.IsText)
        {
            body.Write(packet.Payload.Span);
            return;
        }

        // Binary in text: b and base64; protocol 3 puts the type in between.
        var data = packet.Payload.Span;
        body.Write("b"u8);
        if (version == 3)
        {
            body.Write([(byte)(data[0] + '0')]);
            data = data[1..];
        }

        var target = body.GetSpan(Base64.GetMaxEncodedToUtf8Length(data.Length));
        Base64.EncodeToUtf8(data, target, out _, out var written);
        body.Advance(written);
    }

    private static void WriteBinaryLength(ArrayBufferWriter<byte> body, WebSocketFrame packet)
    {
        body.Write([(byte)(packet.IsText ? 0 : 1)]);
        foreach (var digit in packet.Payload.Length.ToString(CultureInfo.InvariantCulture))
        {
            body.Write([(byte)(digit - '0')]);
        }

        body.Write([(byte)0xFF]);
        body.Write(packet.Payload.Span);
    }

    private static void WriteAscii(ArrayBufferWriter<byte> body, int number)
    {
        number.TryFormat(body.GetSpan(11), out var written, default, CultureInfo.InvariantCulture);
        body.Advance(written);
    }
}
