using System.Text.Json;
using System.Text.Unicode;

using SocketIO.Packets;

namespace SocketIO;

/// <summary>An event from a client. Valid only while its handler runs, but for <see cref="Acknowledge"/>.</summary>
public readonly struct SocketEvent
{
    private readonly IncomingEvent _incoming;
    private readonly int _use;

    internal SocketEvent(IncomingEvent incoming)
    {
        _incoming = incoming;
        _use = incoming.Uses;
    }

    private IncomingEvent Event => _incoming.Uses == _use
        ? _incoming
        : throw new InvalidOperationException("The handlers of the event have run; it must not be used any more.");

    /// <summary>Gets the event's name.</summary>
    public string Name => Event.Name;

    /// <summary>Gets the arguments as the client sent them: a JSON array in UTF-8, without the name.</summary>
    public ReadOnlyMemory<byte> Json => Event.Json;

    /// <summary>Gets the number of arguments.</summary>
    public int Count => Event.Count;

    /// <summary>Gets an argument; one that is missing is an element of kind <see cref="JsonValueKind.Undefined"/>.</summary>
    public JsonElement this[int index] => Event.GetArgument(index);

    /// <summary>Gets the bytes that came with the event, in the order of their numbers in the placeholders of <see cref="Json"/> (<c>{"_placeholder":true,"num":0}</c>).</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Attachments => Event.Attachments;

    /// <summary>Gets the bytes that stand at an argument, or anywhere in one; false when the element is something else.</summary>
    public bool TryGetBytes(JsonElement element, out ReadOnlyMemory<byte> bytes)
    {
        var number = BinaryJson.ReadPlaceholder(element);
        bytes = (uint)number < (uint)Attachments.Count ? Attachments[number] : default;
        return (uint)number < (uint)Attachments.Count;
    }

    /// <summary>Gets whether the client asked for an acknowledgement.</summary>
    public bool WantsAcknowledgement => _incoming.Uses == _use && _incoming.Id >= 0;

    /// <summary>Sends the acknowledgement with one argument. Does nothing when none was asked for; at most one is sent.</summary>
    public void Acknowledge<T>(T argument) => Answer(JsonSerializer.SerializeToUtf8Bytes(new[] { argument }, EventMessage.Serializer));

    /// <summary>Sends the acknowledgement without arguments. Does nothing when none was asked for; at most one is sent.</summary>
    public void Acknowledge() => Answer("[]"u8);

    /// <summary>
    /// Sends the acknowledgement with the arguments in a JSON array (UTF-8) and the attachments its placeholders name.
    /// Does nothing when none was asked for; at most one is sent.
    /// </summary>
    /// <exception cref="ArgumentException">The bytes are not one JSON array.</exception>
    public void AcknowledgeJson(ReadOnlySpan<byte> arguments, IReadOnlyList<ReadOnlyMemory<byte>>? attachments = null)
    {
        if (!Utf8.IsValid(arguments) || !SocketIOPacket.IsArray(arguments))
        {
            throw new ArgumentException("The arguments are not one JSON array in UTF-8.", nameof(arguments));
        }

        Answer(arguments, attachments);
    }

    private void Answer(ReadOnlySpan<byte> arguments, IReadOnlyList<ReadOnlyMemory<byte>>? attachments = null)
    {
        if (WantsAcknowledgement)
        {
            _incoming.Acknowledge(arguments, attachments);
        }
    }
}
