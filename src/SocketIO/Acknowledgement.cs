using System.Text.Json;

using SocketIO.Packets;

namespace SocketIO;

/// <summary>A client's answer to an event.</summary>
/// <param name="Json">The arguments: a JSON array in UTF-8.</param>
/// <param name="Attachments">The bytes that came with it, in the order of their numbers in the placeholders of <paramref name="Json"/>.</param>
public sealed record Acknowledgement(ReadOnlyMemory<byte> Json, IReadOnlyList<ReadOnlyMemory<byte>> Attachments)
{
    /// <summary>Gets the bytes that stand at an argument, or anywhere in one; false when the element is something else.</summary>
    public bool TryGetBytes(JsonElement element, out ReadOnlyMemory<byte> bytes)
    {
        var number = BinaryJson.ReadPlaceholder(element);
        bytes = (uint)number < (uint)Attachments.Count ? Attachments[number] : default;
        return (uint)number < (uint)Attachments.Count;
    }
}
