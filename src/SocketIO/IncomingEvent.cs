using System.Buffers;
using System.Text.Json;

namespace SocketIO;

/// <summary>
/// An event on its way to the handlers of a socket, with a copy of its arguments that lives until they have run. One
/// that nobody can acknowledge is used again then.
/// </summary>
internal sealed class IncomingEvent
{
    [ThreadStatic]
    private static IncomingEvent? _spare;

    private Socket? _socket;
    private byte[]? _buffer;
    private int _length;
    private JsonDocument? _document;
    private int _isAcknowledged;

    private IncomingEvent()
    {
    }

    /// <summary>Gets how often the object has been another event before.</summary>
    public int Uses { get; private set; }

    public string Name { get; private set; } = "";

    /// <summary>Gets the ack id, -1 without one.</summary>
    public long Id { get; private set; }

    public int Count { get; private set; }

    public ReadOnlyMemory<byte> Json => _buffer.AsMemory(0, _length);

    /// <summary>Gets what the event counts while it waits for its handlers.</summary>
    public long PendingBytes => 256 + (_buffer?.Length ?? 0) + Attachments.Sum(static attachment => (long)attachment.Length);

    public IReadOnlyList<ReadOnlyMemory<byte>> Attachments { get; private set; } = [];

    /// <summary>Copies the arguments; the attachments are taken over.</summary>
    public static IncomingEvent Create(
        Socket socket, string name, long id, ReadOnlySpan<byte> arguments, int count, IReadOnlyList<ReadOnlyMemory<byte>> attachments)
    {
        var incoming = _spare ?? new IncomingEvent();
        _spare = null;
        incoming._socket = socket;
        incoming._buffer = ArrayPool<byte>.Shared.Rent(arguments.Length);
        incoming._length = arguments.Length;
        incoming.Name = name;
        incoming.Id = id;
        incoming.Count = count;
        incoming.Attachments = attachments;
        arguments.CopyTo(incoming._buffer);
        return incoming;
    }

    public JsonElement GetArgument(int index)
    {
        if ((uint)index >= (uint)Count)
        {
            return default;
        }

        _document ??= JsonDocument.Parse(Json);
        return _document.RootElement[index];
    }

    public void Acknowledge(ReadOnlySpan<byte> arguments, IReadOnlyList<ReadOnlyMemory<byte>>? attachments = null)
    {
        if (Id >= 0 && Interlocked.Exchange(ref _isAcknowledged, 1) == 0)
        {
            _socket!.SendAcknowledgement(Id, arguments, attachments ?? []);
        }
    }

    /// <summary>Gives the buffer back when the handlers have run.</summary>
    public void Release()
    {
        _document?.Dispose();
        _document = null;
        if (_buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (Id < 0)
        {
            Uses++;
            _socket = null;
            Attachments = [];
            _spare = this;
        }
    }
}
