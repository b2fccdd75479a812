using System.Globalization;
using System.Text;

using WebSockets;

namespace SocketIO.Packets;

/// <summary>Encodes Socket.IO packets as Engine.IO message packets: <c>4</c>, then the packet; each attachment as a binary message behind it.</summary>
internal static class PacketEncoder
{
    private const int MaxDigits = 20;

    /// <summary>Encodes a packet. A negative id means none; with attachments the type becomes its binary sister.</summary>
    public static WebSocketFrame[] Encode(
        SocketIOPacketType type, string @namespace, long id, ReadOnlySpan<byte> json, int engineIOVersion, IReadOnlyList<ReadOnlyMemory<byte>> attachments)
    {
        if (attachments.Count > 0)
        {
            type = type == SocketIOPacketType.Ack ? SocketIOPacketType.BinaryAck : SocketIOPacketType.BinaryEvent;
        }

        var frames = new WebSocketFrame[1 + attachments.Count];
        frames[0] = EncodeText(type, @namespace, attachments.Count, id, json);
        for (var i = 0; i < attachments.Count; i++)
        {
            frames[i + 1] = EncodeAttachment(attachments[i], engineIOVersion);
        }

        return frames;
    }

    /// <summary>Encodes a packet without attachments. A negative id means none.</summary>
    public static WebSocketFrame Encode(SocketIOPacketType type, string @namespace, long id, ReadOnlySpan<byte> json) =>
        EncodeText(type, @namespace, 0, id, json);

    private static WebSocketFrame EncodeAttachment(ReadOnlyMemory<byte> attachment, int engineIOVersion) => engineIOVersion == 4
        ? WebSocketFrame.Binary(attachment.Span)
        : WebSocketFrame.Create(text: false, attachment.Length + 1, attachment, static (payload, attachment) =>
        {
            // Protocol 3 puts the type before the data, as a number.
            payload[0] = 4;
            attachment.Span.CopyTo(payload[1..]);
        });

    private static WebSocketFrame EncodeText(SocketIOPacketType type, string @namespace, int attachments, long id, ReadOnlySpan<byte> json)
    {
        Span<byte> countDigits = stackalloc byte[MaxDigits];
        Span<byte> idDigits = stackalloc byte[MaxDigits];
        var count = WriteNumber(countDigits, attachments > 0 ? attachments : -1);
        var ack = WriteNumber(idDigits, id);
        var nameBytes = @namespace == "/" ? 0 : Encoding.UTF8.GetByteCount(@namespace) + 1;
        return WebSocketFrame.Create(
            text: true,
            2 + (count.IsEmpty ? 0 : count.Length + 1) + nameBytes + ack.Length + json.Length,
            new Parts(type, count, @namespace, nameBytes, ack, json),
            static (payload, parts) =>
            {
                payload[0] = (byte)'4';
                payload[1] = (byte)parts.Type;
                var position = 2;
                if (!parts.Attachments.IsEmpty)
                {
                    parts.Attachments.CopyTo(payload[position..]);
                    position += parts.Attachments.Length;
                    payload[position++] = (byte)'-';
                }

                if (parts.NameBytes > 0)
                {
                    position += Encoding.UTF8.GetBytes(parts.Namespace, payload[position..]);
                    payload[position++] = (byte)',';
                }

                parts.Id.CopyTo(payload[position..]);
                parts.Json.CopyTo(payload[(position + parts.Id.Length)..]);
            });
    }

    private static ReadOnlySpan<byte> WriteNumber(Span<byte> digits, long number) =>
        number >= 0 && number.TryFormat(digits, out var written, default, CultureInfo.InvariantCulture) ? digits[..written] : default;

    private readonly ref struct Parts(
        SocketIOPacketType type, ReadOnlySpan<byte> attachments, string @namespace, int nameBytes, ReadOnlySpan<byte> id, ReadOnlySpan<byte> json)
    {
        public SocketIOPacketType Type { get; } = type;
        public ReadOnlySpan<byte> Attachments { get; } = attachments;
        public string Namespace { get; } = @namespace;
        public int NameBytes { get; } = nameBytes;
        public ReadOnlySpan<byte> Id { get; } = id;
        public ReadOnlySpan<byte> Json { get; } = json;
    }
}
