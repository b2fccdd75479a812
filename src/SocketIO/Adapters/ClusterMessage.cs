using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SocketIO.Adapters;

/// <summary>What one node asks of the others.</summary>
internal enum ClusterOperation
{
    /// <summary>Send <see cref="ClusterMessage.Packet"/> to the audience.</summary>
    Broadcast,

    /// <summary>Send it, and answer with the acknowledgements.</summary>
    Ask,

    /// <summary>Answer with the sockets of the audience.</summary>
    Fetch,

    /// <summary>Add the audience to <see cref="ClusterMessage.Room"/>.</summary>
    Join,

    /// <summary>Remove the audience from it.</summary>
    Leave,

    /// <summary>End the audience's sockets.</summary>
    Disconnect,

    /// <summary>The answer to <see cref="Ask"/> or <see cref="Fetch"/>, for the node that asked.</summary>
    Answer,

    /// <summary>The node is there.</summary>
    Heartbeat,

    /// <summary>The node has just come: the others say at once that they are there.</summary>
    InitialHeartbeat,

    /// <summary>The node goes.</summary>
    Close,
}

/// <summary>A message between nodes, JSON in UTF-8. The event in it is the very array that clients get.</summary>
/// <example>
/// An object whose first member is <c>from</c>, and in which what is null, false or 0 is left out:
/// <code>
/// {"from":"kWq…","operation":"heartbeat"}
/// {"from":"kWq…","operation":"broadcast","namespace":"/","rooms":["a"],"except":["b"],"packet":["said",{"text":"hello"}]}
/// {"from":"kWq…","operation":"fetch","request":7,"namespace":"/","rooms":["a"]}
/// {"from":"x3B…","operation":"answer","request":7,"namespace":"/","to":"kWq…","sockets":[{"id":"…","rooms":["a"],"remoteAddress":"192.0.2.1","engineIOVersion":4}]}
/// </code>
/// Bytes (<c>attachments</c>) are base64, times (<c>timeout</c>) <c>hh:mm:ss.fffffff</c>.
/// </example>
internal sealed record ClusterMessage
{
    private static readonly JsonSerializerOptions Serializer = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter<ClusterOperation>(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Gets the node that sent the message.</summary>
    [JsonPropertyOrder(-1)]
    public required string From { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required ClusterOperation Operation { get; init; }

    /// <summary>Gets the number of the request, for an answer's sake.</summary>
    public long Request { get; init; }

    public string Namespace { get; init; } = "/";

    public string[]? Rooms { get; init; }

    public string[]? Except { get; init; }

    [JsonConverter(typeof(RawJson))]
    public ReadOnlyMemory<byte>? Packet { get; init; }

    public IReadOnlyList<ReadOnlyMemory<byte>>? Attachments { get; init; }

    public bool IsVolatile { get; init; }

    public string? Room { get; init; }

    public bool ClosesConnection { get; init; }

    /// <summary>Gets how long acknowledgements are waited for.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>Gets the node that an answer is for.</summary>
    public string? To { get; init; }

    public IReadOnlyList<SocketInfo>? Sockets { get; init; }

    public IReadOnlyList<ClusterAcknowledgement>? Acknowledgements { get; init; }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Serializer);

    /// <summary>Reads a message.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static ClusterMessage Parse(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize<ClusterMessage>(json, Serializer) ?? throw new JsonException("A message between nodes is null.");

    /// <summary>JSON that is carried as it is.</summary>
    internal sealed class RawJson : JsonConverter<ReadOnlyMemory<byte>>
    {
        public override ReadOnlyMemory<byte> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var document = JsonDocument.ParseValue(ref reader);
            return JsonMarshal.GetRawUtf8Value(document.RootElement).ToArray();
        }

        public override void Write(Utf8JsonWriter writer, ReadOnlyMemory<byte> value, JsonSerializerOptions options) =>
            writer.WriteRawValue(value.Span, skipInputValidation: true);
    }
}

/// <summary>The acknowledgement of one socket.</summary>
internal sealed record ClusterAcknowledgement(
    string Id,
    [property: JsonConverter(typeof(ClusterMessage.RawJson))] ReadOnlyMemory<byte> Json,
    IReadOnlyList<ReadOnlyMemory<byte>> Attachments);
