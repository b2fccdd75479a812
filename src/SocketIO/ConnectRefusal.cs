using System.Text.Json;

namespace SocketIO;

/// <summary>Why a client may not join a namespace.</summary>
/// <param name="Message">What the client is told, as the message of its <c>connect_error</c>.</param>
/// <param name="Data">More for the client, serialized as JSON; clients 3.x and 4.x see it as the error's <c>data</c>, clients 1.x and 2.x in place of the message.</param>
public sealed record ConnectRefusal(string Message, object? Data = null)
{
    /// <summary>
    /// Gets what refuses nobody for good: whether the client may join cannot be told now. Its connection is closed without a
    /// word, and the libraries come again by themselves, which they do not after a refusal.
    /// </summary>
    public static ConnectRefusal Later { get; } = new("Later");

    /// <summary>Encodes the refusal in the client's way.</summary>
    internal byte[] ToJson(int engineIOVersion)
    {
        if (engineIOVersion == 3)
        {
            return Packets.AsciiJson.Escape(JsonSerializer.SerializeToUtf8Bytes(Data ?? Message, EventMessage.Serializer));
        }

        return Data is null
            ? JsonSerializer.SerializeToUtf8Bytes(new { message = Message }, EventMessage.Serializer)
            : JsonSerializer.SerializeToUtf8Bytes(new { message = Message, data = Data }, EventMessage.Serializer);
    }
}
