using System.Buffers.Text;

namespace SocketIO.EngineIO;

/// <summary>One Engine.IO packet. The data belongs to whoever decoded it and is valid while it is handled.</summary>
internal readonly record struct EngineIOPacket(EngineIOPacketType Type, ReadOnlyMemory<byte> Data, bool IsBinary)
{
    /// <summary>
    /// Decodes a text packet: its type as a digit, then its data; or <c>b</c> and base64 for a binary message
    /// (in protocol 3 with the type in between: <c>b4AQID</c>).
    /// </summary>
    public static bool TryParseText(ReadOnlyMemory<byte> text, int version, out EngineIOPacket packet)
    {
        packet = default;
        if (text.IsEmpty)
        {
            return false;
        }

        var first = text.Span[0];
        if (first == (byte)'b')
        {
            return TryParseBase64(text[1..], version, out packet);
        }

        packet = new EngineIOPacket((EngineIOPacketType)first, text[1..], false);
        return IsKnown(packet.Type);
    }

    /// <summary>Decodes a binary packet: in protocol 3 its type as a number, then its data; in protocol 4 always a message.</summary>
    public static bool TryParseBinary(ReadOnlyMemory<byte> bytes, int version, out EngineIOPacket packet)
    {
        packet = default;
        if (version == 4)
        {
            packet = new EngineIOPacket(EngineIOPacketType.Message, bytes, true);
            return true;
        }

        if (bytes.IsEmpty)
        {
            return false;
        }

        packet = new EngineIOPacket((EngineIOPacketType)(bytes.Span[0] + (byte)'0'), bytes[1..], true);
        return bytes.Span[0] <= 6;
    }

    private static bool TryParseBase64(ReadOnlyMemory<byte> base64, int version, out EngineIOPacket packet)
    {
        packet = default;
        var type = EngineIOPacketType.Message;
        if (version == 3)
        {
            if (base64.IsEmpty)
            {
                return false;
            }

            type = (EngineIOPacketType)base64.Span[0];
            base64 = base64[1..];
        }

        var data = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.Length)];
        if (!IsKnown(type)
            || Base64.DecodeFromUtf8(base64.Span, data, out var consumed, out var written) != System.Buffers.OperationStatus.Done
            || consumed != base64.Length)
        {
            return false;
        }

        packet = new EngineIOPacket(type, data.AsMemory(0, written), true);
        return true;
    }

    private static bool IsKnown(EngineIOPacketType type) => type is >= EngineIOPacketType.Open and <= EngineIOPacketType.Noop;
}
