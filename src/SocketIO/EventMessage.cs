using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

using SocketIO.Packets;

using WebSockets;

namespace SocketIO;

/// <summary>
/// An event that has been serialized once and can be sent to any number of sockets. Immutable.
/// Clients of protocol revision 4 (Socket.IO 1.x and 2.x) get it with every character beyond ASCII escaped.
/// </summary>
public sealed class EventMessage
{
    private const int MaxStackBytes = 1024;

    internal static readonly JsonSerializerOptions Serializer = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = null,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Names that clients keep for themselves.</summary>
    internal static readonly string[] ReservedNames = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

    private static readonly JsonWriterOptions Writer = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Most forwarded events have one name, which need not be encoded each time.</summary>
    private static volatile EncodedName? _lastName;

    /// <summary>The packet for the root namespace on protocol 4, which most sockets get. The JSON is its end.</summary>
    private readonly WebSocketFrame _packet;
    private readonly int _jsonBytes;
    private readonly IReadOnlyList<ReadOnlyMemory<byte>> _attachments;

    /// <summary>That packet with the attachments; null without any.</summary>
    private readonly WebSocketFrame[]? _packetAndAttachments;

    /// <summary>The same for others, made when one of them is addressed.</summary>
    private volatile OtherForms? _others;

    private EventMessage(ReadOnlySpan<byte> json, IReadOnlyList<ReadOnlyMemory<byte>> attachments)
    {
        _jsonBytes = json.Length;
        _attachments = attachments;
        if (attachments.Count == 0)
        {
            _packet = PacketEncoder.Encode(SocketIOPacketType.Event, "/", -1, json);
        }
        else
        {
            _packetAndAttachments = PacketEncoder.Encode(SocketIOPacketType.Event, "/", -1, json, engineIOVersion: 4, attachments);
            _packet = _packetAndAttachments[0];
        }
    }

    /// <summary>Makes an event with one argument, serialized by System.Text.Json with its web defaults and names as declared.</summary>
    /// <exception cref="ArgumentException">Clients keep the name for themselves (<c>connect</c>, <c>disconnect</c>, …).</exception>
    public static EventMessage Create<T>(string name, T argument)
    {
        var json = Begin(name, out var writer);
        JsonSerializer.Serialize(writer, argument, Serializer);
        return End(json, writer);
    }

    /// <summary>Makes an event without arguments.</summary>
    /// <exception cref="ArgumentException">Clients keep the name for themselves (<c>connect</c>, <c>disconnect</c>, …).</exception>
    public static EventMessage Create(string name) => End(Begin(name, out var writer), writer);

    /// <summary>
    /// Makes an event with one argument in which every <c>byte[]</c> and <see cref="ReadOnlyMemory{T}"/> of bytes
    /// travels as bytes, not as text; clients see it as a buffer. The bytes are copied.
    /// </summary>
    /// <exception cref="ArgumentException">Clients keep the name for themselves (<c>connect</c>, <c>disconnect</c>, …).</exception>
    public static EventMessage CreateBinary<T>(string name, T argument)
    {
        var json = Begin(name, out var writer);
        var attachments = BinaryJson.Serialize(writer, argument);
        return End(json, writer, attachments);
    }

    /// <summary>
    /// Makes an event with the arguments in a JSON array (UTF-8), such as <see cref="SocketEvent.Json"/>, and the
    /// attachments that its placeholders name, such as <see cref="SocketEvent.Attachments"/>. The bytes are copied.
    /// </summary>
    /// <exception cref="ArgumentException">The bytes are not one JSON array, or clients keep the name for themselves (<c>connect</c>, <c>disconnect</c>, …).</exception>
    public static EventMessage FromArguments(string name, ReadOnlySpan<byte> arguments, IReadOnlyList<ReadOnlyMemory<byte>>? attachments = null)
    {
        if (!Utf8.IsValid(arguments) || !SocketIOPacket.IsArray(arguments))
        {
            throw new ArgumentException("The arguments are not one JSON array in UTF-8.", nameof(arguments));
        }

        return Join(name, arguments, attachments);
    }

    /// <summary>
    /// Makes an event with the arguments and attachments of one that came from a client, under the same or another
    /// name; they were checked when it came. The bytes are copied.
    /// </summary>
    /// <exception cref="ArgumentException">Clients keep the name for themselves (<c>connect</c>, <c>disconnect</c>, …).</exception>
    public static EventMessage Forward(string name, SocketEvent e) => Join(name, e.Json.Span, e.Attachments);

    private static EventMessage Join(string name, ReadOnlySpan<byte> arguments, IReadOnlyList<ReadOnlyMemory<byte>>? attachments)
    {
        var inner = arguments.Trim(" \t\r\n"u8)[1..^1];
        var isEmpty = !inner.ContainsAnyExcept(" \t\r\n"u8);
        var encodedName = EncodeName(name);
        // This is the way of forwarded events, so the array is put together without a writer.
        var length = encodedName.Length + (isEmpty ? 4 : 5 + inner.Length);
        var json = length <= MaxStackBytes ? stackalloc byte[length] : new byte[length];
        json[0] = (byte)'[';
        json[1] = (byte)'"';
        encodedName.CopyTo(json[2..]);
        json[2 + encodedName.Length] = (byte)'"';
        if (!isEmpty)
        {
            json[3 + encodedName.Length] = (byte)',';
            inner.CopyTo(json[(4 + encodedName.Length)..]);
        }

        json[^1] = (byte)']';
        return new EventMessage(json, attachments is { Count: > 0 } ? [.. attachments.Select(static attachment => (ReadOnlyMemory<byte>)attachment.ToArray())] : []);
    }

