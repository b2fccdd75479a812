using System.Buffers;
using System.Text.Json;

namespace SocketIO;

/// <summary>An event on its way to the handlers of a socket, with a copy of its arguments that lives until they have run.</summary>
internal sealed class IncomingEvent
{
    private readonly Socket _socket;
    private byte[]? _buffer;
    private readonly int _length;
    private JsonDocument? _document;
    private int _isAcknowledged;

    private IncomingEvent(Socket socket, string name, long id, byte[] buffer, int length, int count, IReadOnlyList<ReadOnlyMemory<byte>> attachments)
    {
        _socket = socket;
        _buffer = buffer;
        _length = length;
        Name = name;
        Id = id;
        Count = count;
        Attachments = attachments;
    }

    public string Name { get; }

    /// <summary>Gets the ack id, -1 without one.</summary>
    public long Id { get; }

    public int Count { get; }

    public ReadOnlyMemory<byte> Json => _buffer.AsMemory(0, _length);

    /// <summary>Gets what the event counts while it waits for its handlers.</summary>
    public long PendingBytes => 256 + (_buffer?.Length ?? 0) + Attachments.Sum(static attachment => (long)attachment.Length);

    public IReadOnlyList<ReadOnlyMemory<byte>> Attachments { get; }

    /// <summary>Copies the arguments; the attachments are taken over.</summary>
    public static IncomingEvent Create(
        Socket socket, string name, long id, ReadOnlySpan<byte> arguments, int count, IReadOnlyList<ReadOnlyMemory<byte>> attachments)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(arguments.Length);
        arguments.CopyTo(buffer);
        return new IncomingEvent(socket, name, id, buffer, arguments.Length, count, attachments);
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
            _socket.SendAcknowledgement(Id, arguments, attachments ?? []);
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
    }
}
