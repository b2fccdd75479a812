using System.Text;
using System.Text.Json;

namespace SocketIO.Packets;

/// <summary>
/// The header of one Socket.IO packet, as it stands in an Engine.IO message:
/// <c>type [attachments -] [/namespace ,] [ack id] [JSON]</c>.
/// </summary>
internal readonly struct SocketIOPacket
{
    private const int MaxIdDigits = 18;
    private const int MaxAttachmentDigits = 9;

    public required SocketIOPacketType Type { get; init; }

    /// <summary>Gets the number of binary messages that follow.</summary>
    public required int Attachments { get; init; }

    /// <summary>Gets the namespace, <c>/</c> when the packet names none; a query of clients 1.x and 2.x is cut off.</summary>
    public required string Namespace { get; init; }

    /// <summary>Gets the ack id, -1 without one.</summary>
    public required long Id { get; init; }

    /// <summary>Gets the JSON, not yet looked at; empty without any.</summary>
    public required ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>Reads the header. False when it is malformed; the JSON is not checked.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> data, out SocketIOPacket packet)
    {
        packet = default;
        var bytes = data.Span;
        if (bytes.IsEmpty)
        {
            return false;
        }

        var type = (SocketIOPacketType)bytes[0];
        if (type is < SocketIOPacketType.Connect or > SocketIOPacketType.BinaryAck)
        {
            return false;
        }

        var position = 1;
        var attachments = 0L;
        if (type is SocketIOPacketType.BinaryEvent or SocketIOPacketType.BinaryAck)
        {
            attachments = ReadNumber(bytes, ref position, MaxAttachmentDigits);
            if (attachments < 0 || position >= bytes.Length || bytes[position] != (byte)'-')
            {
                return false;
            }

            position++;
        }

        var name = "/";
        if (position < bytes.Length && bytes[position] == (byte)'/')
        {
            var rest = bytes[position..];
            var comma = rest.IndexOf((byte)',');
            var end = comma < 0 ? rest.Length : comma;
            var query = rest[..end].IndexOf((byte)'?');
            name = Encoding.UTF8.GetString(rest[..(query < 0 ? end : query)]);
            position += comma < 0 ? end : end + 1;
        }

        var id = ReadNumber(bytes, ref position, MaxIdDigits);
        packet = new SocketIOPacket
        {
            Type = type,
            Attachments = (int)attachments,
            Namespace = name,
            Id = id,
            Json = data[position..],
        };
        return (packet.Type is not (SocketIOPacketType.Ack or SocketIOPacketType.BinaryAck) || id >= 0)
            && (position == bytes.Length || bytes[position] is not (>= (byte)'0' and <= (byte)'9'));
    }

    /// <summary>
    /// Finds the name and the arguments in an event's JSON array. The array is changed in place: the arguments become
    /// an array of their own in its tail. False when it is not an array that begins with a name.
    /// </summary>
    public static bool TryReadEvent(Memory<byte> json, Span<char> nameBuffer, out ReadOnlySpan<char> name, out Memory<byte> arguments, out int count)
    {
        name = default;
        arguments = default;
        count = 0;
        try
        {
            var reader = new Utf8JsonReader(json.Span);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray
                || !reader.Read() || reader.TokenType is not (JsonTokenType.String or JsonTokenType.Number))
            {
                return false;
            }

            if (reader.TokenType == JsonTokenType.String)
            {
                name = reader.ValueSpan.Length <= nameBuffer.Length ? nameBuffer[..reader.CopyString(nameBuffer)] : reader.GetString();
            }
            else
            {
                name = Encoding.UTF8.GetString(reader.ValueSpan);
            }

            var afterName = (int)reader.BytesConsumed;
            if (!TryCountElements(ref reader, out count))
            {
                return false;
            }

            var comma = json.Span[afterName..].IndexOf((byte)',');
            if (count == 0)
            {
                // What follows the name is only white space and the bracket.
                comma = json.Length - afterName - 2;
                json.Span[^1] = (byte)']';
                json.Span[^2] = (byte)'[';
            }
            else
            {
                json.Span[afterName + comma] = (byte)'[';
            }

            arguments = json[(afterName + comma)..];
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Checks that JSON is one array, for an acknowledgement.</summary>
    public static bool IsArray(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            return reader.Read() && reader.TokenType == JsonTokenType.StartArray && TryCountElements(ref reader, out _);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Counts the elements up to the end of the array the reader is in, which must be the end of the JSON.</summary>
    private static bool TryCountElements(ref Utf8JsonReader reader, out int count)
    {
        count = 0;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndArray)
            {
                return !reader.Read();
            }

            reader.Skip();
            count++;
        }

        return false;
    }

    private static long ReadNumber(ReadOnlySpan<byte> bytes, ref int position, int maxDigits)
    {
        var number = -1L;
        for (var digits = 0; digits < maxDigits && position < bytes.Length && bytes[position] is >= (byte)'0' and <= (byte)'9'; digits++)
        {
            number = (Math.Max(number, 0) * 10) + (bytes[position++] - '0');
        }

        return number;
    }
}