    /// <summary>Makes an event with one argument that is JSON already (UTF-8). The bytes are copied.</summary>
    /// <exception cref="ArgumentException">The bytes are not one JSON value, or clients keep the name for themselves (<c>connect</c>, <c>disconnect</c>, …).</exception>
    public static EventMessage FromJson(string name, ReadOnlySpan<byte> argument)
    {
        CheckIsOneValue(argument);
        var json = Begin(name, out var writer);
        writer.WriteRawValue(argument, skipInputValidation: true);
        return End(json, writer);
    }

    /// <summary>Makes an event again from the <see cref="Json"/> and <see cref="Attachments"/> of another, which came from another node. The JSON is copied.</summary>
    /// <exception cref="ArgumentException">The bytes are not one JSON array that begins with a name.</exception>
    public static EventMessage FromPacket(ReadOnlyMemory<byte> json, IReadOnlyList<ReadOnlyMemory<byte>> attachments)
    {
        ArgumentNullException.ThrowIfNull(attachments);
        if (!Utf8.IsValid(json.Span) || !SocketIOPacket.IsArray(json.Span) || json.Span[1..].TrimStart(" \t\r\n"u8) is not [(byte)'"', ..])
        {
            throw new ArgumentException("The packet is not one JSON array that begins with a name.", nameof(json));
        }

        return new EventMessage(json.Span, attachments);
    }

    /// <summary>Gets the event as one JSON array, its name and its arguments, in UTF-8.</summary>
    public ReadOnlyMemory<byte> Json => _packet.Payload[^_jsonBytes..];

    /// <summary>Gets the bytes that the placeholders in <see cref="Json"/> stand for.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Attachments => _attachments;

    /// <summary>Gets the event's JSON array, for logs and tests.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Json.Span);

    /// <summary>Makes the same event with one more argument at the end, a text that needs no escaping in JSON.</summary>
    internal EventMessage WithArgument(string plain)
    {
        var array = Json.Span.TrimEnd(" \t\r\n"u8);
        var json = new byte[array.Length + plain.Length + 3];
        array[..^1].CopyTo(json);
        json[array.Length - 1] = (byte)',';
        json[array.Length] = (byte)'"';
        Encoding.ASCII.GetBytes(plain, json.AsSpan(array.Length + 1));
        json[^2] = (byte)'"';
        json[^1] = (byte)']';
        return new EventMessage(json, _attachments);
    }

    /// <summary>Gets the packet and its attachments for sockets of a namespace, encoded at most once for all of them (for the namespaces in turn).</summary>
    internal ReadOnlySpan<WebSocketFrame> GetFrames(string @namespace, int engineIOVersion)
    {
        if (engineIOVersion == 4 && @namespace == "/")
        {
            return _packetAndAttachments is null ? new ReadOnlySpan<WebSocketFrame>(in _packet) : _packetAndAttachments;
        }

        var others = _others ??= new OtherForms();
        var last = others.Last;
        if (last is null || last.Namespace != @namespace || last.EngineIOVersion != engineIOVersion)
        {
            others.Last = last = new NamedFrames(@namespace, engineIOVersion, Encode(@namespace, engineIOVersion, -1));
        }

        return last.Frames;
    }

    /// <summary>Encodes the packet with an ack id, for one socket.</summary>
    internal WebSocketFrame[] Encode(string @namespace, int engineIOVersion, long id) =>
        PacketEncoder.Encode(SocketIOPacketType.Event, @namespace, id, engineIOVersion == 3 ? GetAsciiJson() : Json.Span, engineIOVersion, _attachments);

    private byte[] GetAsciiJson()
    {
        var others = _others ??= new OtherForms();
        return others.AsciiJson ??= AsciiJson.Escape(Json.ToArray());
    }

    private static ReadOnlySpan<byte> EncodeName(string name)
    {
        CheckName(name);
        var last = _lastName;
        if (last is null || last.Name != name)
        {
            _lastName = last = new EncodedName(name, JsonEncodedText.Encode(name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping));
        }

        return last.Json.EncodedUtf8Bytes;
    }

    private static void CheckName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (ReservedNames.Contains(name))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The event name '{name}' is reserved: clients raise it themselves."), nameof(name));
        }
    }

    private static ArrayBufferWriter<byte> Begin(string name, out Utf8JsonWriter writer)
    {
        CheckName(name);
        var json = new ArrayBufferWriter<byte>();
        writer = new Utf8JsonWriter(json, Writer);
        writer.WriteStartArray();
        writer.WriteStringValue(name);
        return json;
    }

    private static EventMessage End(ArrayBufferWriter<byte> json, Utf8JsonWriter writer, IReadOnlyList<ReadOnlyMemory<byte>>? attachments = null)
    {
        writer.Flush();
        json.Write("]"u8);
        return new EventMessage(json.WrittenSpan, attachments ?? []);
    }

    private static void CheckIsOneValue(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            if (Utf8.IsValid(json) && reader.Read() && reader.TrySkip() && !reader.Read())
            {
                return;
            }
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"The argument is not one JSON value: {e.Message}", nameof(json), e);
        }

        throw new ArgumentException("The argument is not one JSON value in UTF-8.", nameof(json));
    }

    private sealed record EncodedName(string Name, JsonEncodedText Json);

    private sealed class OtherForms
    {
        public volatile byte[]? AsciiJson;
        public volatile NamedFrames? Last;
    }

    private sealed record NamedFrames(string Namespace, int EngineIOVersion, WebSocketFrame[] Frames);
}
