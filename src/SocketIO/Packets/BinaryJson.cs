using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SocketIO.Packets;

/// <summary>Serializes values whose bytes travel as attachments: in the JSON stands <c>{"_placeholder":true,"num":0}</c>.</summary>
internal static class BinaryJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = null,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new BytesConverter<byte[]>(bytes => bytes), new BytesConverter<ReadOnlyMemory<byte>>(bytes => bytes), new BytesConverter<Memory<byte>>(bytes => bytes) },
    };

    [ThreadStatic]
    private static List<ReadOnlyMemory<byte>>? _attachments;

    /// <summary>Writes the value and returns its bytes, in the order of their placeholders. The bytes are copied.</summary>
    public static List<ReadOnlyMemory<byte>> Serialize<T>(Utf8JsonWriter writer, T value)
    {
        // Converters know only the writer. A value's own getter may serialize another message meanwhile.
        var outer = _attachments;
        var attachments = _attachments = [];
        try
        {
            JsonSerializer.Serialize(writer, value, Options);
            return attachments;
        }
        finally
        {
            _attachments = outer;
        }
    }

    /// <summary>Gets the number in a placeholder, -1 when the element is none.</summary>
    public static int ReadPlaceholder(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty("_placeholder", out var isPlaceholder) && isPlaceholder.ValueKind == JsonValueKind.True
        && element.TryGetProperty("num", out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var num)
            ? num
            : -1;

    private sealed class BytesConverter<T>(Func<T, ReadOnlyMemory<byte>> getBytes) : JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            writer.WriteBoolean("_placeholder"u8, true);
            writer.WriteNumber("num"u8, _attachments!.Count);
            writer.WriteEndObject();
            _attachments.Add(getBytes(value).ToArray());
        }
    }
}
